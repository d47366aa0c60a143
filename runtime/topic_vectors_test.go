package onex_test

import (
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
	vectors2 "github.com/omninode-ai/onexevents/testdata/vectors-2"
)

// A topic of Profile2 passes both of OmniNode's checks, and Kafka's.
func TestTopicsOfProfile2PassTheReferencesChecks(t *testing.T) {
	var names []struct {
		Topic    string
		Bus      string
		Core     bool
		Kafka    bool `json:"kafka_name_check"`
		Category string
	}
	vectors2.Read(t, "topics.json", &names)
	passed := 0
	for _, name := range names {
		if !onex.IsTopicV2(name.Topic) {
			continue
		}
		if passed++; name.Bus != "valid" || !name.Core || !name.Kafka || name.Category != "event" {
			t.Errorf("%q: %+v", name.Topic, name)
		}
	}
	if passed < 4 {
		t.Errorf("only %d of %d names pass here", passed, len(names))
	}
}
