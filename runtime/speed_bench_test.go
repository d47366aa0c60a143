package onex_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/testdata/benchkit"
)

// unbounded is a publisher's configuration that refuses nothing.
var unbounded = onex.Config{MaxInFlight: 1 << 30, MaxInFlightBytes: 1 << 40}

// BenchmarkPublish measures a generated publish method from call to return,
// with Kafka away, so that nobody but its callers wants the cores. x-eight is
// how many times as much of a core an event costs if eight goroutines publish:
//
//	go test ./runtime -run '^$' -bench Publish -count 6
func BenchmarkPublish(b *testing.B) {
	const events = 16_000
	broker := noKafka(b)
	doc := stamping.Document{ID: "1", Text: "text"}
	var one, eight time.Duration
	for b.Loop() {
		one += publishing(b, broker, 1, func(e *stamping.StamperEvents) {
			for range events {
				if err := e.PublishStampStarted(context.Background(), id, doc); err != nil {
					b.Fatal(err)
				}
			}
		})
		eight += publishing(b, broker, 8, func(e *stamping.StamperEvents) {
			for range events / 8 {
				if err := e.PublishStampStarted(context.Background(), id, doc); err != nil {
					b.Error(err)
				}
			}
		})
	}
	eight *= time.Duration(min(8, runtime.GOMAXPROCS(0)))
	b.ReportMetric(float64(one.Nanoseconds())/events/float64(b.N), "ns/event")
	b.ReportMetric(benchkit.Ratio(eight, one), "x-eight")
	e := stamping.NewStamperEvents(newPublisher(b, unbounded, broker), "stamper-1")
	b.ReportMetric(testing.AllocsPerRun(5000, func() { _ = e.PublishStampStarted(context.Background(), id, doc) }), "allocs/event")
	b.ReportMetric(0, "ns/op") // says nothing of one event
}

// publishing returns how long publish takes in so many goroutines, with a
// publisher of its own.
func publishing(b *testing.B, broker string, goroutines int, publish func(*stamping.StamperEvents)) time.Duration {
	pub := newPublisher(b, unbounded, broker)
	defer func() {
		_ = pub.Close(closed(context.Background()))
		runtime.GC() // what it leaves is not the next one's
	}()
	events := stamping.NewStamperEvents(pub, "stamper-1")
	_ = events.PublishStampStarted(context.Background(), id, stamping.Document{})
	until(b, pub, "given to the client", func(onex.Ledger) bool { return onex.WithClient(pub) > 0 })
	begun := time.Now()
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() { publish(events) })
	}
	wg.Wait()
	return time.Since(begun)
}

// BenchmarkDelivered measures events from the call of their publish method to
// Kafka's acknowledgement. x-kgo compares with a client that is given the same
// bytes, ready-made:
//
//	go test ./runtime -run '^$' -bench Delivered -count 6
func BenchmarkDelivered(b *testing.B) {
	const events = 20_000
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(3))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(cluster.Close)
	broker := cluster.ListenAddrs()[0]
	ids := make([]uuid.UUID, events)
	for i := range ids {
		ids[i] = uuid.New()
	}
	doc := stamping.Document{ID: "1", Text: "text"}
	ctx := context.Background()

	pub := newPublisher(b, unbounded, broker)
	e := stamping.NewStamperEvents(pub, "stamper-1")
	ours := func() {
		for _, id := range ids {
			if err := e.PublishStampStarted(ctx, id, doc); err != nil {
				b.Fatal(err)
			}
		}
		if err := pub.Flush(ctx); err != nil {
			b.Fatal(err)
		}
	}
	ours()
	const topic = "dev.stamping.effect.stamp.started.v1"
	type record struct{ key, value []byte }
	ready := make([]record, events)
	for i, rec := range consume(b, broker, events) {
		ready[i] = record{rec.Key, rec.Value}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.MaxBufferedRecords(1<<30))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	raw := func() {
		for _, rec := range ready {
			client.Produce(ctx, &kgo.Record{Topic: topic, Key: rec.key, Value: rec.value}, func(_ *kgo.Record, err error) {
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
	var turns [2]time.Duration
	b.ReportAllocs()
	for b.Loop() {
		for i, job := range []func(){ours, raw} {
			begun := time.Now()
			job()
			turns[i] += time.Since(begun)
			for _, p := range cluster.PartitionInfos(topic) { // its memory is not what is measured
				if err := cluster.DeleteRecords(topic, p.Partition, p.HighWatermark); err != nil {
					b.Fatal(err)
				}
			}
			runtime.GC()
		}
	}
	b.ReportMetric(float64(turns[0].Nanoseconds())/events/float64(b.N), "ns/event")
	b.ReportMetric(float64(turns[1].Nanoseconds())/events/float64(b.N), "kgo-ns/event")
	b.ReportMetric(benchkit.Ratio(turns[0], turns[1]), "x-kgo")
	b.ReportMetric(0, "ns/op") // says nothing of one event
	checkLedger(b, pub.Ledger())
}
