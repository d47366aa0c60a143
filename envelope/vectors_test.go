package envelope

import (
	"encoding/json"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/testdata/vectors"
)

// The vectors are what the Python reference wrote; see testdata/vectors.

// normal gives two JSON texts the same bytes if they hold the same values
// with their keys in the same order. Numbers keep their spelling.
func normal(t testing.TB, raw []byte) string {
	t.Helper()
	b, err := jsontext.AppendFormat(nil, raw)
	if err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return string(b)
}

type envelopeVectors struct {
	Envelopes []struct{ Name, Bytes, Key string }
}

func TestEnvelopeVectors(t *testing.T) {
	var v envelopeVectors
	vectors.Read(t, "envelopes.json", &v)
	if len(v.Envelopes) != 7 {
		t.Fatalf("%d envelopes, want 7", len(v.Envelopes))
	}
	for _, want := range v.Envelopes {
		t.Run(want.Name, func(t *testing.T) {
			e, err := Decode([]byte(want.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := normal(t, got), normal(t, []byte(want.Bytes)); got != want {
				t.Errorf("decoded and encoded again:\n got %s\nwant %s", got, want)
			}
			if got := e.RecordKey(); got != want.Key {
				t.Errorf("record key %q, want %q", got, want.Key)
			}
			if err := e.Validate(); err != nil {
				t.Errorf("Validate: %v", err)
			}
		})
	}
}

type eventVector struct {
	Name string
	Node struct{ Type, Service, ID, Namespace string }
	Event, Operation, Now,
	Topic, Key string
	Args struct {
		CorrelationID    *uuid.UUID      `json:"correlation_id"`
		InputTypes       json.RawMessage `json:"input_types"`
		ResultTypes      json.RawMessage `json:"result_types"`
		ExecutionTimeMS  float64         `json:"execution_time_ms"`
		ErrorType        string          `json:"error_type"`
		ErrorMessage     string          `json:"error_message"`
		OldState         string          `json:"old_state"`
		NewState         string          `json:"new_state"`
		TransitionReason string          `json:"transition_reason"`
		MetricName       string          `json:"metric_name"`
		MetricValue      float64         `json:"metric_value"`
		MetricUnit       string          `json:"metric_unit"`
		Metadata         json.RawMessage
	}
	Envelope json.RawMessage
}

// payload builds what the reference was called with.
func (v *eventVector) payload(t *testing.T) Payload {
	t.Helper()
	now, err := parseTime(v.Now)
	if err != nil {
		t.Fatal(err)
	}
	summary := func(raw json.RawMessage) (s Summary) {
		r, err := readObject(raw, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range r.members {
			name, err := r.stringOf(&m)
			if err != nil {
				t.Fatal(err)
			}
			s = append(s, SummaryField{m.name, name})
		}
		return s
	}
	a := v.Args
	switch v.Event {
	case "started":
		return OperationStarted{v.Operation, *a.CorrelationID, v.Node.ID, now, summary(a.InputTypes), nil, a.Metadata}
	case "completed":
		return OperationCompleted{v.Operation, *a.CorrelationID, v.Node.ID, now, a.ExecutionTimeMS, summary(a.ResultTypes), nil, a.Metadata}
	case "failed":
		return OperationFailed{v.Operation, *a.CorrelationID, v.Node.ID, now, a.ExecutionTimeMS, a.ErrorType, a.ErrorMessage, a.Metadata}
	case "state":
		return StateChanged{v.Node.ID, v.Node.Type, *a.CorrelationID, now, a.OldState, a.NewState, a.TransitionReason, a.Metadata}
	case "metric":
		return MetricRecorded{v.Node.ID, v.Node.Type, now, a.MetricName, a.MetricValue, a.MetricUnit, a.CorrelationID, a.Metadata}
	}
	t.Fatalf("no such event: %s", v.Event)
	return nil
}

func TestEventVectors(t *testing.T) {
	var events []eventVector
	vectors.Read(t, "events.json", &events)
	if len(events) != 9 {
		t.Fatalf("%d events, want 9", len(events))
	}
	for _, v := range events {
		t.Run(v.Name, func(t *testing.T) {
			id := uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7")
			payload := v.payload(t)
			e, err := Wrap(id, payload, v.Node.Type, v.Node.Service)
			if err != nil {
				t.Fatal(err)
			}
			e.SourceService, e.SourceVersion = new("omninode-bridge"), new("1.0.0") // the reference's constants
			got, err := e.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			checkTemplate(t, e, payload, v.Node.Type, v.Node.Service)
			if got, want := normal(t, got), normal(t, v.Envelope); got != want {
				t.Errorf("encoded:\n got %s\nwant %s", got, want)
			}
			if got := e.RecordKey(); got != v.Key {
				t.Errorf("record key %q, want %q", got, v.Key)
			}

			read, err := Decode(v.Envelope)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := read.DecodePayload()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := encodePayload(t, decoded), encodePayload(t, payload); got != want {
				t.Errorf("decoded payload:\n got %s\nwant %s", got, want)
			}
		})
	}
}

func encodePayload(t testing.TB, p Payload) string {
	t.Helper()
	b, err := p.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
