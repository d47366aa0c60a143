package topics_test

import (
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/runtime/topics"
	vectors2 "github.com/omninode-ai/onexevents/testdata/vectors-2"
)

// The event type of a topic is the one that OmniNode's packages take from its name.
func TestEventTypeIsTheReferences(t *testing.T) {
	var names []struct {
		Topic     string
		EventType string `json:"event_type"` // null is ""
	}
	vectors2.Read(t, "topics.json", &names)
	for _, name := range names {
		if got := topics.EventType(name.Topic); got != name.EventType && strings.HasPrefix(name.Topic, "onex.") {
			t.Errorf("%q has the event type %q, and theirs is %q", name.Topic, got, name.EventType)
		}
	}
	if len(names) != 40 {
		t.Errorf("%d names", len(names))
	}
}
