package onexprom_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexprom"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

func startKafka(t testing.TB) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// nowhere is an address at which nothing listens.
const nowhere = "127.0.0.1:1"

func newPublisher(t testing.TB, cfg onex.Config, brokers ...string) *onex.Publisher {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	pub, err := onex.NewPublisher(cfg, kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = pub.Close(ctx)
	})
	return pub
}

// publish returns a function that publishes one event.
func publish(pub *onex.Publisher) func(...onex.EventOption) error {
	op := onex.NewOperation[onex.None, onex.None](onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"}), "x")
	return func(opts ...onex.EventOption) error {
		return op.Started(context.Background(), uuid.New(), onex.None{}, opts...)
	}
}

// until waits for a state of the ledger.
func until(t testing.TB, pub *onex.Publisher, state func(onex.Ledger) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !state(pub.Ledger()) {
		select {
		case <-ctx.Done():
			t.Fatalf("ledger %+v", pub.Ledger())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// all has every metric's present values: by its name and labels, as Prometheus would
// show them.
func all(t testing.TB, c prometheus.Collector) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += "," + l.GetName() + "=" + l.GetValue()
			}
			switch h := m.GetHistogram(); {
			case h != nil:
				values[name] = float64(h.GetSampleCount())
			case m.GetCounter() != nil:
				values[name] = m.GetCounter().GetValue()
			default:
				values[name] = m.GetGauge().GetValue()
			}
		}
	}
	return values
}

func expect(t testing.TB, got map[string]float64, want map[string]float64) {
	t.Helper()
	for name, value := range want {
		if v, ok := got[name]; !ok || v != value {
			t.Errorf("%s is %v, %v; want %v", name, v, ok, value)
		}
	}
}

// What becomes of events shows, and adds up.
func TestCollector(t *testing.T) {
	cluster := startKafka(t)
	pub := newPublisher(t, onex.Config{}, cluster.ListenAddrs()...)
	publish := publish(pub)
	for range 3 {
		if err := publish(); err != nil {
			t.Fatal(err)
		}
	}
	until(t, pub, func(g onex.Ledger) bool { return g.Delivered == 3 })
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "dev.a.effect.x.started.v1", Err: kerr.MessageTooLarge, Count: -1})
	if err := publish(); err != nil {
		t.Fatal(err)
	}
	until(t, pub, func(g onex.Ledger) bool { return g.DeadLettered == 1 })
	if err := publish(onex.WithMetadata(map[string]any{"k": strings.Repeat("x", 1<<20)})); !errors.Is(err, onex.ErrTooLarge) {
		t.Fatal(err)
	}
	got := all(t, onexprom.NewCollector(pub))
	expect(t, got, map[string]float64{
		"onex_events_accepted_total": 4, "onex_events_delivered_total": 3, "onex_events_rejected_total": 1,
		"onex_events_dead_lettered_total,code=MESSAGE_TOO_LARGE": 1,
		"onex_events_lost_total,reason=closed":                   0, "onex_events_lost_total,reason=dead letter": 0,
		"onex_queue_events": 0, "onex_queue_events_limit": 10_000, "onex_queue_size_bytes": 0, "onex_queue_size_limit_bytes": 64 << 20,
		"onex_spool_events": 0, "onex_spool_size_bytes": 0,
		"onex_health_up": 1, "onex_delivery_duration_seconds": 3,
	})
	if since := time.Since(time.Unix(int64(got["onex_health_since_timestamp_seconds"]), 0)); since < 0 || since > time.Minute {
		t.Errorf("up since %v", since)
	}
}

// Without Kafka the cause shows, what waits has a size, and what goes to disk an age.
func TestCollectorWithoutKafka(t *testing.T) {
	disk, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pub := newPublisher(t, onex.Config{Spool: disk, SpoolAfter: time.Hour}, nowhere)
	publish := publish(pub)
	if err := errors.Join(publish(), publish(onex.Durable())); err != nil {
		t.Fatal(err)
	}
	until(t, pub, func(onex.Ledger) bool {
		return pub.Health().Cause == onex.CauseRefused && !pub.Stats().SpoolOldest.IsZero()
	})
	got := all(t, onexprom.NewCollector(pub))
	expect(t, got, map[string]float64{
		"onex_health_up": 0, "onex_health_cause,cause=refused": 1, "onex_events_accepted_total": 2,
		"onex_queue_events": 2 - got["onex_spool_events"], "onex_delivery_duration_seconds": 0,
	})
	age := time.Since(time.Unix(int64(got["onex_spool_oldest_timestamp_seconds"]), 0))
	if got["onex_spool_events"] < 1 || got["onex_spool_size_bytes"] < 300 || age < 0 || age > time.Minute {
		t.Errorf("the spool holds %v", got)
	}
}

