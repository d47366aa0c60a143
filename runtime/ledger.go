package onex

import (
	"errors"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// Ledger says what has become of all the events that a publisher was given.
// Each accepted event is counted in exactly one place, at every moment:
//
//	Accepted == Delivered + DeadLettered + Spooled + InFlight + Lost
type Ledger struct {
	Accepted     int64 // the publish method returned nil
	Delivered    int64 // acknowledged by all in-sync replicas
	DeadLettered int64 // acknowledged on a dead-letter topic
	Spooled      int64 // on disk, for later
	InFlight     int64 // in the queue or with the client
	Lost         int64 // reported through Config.OnLoss and the log
	Rejected     int64 // the publish method returned an error; not in Accepted
}

// Loss is an event that the publisher had accepted and could not deliver.
type Loss struct {
	EventID       uuid.UUID // the nil UUID for an event that the spool cannot read any more
	EventType     string
	CorrelationID string // "" for a metric without one
	Topic         string
	Reason        LossReason
	Err           error
}

// LossReason says why an event was lost. Kafka may have written the event all
// the same, if its answer did not arrive; consumers know it by its id then.
type LossReason string

const (
	// LossClosed: the publisher was closed before Kafka acknowledged the
	// event, and there was no spool that could take it.
	LossClosed LossReason = "closed"

	// LossRefused: Kafka refused the event for its own sake, as when it is too
	// large for its topic, and there are no dead letters ([Config]).
	LossRefused LossReason = "refused"

	// LossDeadLetter: Kafka refused the event for its own sake, and then the
	// dead letter too.
	LossDeadLetter LossReason = "dead letter"

	// LossDropped: the event had to make room for others (DropOldest).
	LossDropped LossReason = "dropped"

	// LossEvicted: the spool had no room for the event any more, or the event
	// had become too old.
	LossEvicted LossReason = "evicted"

	// LossDamaged: the spool cannot read the event any more.
	LossDamaged LossReason = "damaged"

	// LossForeign: what was in the spool is no event, or was in a topic that is not
	// the event's (see [Config.AnySpooledTopic]). It was not sent; a [RejectingSpool]
	// has it for people to look into.
	LossForeign LossReason = "foreign"
)

var (
	errClosedBefore = errors.New("the publisher was closed before Kafka acknowledged the event")
	errMadeRoom     = errors.New("the queue was full, and the event had to make room")
	errEvicted      = errors.New("the spool was full, or the event too old for it")
	errDamaged      = errors.New("the spool cannot read the event any more")
)

func newLoss(e identity, reason LossReason, err error) Loss {
	return Loss{EventID: e.id, EventType: e.eventType, CorrelationID: e.correlationID, Topic: e.topic, Reason: reason, Err: err}
}

// identity tells one event from all others.
type identity struct {
	id            uuid.UUID
	eventType     string
	correlationID string
	topic         string
}

func (l Loss) identity() identity { return identity{l.EventID, l.EventType, l.CorrelationID, l.Topic} }

// identify reads from an event's envelope which one it is: an event in flight
// is nothing but what is sent, so that it costs no more than that.
func identify(topic string, e *delivery.Event) identity {
	if e == nil {
		return identity{topic: topic} // the spool cannot read it
	}
	env, err := envelope.DecodeAny(e.Value())
	if err != nil {
		return identity{topic: topic} // not one that this package has encoded
	}
	ev := env.Event()
	id := identity{id: ev.ID, eventType: ev.Type, topic: topic}
	if ev.CorrelationID != uuid.Nil {
		id.correlationID = ev.CorrelationID.String()
	}
	return id
}

// attrs are how a log line identifies the event.
func (e identity) attrs(more ...any) []any {
	return append([]any{"event_id", e.id, "event_type", e.eventType, "correlation_id", e.correlationID, "topic", e.topic}, more...)
}

// What a publish method can answer if it does not take an event. Other errors
// say what is wrong with the event itself.
var (
	// ErrClosed: the publisher is closed, or is being closed.
	ErrClosed = errors.New("the publisher is closed")

	// ErrQueueFull: as many events are in flight as [Config] allows, because
	// Kafka does not take them, or not as fast as they come.
	ErrQueueFull = errors.New("the publisher's queue is full")

	// ErrTooLarge: the event, or a part of it, is larger than [Config] or this
	// package allows.
	ErrTooLarge = encode.ErrTooLarge

	// ErrNoPublisher: the events were made without a publisher, or not made by
	// their constructor at all.
	ErrNoPublisher = errors.New("there is no publisher")

	// ErrNoCorrelation: the event needs a correlation id and got the nil UUID.
	ErrNoCorrelation = errors.New("the correlation id is missing")

	// ErrNoSpool: the event is to be durable, and [Config] has no spool.
	ErrNoSpool = errors.New("there is no spool for a durable event; set Config.Spool")
)
