package catalog

import (
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
	"github.com/omninode-ai/onexevents/envelope"
	vectors2 "github.com/omninode-ai/onexevents/testdata/vectors-2"
)

// The catalog says of Profile2 what OmniNode's own packages published to.
func TestProfile2IsWhatTheBusHas(t *testing.T) {
	stages := map[string]string{
		"started": "started", "completed": "completed", "failed": "failed", "state": "changed", "metric": "recorded", "metric_correlated": "recorded",
	}
	for _, c := range vectors2.Cases(t) {
		e := onNode(c.Input.NodeType, c.Input.Service, c.Input.Operation)[stages[c.Input.Kind]]
		n := &annotate.Node{Service: c.Input.Service}
		if got := naming.Topic2(n, e.Event); got != c.Topic {
			t.Errorf("%s: topic %s, want %s", c.Name, got, c.Topic)
		}
		if got, want := naming.EventType2(n, e.Event), envelope.EventTypeV2(c.Input.Service, e.Literal); got != want {
			t.Errorf("%s: event type %s, want %s", c.Name, got, want)
		}
	}
}
