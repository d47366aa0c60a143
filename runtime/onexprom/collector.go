package onexprom

import (
	"maps"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Collector has the metrics of one publisher. It is a [prometheus.Collector], for
// one registry or several.
type Collector struct {
	pub      *onex.Publisher
	descs    []*prometheus.Desc // of metrics, and then that of the duration
	accepted atomic.Int64       // the most that was ever seen
}

// Option is an option of [NewCollector].
type Option func(*options)

type options struct{ labels prometheus.Labels }

// WithLabels gives all metrics constant labels. Where a registry has several
// publishers, these tell them apart. Given twice, the labels add up.
func WithLabels(labels prometheus.Labels) Option {
	return func(o *options) { maps.Copy(o.labels, labels) }
}

// NewCollector returns the metrics of a publisher. It may be nil, disabled or closed:
// the metrics say so, and stay as they are.
func NewCollector(pub *onex.Publisher, opts ...Option) *Collector {
	o := options{prometheus.Labels{}}
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	c := &Collector{pub: pub}
	for _, m := range metrics {
		c.descs = append(c.descs, prometheus.NewDesc(m.name, m.help, m.labels, o.labels))
	}
	c.descs = append(c.descs, prometheus.NewDesc("onex_delivery_duration_seconds",
		"How long Kafka took to acknowledge an event, from when its client was given it.", nil, o.labels))
	return c
}

// Describe implements [prometheus.Collector].
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		to <- d
	}
}

// Collect implements [prometheus.Collector]. It waits for nothing.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	s := c.pub.Stats()
	s.Ledger.Accepted = c.neverFalls(s.Ledger.Accepted)
	for i, m := range metrics {
		m.of(&s, func(value float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(c.descs[i], m.kind, value, labels...)
		})
	}
	within := make(map[float64]uint64, len(s.Latency.UpTo))
	for bound, n := range s.Latency.UpTo {
		within[bound.Seconds()] = uint64(n)
	}
	to <- prometheus.MustNewConstHistogram(c.descs[len(metrics)], uint64(s.Latency.Count), s.Latency.Sum.Seconds(), within)
}

// neverFalls returns the most that was accepted. A durable event that could not be
// stored is taken out of the ledger again; a counter that falls is taken for one that
// has begun anew.
func (c *Collector) neverFalls(accepted int64) int64 {
	for {
		most := c.accepted.Load()
		if accepted <= most {
			return most
		}
		if c.accepted.CompareAndSwap(most, accepted) {
			return accepted
		}
	}
}

// emit gives a metric one value.
type emit = func(value float64, labels ...string)

// metrics are all but the histogram.
var metrics = []struct {
	name, help string
	kind       prometheus.ValueType
	labels     []string
	of         func(*onex.Stats, emit)
}{
	{
		"onex_events_accepted_total", "Events that publish methods have taken.", prometheus.CounterValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.Ledger.Accepted)) },
	},
	{
		"onex_events_rejected_total", "Events that publish methods have refused with an error.", prometheus.CounterValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.Ledger.Rejected)) },
	},
	{
		"onex_events_delivered_total", "Events that Kafka has acknowledged.", prometheus.CounterValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.Ledger.Delivered)) },
	},
	{
		"onex_events_dead_lettered_total", "Events that have become dead letters, by Kafka's code.", prometheus.CounterValue,
		[]string{"code"},
		func(s *onex.Stats, emit emit) {
			for code, n := range s.Health.DeadLetters {
				emit(float64(n), code)
			}
		},
	},
	{
		"onex_events_lost_total", "Events that were accepted and are lost, by the reason.", prometheus.CounterValue,
		[]string{"reason"},
		func(s *onex.Stats, emit emit) {
			for _, reason := range lossReasons {
				emit(float64(s.Lost[reason]), string(reason))
			}
		},
	},
	{
		"onex_queue_events", "Events in flight.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.Ledger.InFlight)) },
	},
	{
		"onex_queue_events_limit", "How many events may be in flight.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.MaxInFlight)) },
	},
	{
		"onex_queue_size_bytes", "Size of the events in flight.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.InFlightBytes)) },
	},
	{
		"onex_queue_size_limit_bytes", "What the size of the events in flight may be.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.MaxInFlightBytes)) },
	},
	{
		"onex_spool_events", "Events in the spool.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.Ledger.Spooled)) },
	},
	{
		"onex_spool_size_bytes", "Size of what the spool holds.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) { emit(float64(s.SpoolBytes)) },
	},
	{
		"onex_spool_oldest_timestamp_seconds", "When the oldest event in the spool came there.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) { emitTime(s.SpoolOldest, emit) },
	},
	{
		"onex_health_up", "Whether events get to Kafka.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) {
			if s.Health.Up {
				emit(1)
			} else {
				emit(0)
			}
		},
	},
	{
		"onex_health_cause", "What keeps events from Kafka.", prometheus.GaugeValue,
		[]string{"cause"},
		func(s *onex.Stats, emit emit) {
			if !s.Health.Up {
				emit(1, string(s.Health.Cause))
			}
		},
	},
	{
		"onex_health_since_timestamp_seconds", "When it began that events get to Kafka, or do not for this cause.", prometheus.GaugeValue, nil,
		func(s *onex.Stats, emit emit) { emitTime(s.Health.Since, emit) },
	},
	{
		"onex_health_topics", "Topics that suffer alone, by the cause.", prometheus.GaugeValue,
		[]string{"cause"},
		func(s *onex.Stats, emit emit) {
			topics := map[onex.Cause]int{}
			for _, cause := range s.Health.Topics {
				topics[cause]++
			}
			for cause, n := range topics {
				emit(float64(n), string(cause))
			}
		},
	},
}

// lossReasons are all of them, so that a rate sees the first loss for each.
var lossReasons = []onex.LossReason{
	onex.LossClosed, onex.LossRefused, onex.LossDeadLetter, onex.LossDropped, onex.LossEvicted, onex.LossDamaged, onex.LossForeign,
}

func emitTime(at time.Time, emit emit) {
	if !at.IsZero() {
		emit(float64(at.UnixNano()) / 1e9)
	}
}
