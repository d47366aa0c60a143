package onex_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// BenchmarkBudget measures what a publish method takes of its caller's time
// while eight goroutines publish as fast as they can, whatever is the matter
// with Kafka or the disk:
//
//	go test ./runtime -run '^$' -bench Budget -benchtime 200000x -count 6
func BenchmarkBudget(b *testing.B) {
	slow := func([]onex.Spooled) error { time.Sleep(200 * time.Millisecond); return nil }
	full := func([]onex.Spooled) error { return syscall.ENOSPC }
	up := startKafka(b)
	for _, bb := range []struct {
		name   string
		cfg    onex.Config
		broker string
		opts   []kgo.Opt
	}{
		{name: "broker-up", broker: up},
		{name: "refused", broker: noKafka(b)},
		{name: "swallowed", broker: silence(b).addr},
		{name: "no-such-host", broker: "kafka.invalid:9092"},
		{name: "wrong-password", broker: startKafka(b, kfake.EnableSASL()), opts: []kgo.Opt{kgo.SASL(plain.Auth{User: "admin", Pass: "wrong"}.AsMechanism())}},
		{name: "topic-missing", broker: withoutTopics(b), opts: quick()},
		{name: "queue-full", cfg: onex.Config{MaxInFlight: 100}, broker: noKafka(b)},
		{name: "drop-oldest", cfg: onex.Config{MaxInFlight: 1000, QueueFull: onex.DropOldest}, broker: noKafka(b)},
		{name: "spool", cfg: onex.Config{Spool: &memSpool{limit: 10_000}, SpoolAfter: time.Millisecond}, broker: noKafka(b)},
		{name: "slow-disk", cfg: onex.Config{Spool: &memSpool{fail: slow, limit: 10_000}, SpoolAfter: time.Millisecond}, broker: noKafka(b)},
		{name: "disk-full", cfg: onex.Config{Spool: &memSpool{fail: full}, SpoolAfter: time.Millisecond}, broker: noKafka(b)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			pub := newPublisher(b, bb.cfg, bb.broker, bb.opts...)
			op := onex.NewOperation[request, onex.None](onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"}), "x")
			times := measure(b, func() error { return op.Started(context.Background(), id, request{}) })
			for _, p := range []struct {
				name string
				part float64
			}{{"p50-µs", 0.5}, {"p99-µs", 0.99}, {"p99.9-µs", 0.999}} {
				b.ReportMetric(float64(times[int(float64(len(times)-1)*p.part)].Nanoseconds())/1000, p.name)
			}
			b.ReportMetric(0, "ns/op") // says nothing of one call
			checkLedger(b, pub.Ledger())
		})
	}
}

// measure calls publish b.N times from eight goroutines and returns how long
// each call took, sorted.
func measure(b *testing.B, publish func() error) []time.Duration {
	const goroutines = 8
	times := make([][]time.Duration, goroutines)
	var wg sync.WaitGroup
	for g := range times {
		wg.Go(func() {
			own := make([]time.Duration, 0, b.N/goroutines+1)
			for range b.N/goroutines + 1 {
				begun := time.Now()
				err := publish()
				own = append(own, time.Since(begun))
				if err != nil && !errors.Is(err, onex.ErrQueueFull) {
					b.Error(err)
					return
				}
			}
			times[g] = own
		})
	}
	wg.Wait()
	all := slices.Concat(times...)
	slices.Sort(all)
	return all
}

// withoutTopics returns the address of a broker that has no topics and makes
// none.
func withoutTopics(t testing.TB) string {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}

// An event that waits costs at most 100 bytes beyond its own.
func TestMemoryPerEvent(t *testing.T) {
	if over := beyond(t, 100_000); over > 100 {
		t.Errorf("%.1f bytes beyond the event's own", over)
	}
}

// BenchmarkMemory reports what an event takes in the queue beyond its bytes.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(beyond(b, 100_000), "B/event")
	}
	b.ReportMetric(0, "ns/op") // is of no interest
}

// beyond returns how many bytes an event takes beyond its own, if there are n of
// them in the queue.
func beyond(t testing.TB, n int) float64 {
	pub := newPublisher(t, onex.Config{MaxInFlight: 2 * n, MaxInFlightBytes: 1 << 30}, noKafka(t))
	defer pub.Close(closed(context.Background()))
	op := onex.NewOperation[request, onex.None](onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"}), "x")
	publish := func(n int) {
		for range n {
			if err := op.Started(context.Background(), id, request{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(5000) // and the client has its group
	until(t, pub, "given to the client", func(onex.Ledger) bool { return onex.WithClient(pub) > 0 })
	before, bytes := heap(), onex.InMemory(pub)
	publish(n)
	encoded := onex.InMemory(pub) - bytes
	return (float64(heap()-before) - float64(encoded)) / float64(n)
}
