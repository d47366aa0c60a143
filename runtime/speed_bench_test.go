//go:build unix

package onex_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// unbounded is a publisher's configuration that refuses nothing.
var unbounded = onex.Config{MaxInFlight: 1 << 30, MaxInFlightBytes: min(1<<40, math.MaxInt)}

// BenchmarkPublish measures a generated publish method with Kafka away, so that
// nobody but its callers wants the cores. ns/event is the median from call to
// return, and ns/run that of a Run method around an empty function, both less what
// the clock takes; x-eight is how many times as much processor time an event costs
// if eight goroutines publish and not one:
//
//	go test ./runtime -run '^$' -bench Publish -count 6
func BenchmarkPublish(b *testing.B) {
	const events = 8000 // of a turn
	broker := noKafka(b)
	ctx, doc := context.Background(), stamping.Document{ID: "1", Text: "text"}
	nothing := func(context.Context, stamping.Document) (stamping.Stamp, error) { return stamping.Stamp{}, nil }
	check := func(err error) {
		if err != nil {
			b.Error(err)
		}
	}
	var one, run, clock []time.Duration
	var alone, eight time.Duration // of processors
	for b.Loop() {
		pub, e := withClient(b, broker)
		publish := func(n int) {
			for range n {
				check(e.PublishStampStarted(ctx, id, doc))
			}
		}
		alone += worked(func() { publish(events) })
		eight += worked(func() {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() { publish(events / 8) })
			}
			wg.Wait()
		})
		for range events / 4 {
			clock = append(clock, timed(func() {}))
			one = append(one, timed(func() { publish(1) }))
			run = append(run, timed(func() {
				_, err := e.RunStamp(ctx, doc, nothing)
				check(err)
			}))
		}
		_ = pub.Close(closed(ctx))
		runtime.GC() // what it leaves is not the next one's
	}
	b.ReportMetric(nsEach(one, 1)-nsEach(clock, 1), "ns/event")
	b.ReportMetric(nsEach(run, 1)-nsEach(clock, 1), "ns/run")
	b.ReportMetric(float64(alone.Nanoseconds())/float64(b.N*events), "cpu-ns/event")
	b.ReportMetric(float64(eight)/float64(alone), "x-eight")
	_, e := withClient(b, broker)
	b.ReportMetric(testing.AllocsPerRun(1000, func() { check(e.PublishStampStarted(ctx, id, doc)) }), "allocs/event")
	b.ReportMetric(0, "ns/op") // says nothing of one event
}

// worked returns how long processors have worked for f, and for what the
// garbage collector does meanwhile.
func worked(f func()) time.Duration {
	begun := processorTime()
	f()
	return processorTime() - begun
}

// processorTime returns how long processors have worked for this process.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// withClient returns a publisher whose client has an event already.
func withClient(t testing.TB, broker string) (*onex.Publisher, *stamping.StamperEvents) {
	pub := newPublisher(t, unbounded, broker)
	e := stamping.NewStamperEvents(pub, "stamper-1")
	_ = e.PublishStampStarted(context.Background(), id, stamping.Document{})
	_ = e.PublishStampCompleted(context.Background(), id, stamping.Stamp{}, 0)
	until(t, pub, "given to the client", func(onex.Ledger) bool { return onex.WithClient(pub) == 2 })
	return pub, e
}

func timed(f func()) time.Duration {
	begun := time.Now()
	f()
	return time.Since(begun)
}

// nsEach returns the median time of a turn, for one of its so many events.
func nsEach(turns []time.Duration, events int) float64 {
	slices.Sort(turns)
	return float64(turns[len(turns)/2].Nanoseconds()) / float64(events)
}

// BenchmarkDelivered measures events from the call of their publish method to
// Kafka's acknowledgement. x-kgo compares with a client that is given the same
// bytes, ready-made, and compresses nothing either; cpu-x-kgo compares the processor time of
// both, which says more on a busy machine:
//
//	go test ./runtime -run '^$' -bench Delivered -count 6
func BenchmarkDelivered(b *testing.B) { delivered(b, 1, 20_000) }

// BenchmarkDeliveredToMany does the same with a thousand topics in use.
func BenchmarkDeliveredToMany(b *testing.B) { delivered(b, 1000, 20_000) }

// BenchmarkDeliveredAlone does the same with an event at a time, on a publisher that
// has nothing else to do.
func BenchmarkDeliveredAlone(b *testing.B) { delivered(b, 1, 1) }

// delivered measures so many events at a time, of topics in turn.
func delivered(b *testing.B, topics, events int) {
	cluster := startCluster(b, kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(3))
	broker := cluster.ListenAddrs()[0]
	ctx := context.Background()
	pub := newPublisher(b, unbounded, broker)
	ops := make([]*onex.Operation[stamping.Document, onex.None], topics)
	for i := range ops {
		ops[i] = onex.NewOperation[stamping.Document, onex.None](onex.NewNode(pub, "stamper-1", onex.NodeSpec{Type: "effect", Service: fmt.Sprint("stamping", i)}), "stamp")
	}
	ids := make([]uuid.UUID, events)
	for i := range ids {
		ids[i] = uuid.New()
	}
	doc := stamping.Document{ID: "1", Text: "text"}
	ours := func() {
		for i, id := range ids {
			if err := ops[i%topics].Started(ctx, id, doc); err != nil {
				b.Fatal(err)
			}
		}
		if err := pub.Flush(ctx); err != nil {
			b.Fatal(err)
		}
	}
	ours()

	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.MaxBufferedRecords(1<<30), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	type record struct {
		topic      string
		key, value []byte
	}
	ready := make([]record, events)
	inUse := map[string]bool{}
	for i, rec := range consume(b, broker, events) {
		ready[i] = record{rec.Topic, rec.Key, rec.Value}
		inUse[rec.Topic] = true
	}
	raw := func() {
		for _, rec := range ready {
			client.Produce(ctx, &kgo.Record{Topic: rec.topic, Key: rec.key, Value: rec.value}, func(_ *kgo.Record, err error) {
				if err != nil {
					b.Error(err)
				}
			})
		}
		if err := client.Flush(ctx); err != nil {
			b.Fatal(err)
		}
	}
	raw()
	var turns, work [2][]time.Duration
	b.ReportAllocs()
	for b.Loop() {
		for i, job := range []func(){ours, raw} {
			work[i] = append(work[i], worked(func() { turns[i] = append(turns[i], timed(job)) }))
			if events > 1 { // else there is little of it
				empty(b, cluster, inUse) // its memory is not what is measured
			}
		}
	}
	b.ReportMetric(nsEach(turns[0], events), "ns/event")
	b.ReportMetric(nsEach(turns[1], events), "kgo-ns/event")
	b.ReportMetric(nsEach(turns[0], events)/nsEach(turns[1], events), "x-kgo")
	b.ReportMetric(nsEach(work[0], events)/nsEach(work[1], events), "cpu-x-kgo")
	b.ReportMetric(0, "ns/op") // says nothing of one event
	checkLedger(b, pub.Ledger())
}

// empty deletes all records of topics.
func empty(b *testing.B, cluster *kfake.Cluster, topics map[string]bool) {
	for topic := range topics {
		for _, p := range cluster.PartitionInfos(topic) {
			if err := cluster.DeleteRecords(topic, p.Partition, p.HighWatermark); err != nil {
				b.Fatal(err)
			}
		}
	}
	runtime.GC()
}
