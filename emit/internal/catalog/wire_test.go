package catalog

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/testdata/vectors"
)

// onNode returns the events of a node with one operation, by their stages.
func onNode(typ, service, operation string) map[string]event {
	n := &annotate.Node{
		Package: "p", Name: "Node", Type: typ, Service: service,
		Operations: []annotate.Operation{{Name: operation, Input: &annotate.Untyped, Result: &annotate.Untyped}},
	}
	events := map[string]event{}
	for _, e := range described(&annotate.Package{Path: "p"}, n).events() {
		events[e.Stage] = e
	}
	return events
}

// whatEnvelopeWrites returns each event without all that can be left out or
// null, and with all of it, by the stages.
func whatEnvelopeWrites(t *testing.T) map[string][]json.RawMessage {
	t.Helper()
	now, id := time.Now(), uuid.New()
	summary := envelope.Summary{{Key: "a", Type: "str"}}
	more := json.RawMessage(`{"k":1}`)
	written := map[string][]json.RawMessage{}
	add := func(stage string, payloads ...envelope.Payload) {
		for i, p := range payloads {
			e, err := envelope.Wrap(id, p, "reducer", "svc")
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 {
				s := new("s")
				e.SourceService, e.SourceVersion, e.SourceInstance, e.CausationID, e.Region, e.PartitionKey = s, s, s, s, s, s
			}
			raw, err := e.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			written[stage] = append(written[stage], raw)
		}
	}
	add("started",
		envelope.OperationStarted{Operation: "op", CorrelationID: id, NodeID: "n", StartedAt: now},
		envelope.OperationStarted{Operation: "op", CorrelationID: id, NodeID: "n", StartedAt: now, InputSummary: summary, Metadata: more})
	add("completed",
		envelope.OperationCompleted{Operation: "op", CorrelationID: id, NodeID: "n", CompletedAt: now},
		envelope.OperationCompleted{Operation: "op", CorrelationID: id, NodeID: "n", CompletedAt: now, ResultSummary: summary, Metadata: more})
	add("failed",
		envelope.OperationFailed{Operation: "op", CorrelationID: id, NodeID: "n", FailedAt: now},
		envelope.OperationFailed{Operation: "op", CorrelationID: id, NodeID: "n", FailedAt: now, Metadata: more})
	add("changed",
		envelope.StateChanged{NodeID: "n", NodeType: "reducer", CorrelationID: id, ChangedAt: now},
		envelope.StateChanged{NodeID: "n", NodeType: "reducer", CorrelationID: id, ChangedAt: now, Metadata: more})
	add("recorded",
		envelope.MetricRecorded{NodeID: "n", NodeType: "reducer", RecordedAt: now},
		envelope.MetricRecorded{NodeID: "n", NodeType: "reducer", RecordedAt: now, CorrelationID: &id, Metadata: more})
	return written
}

// What the fields say is what package envelope writes, no more and no less.
func TestWireIsWhatEnvelopeWrites(t *testing.T) {
	events := onNode("reducer", "svc", "op")
	written := whatEnvelopeWrites(t)
	if len(events) != len(written) {
		t.Fatalf("%d events, and %d are written", len(events), len(written))
	}
	envelopes := newSeen() // the keys of all envelopes together
	for stage, e := range events {
		seen := newSeen()
		for _, raw := range written[stage] {
			match(t, e.fields, raw, "", seen)
			match(t, e.fields, raw, "", envelopes)
		}
		for _, f := range fieldOf(e.fields, "payload") {
			if at := ".payload." + f.key; seen.absent[at] != f.optional || !seen.there[at] {
				t.Errorf("%s: %s is optional: %v; left out: %v; there: %v", stage, at, f.optional, seen.absent[at], seen.there[at])
			}
		}
	}
	for _, f := range events["started"].fields {
		if at := "." + f.key; envelopes.null[at] != f.nullable || !envelopes.there[at] {
			t.Errorf("%s is nullable: %v; null: %v; there: %v", at, f.nullable, envelopes.null[at], envelopes.there[at])
		}
	}
	if eventVersion != envelope.DefaultVersion {
		t.Errorf("version %s, and envelope writes %s", eventVersion, envelope.DefaultVersion)
	}
}

// The fields, and the topics, are those of the Python reference.
func TestWireIsWhatTheReferenceWrites(t *testing.T) {
	var events []struct {
		Name, Operation, Topic string
		Node                   struct{ Type, Service, Namespace string }
		Envelope               json.RawMessage
	}
	vectors.Read(t, "events.json", &events)
	stages := map[string]bool{}
	for _, v := range events {
		t.Run(v.Name, func(t *testing.T) {
			var published struct {
				Type string `json:"event_type"`
			}
			if err := json.Unmarshal(v.Envelope, &published); err != nil {
				t.Fatal(err)
			}
			for stage, e := range onNode(v.Node.Type, v.Node.Service, v.Operation) {
				if e.Literal != published.Type {
					continue
				}
				stages[stage] = true
				match(t, e.fields, v.Envelope, "", newSeen())
				if got := naming.Topic(v.Node.Namespace, &annotate.Node{Service: v.Node.Service}, e.Event); got != v.Topic {
					t.Errorf("topic %s, want %s", got, v.Topic)
				}
				return
			}
			t.Errorf("no event of type %s", published.Type)
		})
	}
	if len(stages) != 5 {
		t.Errorf("the vectors show %v", stages)
	}
}

// An example is an envelope as package envelope writes it, to the letter.
func TestExamplesAreWhatEnvelopeWrites(t *testing.T) {
	for stage, e := range onNode("effect", "svc", "op") {
		example, err := json.Marshal(exampleOf(e.fields))
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := envelope.Decode(example)
		if err != nil {
			t.Fatalf("%s: %v", stage, err)
		}
		if err := decoded.Validate(); err != nil {
			t.Errorf("%s: %v", stage, err)
		}
		payload, err := decoded.DecodePayload()
		if err != nil {
			t.Fatalf("%s: %v", stage, err)
		}
		again, err := envelope.Wrap(decoded.EventID, payload, "effect", "svc")
		if err != nil {
			t.Fatal(err)
		}
		decoded.Payload, decoded.Metadata = again.Payload, again.Metadata
		if got, err := decoded.AppendJSON(nil); err != nil || !bytes.Equal(got, example) {
			t.Errorf("%s: %v\nwritten %s\nexample %s", stage, err, got, example)
		}
	}
}