// A topic that suffers alone is counted, and not named.
func TestCollectorOfTopics(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.SeedTopics(1, "dev.a.effect.y.started.v1"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	pub := newPublisher(t, onex.Config{}, cluster.ListenAddrs()...)
	if err := publish(pub)(); err != nil {
		t.Fatal(err)
	}
	other := onex.NewOperation[onex.None, onex.None](onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"}), "y")
	if err := other.Started(t.Context(), uuid.New(), onex.None{}); err != nil {
		t.Fatal(err)
	}
	until(t, pub, func(onex.Ledger) bool { h := pub.Health(); return h.Up && len(h.Topics) == 1 })
	expect(t, all(t, onexprom.NewCollector(pub)), map[string]float64{"onex_health_topics,cause=topic_missing": 1, "onex_health_up": 1})
}

// No publisher, one that is switched off, and one that is closed have metrics.
func TestCollectorOfNone(t *testing.T) {
	expect(t, all(t, onexprom.NewCollector(nil)), map[string]float64{
		"onex_health_up": 0, "onex_health_cause,cause=other": 1, "onex_events_accepted_total": 0, "onex_queue_events_limit": 0,
	})
	off := newPublisher(t, onex.Config{Disabled: true})
	expect(t, all(t, onexprom.NewCollector(off)), map[string]float64{"onex_health_up": 1, "onex_events_accepted_total": 0})
	closed := newPublisher(t, onex.Config{}, nowhere)
	if err := publish(closed)(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = closed.Close(ctx)
	expect(t, all(t, onexprom.NewCollector(closed)), map[string]float64{
		"onex_health_up": 0, "onex_health_cause,cause=closed": 1, "onex_events_accepted_total": 1, "onex_events_lost_total,reason=closed": 1,
	})
}

// Several publishers share a registry if labels tell them apart, and not else.
func TestWithLabels(t *testing.T) {
	registry := prometheus.NewRegistry()
	a, b := newPublisher(t, onex.Config{MaxInFlight: 1}, nowhere), newPublisher(t, onex.Config{MaxInFlight: 2}, nowhere)
	named := func(name string) onexprom.Option {
		return onexprom.WithLabels(prometheus.Labels{"publisher": name})
	}
	more := onexprom.WithLabels(prometheus.Labels{"team": "t"})
	if err := errors.Join(registry.Register(onexprom.NewCollector(a, named("a"), nil, more)), registry.Register(onexprom.NewCollector(b, named("b"), more))); err != nil {
		t.Fatal(err)
	}
	if err := registry.Register(onexprom.NewCollector(b, named("b"), more)); err == nil {
		t.Error("two with the same labels are registered")
	}
	err := testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP onex_queue_events_limit How many events may be in flight.
# TYPE onex_queue_events_limit gauge
onex_queue_events_limit{publisher="a",team="t"} 1
onex_queue_events_limit{publisher="b",team="t"} 2
`), "onex_queue_events_limit")
	if err != nil {
		t.Error(err)
	}
}

// fullSpool takes no event, as soon as it is told.
type fullSpool struct {
	onex.Spool
	refuse chan struct{}
}

func (s fullSpool) Append(events []onex.Spooled) ([]onex.Spooled, error) {
	if len(events) > 0 {
		<-s.refuse
		return nil, errors.New("no")
	}
	return nil, nil
}

// An event that is accepted only until it turns out that it cannot be stored makes no
// counter fall.
func TestAcceptedNeverFalls(t *testing.T) {
	disk, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := fullSpool{disk, make(chan struct{})}
	pub := newPublisher(t, onex.Config{Spool: s}, nowhere)
	c := onexprom.NewCollector(pub)
	answer := make(chan error)
	go func() { answer <- publish(pub)(onex.Durable()) }()
	until(t, pub, func(g onex.Ledger) bool { return g.Accepted == 1 })
	expect(t, all(t, c), map[string]float64{"onex_events_accepted_total": 1})
	close(s.refuse)
	if err := <-answer; err == nil || pub.Ledger().Accepted != 0 {
		t.Fatalf("%v, %+v", err, pub.Ledger())
	}
	expect(t, all(t, c), map[string]float64{"onex_events_accepted_total": 1, "onex_events_rejected_total": 1})
}

// Scrapes go on beside publishing, and beside each other.
func TestCollectorInParallel(t *testing.T) {
	pub := newPublisher(t, onex.Config{}, startKafka(t).ListenAddrs()...)
	registry := prometheus.NewRegistry()
	registry.MustRegister(onexprom.NewCollector(pub))
	var work sync.WaitGroup
	for range 4 {
		publish := publish(pub)
		work.Go(func() {
			for range 200 {
				if err := publish(); err != nil {
					t.Error(err)
				}
			}
		})
		work.Go(func() {
			for range 50 {
				if _, err := registry.Gather(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	until(t, pub, func(g onex.Ledger) bool { return g.Delivered == 800 })
}

// names returns the metrics that a collector has, with their labels.
func names(c prometheus.Collector) map[string]string {
	descs := make(chan *prometheus.Desc, 100)
	c.Describe(descs)
	close(descs)
	found := map[string]string{}
	for d := range descs {
		m := regexp.MustCompile(`fqName: "(\w+)".*variableLabels: \{(\w*)\}`).FindStringSubmatch(d.String())
		found[m[1]] = m[2]
	}
	return found
}

// The package's doc lists what there is.
func TestDoc(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^//\t(onex_\w+)(?:\{(\w+)\})? `).FindAllStringSubmatch(string(text), -1) {
		listed[m[1]] = m[2]
	}
	if have := names(onexprom.NewCollector(nil)); !maps.Equal(listed, have) {
		t.Errorf("listed %v, have %v", listed, have)
	}
}

// Each reason for a loss has its counter before there is one.
func TestAllReasons(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../ledger.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := all(t, onexprom.NewCollector(nil))
	count := 0
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "LossReason" {
			reason, _ := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if _, ok := got["onex_events_lost_total,reason="+reason]; !ok {
				t.Errorf("%s (%s) has none", v.Names[0], reason)
			}
			count++
		}
		return true
	})
	if has := slices.Collect(maps.Keys(got)); count < 7 {
		t.Errorf("%d reasons; metrics %v", count, has)
	}
}
