package onex_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// unbounded is a publisher's configuration that refuses nothing.
var unbounded = onex.Config{MaxInFlight: 1 << 30, MaxInFlightBytes: 1 << 40}

// BenchmarkPublish measures a generated publish method from call to return,
// with Kafka away, so that nobody but its callers wants the cores: the median
// of turns that are short enough for most to have their core to themselves.
// x-eight is how many times as much of a core an event costs if eight
// goroutines publish; ns/run is a Run method around an empty function:
//
//	go test ./runtime -run '^$' -bench Publish -count 6
func BenchmarkPublish(b *testing.B) {
	const events = 800 // of a turn
	broker := noKafka(b)
	ctx, doc := context.Background(), stamping.Document{ID: "1", Text: "text"}
	publish := func(e *stamping.StamperEvents, n int) {
		for range n {
			if err := e.PublishStampStarted(ctx, id, doc); err != nil {
				b.Error(err)
			}
		}
	}
	nothing := func(context.Context, stamping.Document) (stamping.Stamp, error) { return stamping.Stamp{}, nil }
	var one, eight, run []time.Duration
	for b.Loop() {
		pub, e := withClient(b, broker)
		for range 10 {
			one = append(one, timed(func() { publish(e, events) }))
			eight = append(eight, timed(func() {
				var wg sync.WaitGroup
				for range 8 {
					wg.Go(func() { publish(e, events/8) })
				}
				wg.Wait()
			}))
			run = append(run, timed(func() {
				for range events / 2 {
					if _, err := e.RunStamp(ctx, doc, nothing); err != nil {
						b.Error(err)
					}
				}
			}))
		}
		_ = pub.Close(closed(ctx))
		runtime.GC() // what it leaves is not the next one's
	}
	b.ReportMetric(nsEach(one, events), "ns/event")
	b.ReportMetric(nsEach(eight, events)*float64(min(8, runtime.GOMAXPROCS(0)))/nsEach(one, events), "x-eight")
	b.ReportMetric(nsEach(run, events/2), "ns/run")
	_, e := withClient(b, broker)
	b.ReportMetric(testing.AllocsPerRun(1000, func() { publish(e, 1) }), "allocs/event")
	b.ReportMetric(0, "ns/op") // says nothing of one event
}

// withClient returns a publisher whose client has an event already.
func withClient(b *testing.B, broker string) (*onex.Publisher, *stamping.StamperEvents) {
	pub := newPublisher(b, unbounded, broker)
	e := stamping.NewStamperEvents(pub, "stamper-1")
	_ = e.PublishStampStarted(context.Background(), id, stamping.Document{})
	_ = e.PublishStampCompleted(context.Background(), id, stamping.Stamp{}, 0)
	until(b, pub, "given to the client", func(onex.Ledger) bool { return onex.WithClient(pub) == 2 })
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
	var turns [2][]time.Duration
	b.ReportAllocs()
	for b.Loop() {
		for i, job := range []func(){ours, raw} {
			turns[i] = append(turns[i], timed(job))
			for _, p := range cluster.PartitionInfos(topic) { // its memory is not what is measured
				if err := cluster.DeleteRecords(topic, p.Partition, p.HighWatermark); err != nil {
					b.Fatal(err)
				}
			}
			runtime.GC()
		}
	}
	b.ReportMetric(nsEach(turns[0], events), "ns/event")
	b.ReportMetric(nsEach(turns[1], events), "kgo-ns/event")
	b.ReportMetric(nsEach(turns[0], events)/nsEach(turns[1], events), "x-kgo")
	b.ReportMetric(0, "ns/op") // says nothing of one event
	checkLedger(b, pub.Ledger())
}
