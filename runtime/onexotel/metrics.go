package onexotel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// newDuration makes the histogram of deliveries, with the bounds that the messaging
// conventions advise.
func newDuration(m metric.Meter) (metric.Float64Histogram, error) {
	return m.Float64Histogram("onex.delivery.duration", metric.WithUnit("s"),
		metric.WithDescription("How long Kafka took to acknowledge an event, from when its client was given it."),
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10))
}

// kind is which instrument a metric has.
type kind int

const (
	counter kind = iota
	upDown
	gauge
	seconds // a gauge of a time
)

// metrics are those that are read off a publisher.
var metrics = []struct {
	name, unit, description string
	kind                    kind
	of                      func(*onex.Stats, emit)
}{
	{"onex.events.accepted", "{event}", "Events that publish methods have taken.", counter, func(s *onex.Stats, emit emit) { emit(s.Ledger.Accepted) }},
	{"onex.events.rejected", "{event}", "Events that publish methods have refused with an error.", counter, func(s *onex.Stats, emit emit) { emit(s.Ledger.Rejected) }},
	{"onex.events.delivered", "{event}", "Events that Kafka has acknowledged.", counter, func(s *onex.Stats, emit emit) { emit(s.Ledger.Delivered) }},
	{"onex.events.dead_lettered", "{event}", "Events that have become dead letters, by Kafka's code.", counter, func(s *onex.Stats, emit emit) {
		for code, n := range s.Health.DeadLetters {
			emit(n, attribute.String("code", code))
		}
	}},
	{"onex.events.lost", "{event}", "Events that were accepted and are lost, by the reason.", counter, func(s *onex.Stats, emit emit) {
		for _, reason := range lossReasons {
			emit(s.Lost[reason], attribute.String("reason", string(reason)))
		}
	}},
	{"onex.queue.events", "{event}", "Events in flight.", upDown, func(s *onex.Stats, emit emit) { emit(s.Ledger.InFlight) }},
	{"onex.queue.events.limit", "{event}", "How many events may be in flight.", upDown, func(s *onex.Stats, emit emit) { emit(s.MaxInFlight) }},
	{"onex.queue.size", "By", "Size of the events in flight.", upDown, func(s *onex.Stats, emit emit) { emit(s.InFlightBytes) }},
	{"onex.queue.size.limit", "By", "What the size of the events in flight may be.", upDown, func(s *onex.Stats, emit emit) { emit(s.MaxInFlightBytes) }},
	{"onex.spool.events", "{event}", "Events in the spool.", upDown, func(s *onex.Stats, emit emit) { emit(s.Ledger.Spooled) }},
	{"onex.spool.size", "By", "Size of what the spool holds.", upDown, func(s *onex.Stats, emit emit) { emit(s.SpoolBytes) }},
	{"onex.spool.oldest.timestamp", "s", "When the oldest event in the spool came there.", seconds, func(s *onex.Stats, emit emit) { emitTime(s.SpoolOldest, emit) }},
	{"onex.health.up", "", "Whether events get to Kafka.", gauge, func(s *onex.Stats, emit emit) {
		if s.Health.Up {
			emit(1)
		} else {
			emit(0)
		}
	}},
	{"onex.health.cause", "", "What keeps events from Kafka.", gauge, func(s *onex.Stats, emit emit) {
		if !s.Health.Up {
			emit(1, attribute.String("cause", string(s.Health.Cause)))
		}
	}},
	{"onex.health.since.timestamp", "s", "When it began that events get to Kafka, or do not for this cause.", seconds, func(s *onex.Stats, emit emit) { emitTime(s.Health.Since, emit) }},
	{"onex.health.topics", "{topic}", "Topics that suffer alone, by the cause.", upDown, func(s *onex.Stats, emit emit) {
		topics := map[onex.Cause]int64{}
		for _, cause := range s.Health.Topics {
			topics[cause]++
		}
		for cause, n := range topics {
			emit(n, attribute.String("cause", string(cause)))
		}
	}},
}

// lossReasons are all of them, so that a rate sees the first loss for each.
var lossReasons = []onex.LossReason{
	onex.LossClosed, onex.LossRefused, onex.LossDeadLetter, onex.LossDropped, onex.LossEvicted, onex.LossDamaged, onex.LossForeign,
}

// emit gives a metric one value; a time is in nanoseconds.
type emit = func(value int64, attributes ...attribute.KeyValue)

func emitTime(at time.Time, emit emit) {
	if !at.IsZero() {
		emit(at.UnixNano())
	}
}

// Observe has the metrics of a publisher read whenever its provider collects some,
// until stop is called. The publisher may be nil, disabled or closed: the metrics say
// so. Reading waits for nothing.
func (t *Telemetry) Observe(pub *onex.Publisher) (stop func(), err error) {
	var reader metric.Registration
	if failure := safely(func() { reader, err = t.register(pub) }); failure != nil {
		err = failure
	}
	if err != nil {
		return func() {}, fmt.Errorf("onexotel: observe a publisher: %w", err)
	}
	return func() { _ = safely(func() { _ = reader.Unregister() }) }, nil
}

func (t *Telemetry) register(pub *onex.Publisher) (metric.Registration, error) {
	observables := make([]metric.Observable, len(metrics))
	var faults []error
	for i, m := range metrics {
		var err error
		unit, description := metric.WithUnit(m.unit), metric.WithDescription(m.description)
		switch m.kind {
		case counter:
			observables[i], err = t.meter.Int64ObservableCounter(m.name, unit, description)
		case upDown:
			observables[i], err = t.meter.Int64ObservableUpDownCounter(m.name, unit, description)
		case gauge:
			observables[i], err = t.meter.Int64ObservableGauge(m.name, unit, description)
		case seconds:
			observables[i], err = t.meter.Float64ObservableGauge(m.name, unit, description)
		}
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var accepted int64 // the most that was ever seen
	return t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s := pub.Stats()
		mu.Lock()
		// A durable event that could not be stored is taken out of the ledger again; a
		// counter that falls is taken for one that has begun anew.
		accepted = max(accepted, s.Ledger.Accepted)
		s.Ledger.Accepted = accepted
		mu.Unlock()
		for i, m := range metrics {
			m.of(&s, func(value int64, attributes ...attribute.KeyValue) {
				with := metric.WithAttributes(slices.Concat(t.attributes, attributes)...)
				switch x := observables[i].(type) {
				case metric.Int64Observable:
					o.ObserveInt64(x, value, with)
				case metric.Float64Observable:
					o.ObserveFloat64(x, time.Duration(value).Seconds(), with)
				}
			})
		}
		return nil
	}, observables...)
}
