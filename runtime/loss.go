package onex

import (
	"errors"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
)

// Loss is an event that the publisher had accepted and could not deliver.
type Loss struct {
	EventID       uuid.UUID
	EventType     string
	CorrelationID string // "" for a metric without one
	Topic         string
	Reason        LossReason
	Err           error // what the Kafka client said
}

// LossReason says why an event was lost.
type LossReason string

const (
	// LossClosed: the publisher was closed before Kafka acknowledged the
	// event. It may have been written all the same, if the acknowledgement was
	// on its way.
	LossClosed LossReason = "closed"

	// LossRefused: Kafka refused the event for good, as when its topic does
	// not exist or may not be written to.
	LossRefused LossReason = "refused"
)

func reasonOf(err error) LossReason {
	if errors.Is(err, kgo.ErrClientClosed) {
		return LossClosed
	}
	return LossRefused
}

// identity reads from a record which event is in it. An event in flight is
// nothing but its record, so that it costs no more than that.
func identity(rec *kgo.Record) (id uuid.UUID, eventType, correlationID string) {
	env, err := envelope.Decode(rec.Value)
	if err != nil {
		return uuid.Nil, "", "" // not one that this package has encoded
	}
	if env.CorrelationID != nil {
		correlationID = env.CorrelationID.String()
	}
	return env.EventID, env.EventType, correlationID
}

// attrs are the attributes of an event's log line.
func attrs(id uuid.UUID, eventType, correlationID, topic string) []any {
	return []any{"event_id", id, "event_type", eventType, "correlation_id", correlationID, "topic", topic}
}
