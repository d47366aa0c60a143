package onextest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// Event is an event that was published, as its readers get it, in either profile.
type Event struct {
	EventID        uuid.UUID
	EventType      string // in both profiles such as "effect.stamp.started"
	EventVersion   int    // of an operation's events; else 1
	EventTimestamp time.Time
	CorrelationID  uuid.UUID // uuid.Nil if there is none
	CausationID    string    // "" if there is none
	NodeID         string

	// Payload is the event's own part: envelope.OperationStarted,
	// OperationCompleted, OperationFailed, StateChanged or MetricRecorded.
	Payload envelope.Payload

	// Envelope is all of it: an *envelope.V1, or with Profile2 an *envelope.V2.
	Envelope envelope.Envelope

	Topic   string
	Key     string            // of the record
	Headers map[string]string // of the record
	Durable bool

	value []byte
}

// Event makes an event one that another can follow from: see
// [onex.ContextWithEvent].
func (e Event) Event() envelope.Event { return e.Envelope.Event() }

// Wire returns a copy of what would be sent: the record's value.
func (e Event) Wire() []byte { return slices.Clone(e.value) }

// String returns the event in a few words, such as "completed stamp" or "metric
// document_size = 16 bytes".
func (e Event) String() string {
	switch p := e.Payload.(type) {
	case envelope.OperationStarted:
		return kindStarted + " " + p.Operation
	case envelope.OperationCompleted:
		return kindCompleted + " " + p.Operation
	case envelope.OperationFailed:
		return kindFailed + " " + p.Operation + ": " + p.ErrorType
	case envelope.StateChanged:
		return kindState + " " + p.OldState + " → " + p.NewState
	case envelope.MetricRecorded:
		return strings.TrimSpace(kindMetric + " " + p.MetricName + " = " + number(p.MetricValue) + " " + p.MetricUnit)
	}
	return e.EventType
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func decode(topic string, key, value []byte) (Event, error) {
	env, err := envelope.DecodeAny(value)
	if err != nil {
		return Event{}, fmt.Errorf("decode an event of %s: %w", topic, err)
	}
	payload, err := envelope.PayloadOf(env)
	if err != nil {
		return Event{}, fmt.Errorf("decode an event of %s: %w", topic, err)
	}
	e := env.Event()
	return Event{
		EventID: e.ID, EventType: e.Type, EventVersion: e.Version, EventTimestamp: e.Time,
		CorrelationID: e.CorrelationID, CausationID: e.CausationID, NodeID: e.NodeID,
		Payload: payload, Envelope: env, Topic: topic, Key: string(key), value: slices.Clone(value),
	}, nil
}

// facts is what the different payloads have in common, or not; "" is what the
// event's has not.
type facts struct {
	kind, operation, errorType, errorMessage string
	oldState, newState, reason               string
	metric, value, unit                      string
	metadata                                 json.RawMessage
}

const (
	kindStarted   = "started"
	kindCompleted = "completed"
	kindFailed    = "failed"
	kindState     = "state"
	kindMetric    = "metric"
)

func (e Event) facts() facts {
	switch p := e.Payload.(type) {
	case envelope.OperationStarted:
		return facts{kind: kindStarted, operation: p.Operation, metadata: p.Metadata}
	case envelope.OperationCompleted:
		return facts{kind: kindCompleted, operation: p.Operation, metadata: p.Metadata}
	case envelope.OperationFailed:
		return facts{kind: kindFailed, operation: p.Operation, errorType: p.ErrorType, errorMessage: p.ErrorMessage, metadata: p.Metadata}
	case envelope.StateChanged:
		return facts{kind: kindState, oldState: p.OldState, newState: p.NewState, reason: p.TransitionReason, metadata: p.Metadata}
	case envelope.MetricRecorded:
		return facts{kind: kindMetric, metric: p.MetricName, value: number(p.MetricValue), unit: p.MetricUnit, metadata: p.Metadata}
	}
	return facts{}
}

// correlation is "" if there is none.
func (e Event) correlation() string {
	if e.CorrelationID == uuid.Nil {
		return ""
	}
	return e.CorrelationID.String()
}
