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

// LossReason says why an event was lost. Kafka may have written the event all
// the same, if its answer did not arrive; consumers know it by its id then.
type LossReason string

const (
	// LossClosed: the publisher was closed before Kafka acknowledged the
	// event.
	LossClosed LossReason = "closed"

	// LossRefused: Kafka refused the event for good, as when its topic does
	// not exist or may not be written to.
	LossRefused LossReason = "refused"
)

func newLoss(e identity, err error) Loss {
	loss := Loss{EventID: e.id, EventType: e.eventType, CorrelationID: e.correlationID, Topic: e.topic, Reason: LossRefused, Err: err}
	if errors.Is(err, kgo.ErrClientClosed) {
		loss.Reason = LossClosed
	}
	return loss
}

// identity tells one event from all others.
type identity struct {
	id            uuid.UUID
	eventType     string
	correlationID string
	topic         string
}

// identify reads from an event's envelope which one it is: an event in flight
// is nothing but what is sent, so that it costs no more than that.
func identify(it item) identity {
	env, err := envelope.Decode(it.value)
	if err != nil {
		return identity{topic: it.topic} // not one that this package has encoded
	}
	e := identity{id: env.EventID, eventType: env.EventType, topic: it.topic}
	if env.CorrelationID != nil {
		e.correlationID = env.CorrelationID.String()
	}
	return e
}

// attrs are how a log line identifies the event.
func (e identity) attrs(more ...any) []any {
	return append([]any{"event_id", e.id, "event_type", e.eventType, "correlation_id", e.correlationID, "topic", e.topic}, more...)
}
