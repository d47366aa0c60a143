package contract_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/cmd/onexevents/internal/contract"
)

// Whatever a file holds is a contract whose node can be made, or is refused with
// places in it.
func FuzzContract(f *testing.F) {
	f.Add("node_type: EFFECT_GENERIC\nevent_bus: {publish_topics: [onex.evt.a.effect-x-started.v2, onex.evt.a.effect-state-changed.v1, onex.evt.a.y-failed.v1]}\n")
	f.Add("node_type: reducer\nname: node_a\nstate_machine: {states: [a, {state_name: b}], initial_state: b, transitions: [{from_state: '*', to_state: a}]}\n")
	f.Add("node_type: compute\nname: &x node_a\nhandler_routing: {handlers: [{operation: *x, event_model: {name: M}, output_model: a.B}]}\nterminal_event: onex.cmd.s.t.v1\n")
	f.Add("a: &a [*a]\nnode_type: *a\n")
	f.Add("a: &a\n  <<: [*a, *a, {publish_topics: []}]\nnode_type: effect\nevent_bus: *a\n")
	f.Fuzz(func(t *testing.T, src string) {
		c, err := contract.Read("c.yaml", []byte(src), "")
		var diags annotate.Diagnostics
		if err != nil && !errors.As(err, &diags) {
			t.Fatalf("%T", err)
		}
		for _, d := range append(diags, c.Notes...) {
			if lines := strings.Count(src, "\n") + 2; d.Pos.Filename != "c.yaml" || d.Pos.Line > lines || d.Pos.Line > 0 && d.Pos.Column < 1 {
				t.Errorf("%v, in %d lines", d, lines)
			}
		}
		if err != nil {
			return
		}
		if !slices.Contains(annotate.NodeTypes, c.Type.Text) || !c.State && c.States != nil {
			t.Errorf("%+v", c)
		}
		for _, op := range c.Operations {
			if strings.Trim(op.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || op.Name == "" {
				t.Errorf("operation %q", op.Name)
			}
		}
	})
}
