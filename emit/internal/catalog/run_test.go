package catalog

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/page"
)

// Events of both profiles, bare or as the values of records, are found by their
// topics; what comes twice is one, and what is of no node is counted apart.
func TestRunFindsCauses(t *testing.T) {
	run, err := ReadRun([]byte("\uFEFF" + strings.Join([]string{
		`{"event_id":"1","event_type":"effect.a.started","event_version":"1.0","metadata":{"service_name":"svc"}}`,
		``,
		`{"topic":"t","value":{"event_id":"2","event_type":"effect.a.completed","event_version":"1.0","source_service":"svc","causation_id":"1"}}`,
		`{"event_id":"2","event_type":"effect.a.completed","event_version":"1.0","source_service":"svc","causation_id":"1"}`,
		`{"envelope_id":"3","event_type":"svc.effect-b-started","payload_schema_version":{"major":2},"metadata":{"tags":{"causation_id":"1"}}}`,
		`{"envelope_id":"4","event_type":"svc.effect-b-started","payload_schema_version":{"major":1},"parent_message_id":"nowhere"}`,
		`{"envelope_id":"5","event_type":"svc.effect-b-started","payload_schema_version":{"major":2},"parent_message_id":"1"}`,
		`{"not_an_event":"not JSON","topic":"t","partition":0,"offset":0,"key":null,"value":"AA=="}`,
	}, "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	started, completed, second := &page.Event{ID: "a"}, &page.Event{ID: "b"}, &page.Event{ID: "c"}
	got := run.on(map[string]*page.Event{
		"{namespace}.svc.effect.a.started.v1": started, "{namespace}.svc.effect.a.completed.v1": completed, "onex.evt.svc.effect-b-started.v2": second,
	})
	if got.Events != 5 || got.Foreign != 1 || got.Seen[started] != 1 || got.Seen[completed] != 1 || got.Seen[second] != 2 {
		t.Errorf("run %+v", got)
	}
	want := []page.Cause{{From: started, To: completed, Times: 1}, {From: started, To: second, Times: 2}}
	if fmt.Sprint(got.Causes) != fmt.Sprint(want) {
		t.Errorf("causes %v, want %v", got.Causes, want)
	}
}

// Each line that is no event is reported with its number, up to a bound.
func TestReadRunMistakes(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"", "there is no event in it; write what onexctl tail -json prints"},
		{"\n \n", "there is no event in it; write what onexctl tail -json prints"},
		{"[1]\n", "1: this is no event in JSON"},
		{"\n{\"event_id\":\"1\"}\n{", "2: this is no event: it has no event_type with an event_id or an envelope_id; write what onexctl tail -json prints\n3: this is no event in JSON (unexpected end of JSON input); write"},
		{`{"value":{"a":1}}`, "1: this is no event: it has no event_type"},
		{`{"value":"text"}`, "1: this is no event in JSON"},
		{strings.Repeat("x\n", 30), "(and 20 more lines are wrong)"},
	} {
		run, err := ReadRun([]byte(tt.src))
		if err == nil {
			t.Errorf("%q: %+v, want an error", tt.src, run)
			continue
		}
		var at strings.Builder
		for _, d := range diagnosticsOf(t, err) {
			if d.Pos.Line > 0 {
				fmt.Fprintf(&at, "%d: ", d.Pos.Line)
			}
			at.WriteString(d.Message + "\n")
		}
		if !strings.Contains(at.String(), tt.want) || strings.Count(at.String(), "\n") > mostMistakes {
			t.Errorf("%q: %s\nwant %s", tt.src, at.String(), tt.want)
		}
	}
}

func diagnosticsOf(t *testing.T, err error) (diags annotate.Diagnostics) {
	t.Helper()
	if !errors.As(err, &diags) {
		t.Fatalf("%T: %v", err, err)
	}
	return diags
}
