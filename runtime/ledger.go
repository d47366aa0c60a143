package onex

import (
	"errors"
	"sync/atomic"
	"time"

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

// Stats is what there is to measure of a publisher at one moment. Packages
// runtime/onexprom and runtime/onexotel make metrics of it.
type Stats struct {
	Ledger Ledger
	Health Health

	// Lost is Ledger.Lost by the reason. It is nil if nothing is lost.
	Lost map[LossReason]int64

	// InFlightBytes is the size of the events that are in flight, encoded and with
	// their keys and headers.
	InFlightBytes int64

	// MaxInFlight and MaxInFlightBytes are those of [Config].
	MaxInFlight, MaxInFlightBytes int64

	// SpoolBytes is what the spool's bound counts, and SpoolOldest is when the
	// oldest event there was accepted, the zero time if there is none. Both are
	// some seconds old.
	SpoolBytes  int64
	SpoolOldest time.Time

	Latency Latency
}

// Latency says how long events took from the moment when the Kafka client was
// given them until they were acknowledged: those that were delivered, dead letters
// not among them. What they waited before, in the queue or in the spool, is not in it.
type Latency struct {
	Count int64
	Sum   time.Duration

	// UpTo counts those that took so long at the most. The longest ones are in Count
	// alone.
	UpTo map[time.Duration]int64
}

// latencyBounds are those that OpenTelemetry advises for the duration of a client's
// operations.
var latencyBounds = [...]time.Duration{
	5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 75 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, 750 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 7500 * time.Millisecond, 10 * time.Second,
}

// latency counts how long deliveries took, without a lock.
type latency struct {
	sum    atomic.Int64
	within [len(latencyBounds) + 1]atomic.Int64 // between two bounds
}

func (l *latency) add(d time.Duration) {
	i := 0
	for i < len(latencyBounds) && d > latencyBounds[i] {
		i++
	}
	l.within[i].Add(1)
	l.sum.Add(int64(d))
}

func (l *latency) read() Latency {
	r := Latency{Sum: time.Duration(l.sum.Load()), UpTo: make(map[time.Duration]int64, len(latencyBounds))}
	for i := range l.within {
		r.Count += l.within[i].Load()
		if i < len(latencyBounds) {
			r.UpTo[latencyBounds[i]] = r.Count
		}
	}
	return r
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

// QueueFullPolicy says what happens to an event for which there is no room.
type QueueFullPolicy int

const (
	// RefuseNew refuses it: the publish method returns ErrQueueFull.
	RefuseNew QueueFullPolicy = iota

	// DropOldest accepts it, and an older one that waits is lost for it
	// (LossDropped): the oldest metric; where there is none, the oldest state
	// change; then started, and last completed and failed. An event never makes
	// a more important one go, nor one of another topic if its own cannot be
	// written to and has its half; then it is refused. So it is while as many
	// losses wait to be reported as events may be in flight.
	DropOldest
)
