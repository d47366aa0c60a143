package onex_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

var soakEvents = flag.Int("soak", 50_000, "events that the soak publishes")

// mostSpooled keeps the soak's publishing from running away from Kafka, and
// from filling the spool.
const mostSpooled = 100_000

// Events without end, one fault after the other, and bounded memory:
//
//	go test ./runtime -run Soak -soak 10000000 -timeout 2h -v
func TestSoak(t *testing.T) {
	// The brokers' data is on disk, as their memory is not what is measured.
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(3), kfake.DataDir(t.TempDir()), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(6))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	addr := cluster.ListenAddrs()[0]
	l := newLoad(t)
	sp, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pub := newPublisher(t, l.config(sp), addr, quick()...)
	l.use(pub)

	endFaults, endConsuming := make(chan struct{}), make(chan struct{})
	var faults, consuming sync.WaitGroup
	faults.Go(func() { rollFaults(cluster, endFaults) })
	consumed := &consumed{t: t, cluster: cluster, topic: l.topic, last: map[string]int{}}
	consuming.Go(func() { consumed.run(addr, endConsuming) })

	begun, most := time.Now(), int64(0)
	for n := 0; n < *soakEvents; {
		for pub.Ledger().Spooled > mostSpooled {
			pause(context.Background())
		}
		switch err := l.publish(fmt.Sprintf("k%d", n%101)); {
		case err == nil:
			if n++; n%100_000 == 0 {
				most = max(most, heap())
				t.Logf("%d events, %v, %d MiB, %+v", n, time.Since(begun).Round(time.Second), most>>20, pub.Ledger())
			}
		case errors.Is(err, onex.ErrQueueFull):
			pause(context.Background()) // as a caller does that has other things to do
		default:
			t.Fatal(err)
		}
	}
	close(endFaults)
	faults.Wait()
	// The spool has what came faster than Kafka took it.
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := pub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	close(endConsuming)
	consuming.Wait()
	consumed.rest(addr)
	for key, n := range l.next {
		if consumed.last[key] != n {
			t.Errorf("key %s: %d events were published, and %d arrived", key, n, consumed.last[key])
		}
	}
	checkLedger(t, pub.Ledger())
	if most > 128<<20 {
		t.Errorf("%d MiB were in use", most>>20)
	}
	t.Logf("%d events, %d of them twice, ledger %+v", *soakEvents, consumed.again.Load(), pub.Ledger())
}

// rollFaults lets one fault follow the other. What nothing has met ends with the
// next one: else faults would gather while a topic rests, more than it meets when
// it is tried, and it would rest for ever.
func rollFaults(c *kfake.Cluster, stop <-chan struct{}) {
	var cut atomic.Bool
	c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if cut.CompareAndSwap(true, false) {
			return nil, errors.New("cut"), true
		}
		return nil, nil, false
	})
	refuse := func(err *kerr.Error, count int) func() func() {
		return func() func() {
			return c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: err, Count: count}).Remove
		}
	}
	faults := []func() (end func()){
		func() func() { c.ShufflePartitionLeaders(); return func() {} },
		func() func() { cut.Store(true); return func() { cut.Store(false) } },
		refuse(kerr.NotEnoughReplicasAfterAppend, 2),
		refuse(kerr.RequestTimedOut, 2),
		refuse(kerr.TopicAuthorizationFailed, 1),
		refuse(kerr.InvalidProducerEpoch, 1),
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	end := func() {}
	defer func() { end() }()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			end()
			end = faults[rand.N(len(faults))]()
		}
	}
}

// consumed checks what arrives while it arrives, and forgets it in Kafka.
type consumed struct {
	t       *testing.T
	cluster *kfake.Cluster
	topic   string
	client  *kgo.Client
	last    map[string]int // by key, the number that is to come next
	again   atomic.Int64
}

func (c *consumed) run(addr string, stop <-chan struct{}) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ConsumeTopics(c.topic), kgo.MetadataMinAge(10*time.Millisecond),
		kgo.UnknownTopicRetries(-1), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		c.t.Error(err)
		return
	}
	c.client = client
	for {
		select {
		case <-stop:
			return
		default:
			c.poll()
		}
	}
}

func (c *consumed) poll() {
	fetches := c.client.PollFetches(closedSoon(c.t))
	fetches.EachRecord(func(rec *kgo.Record) {
		env, err := envelope.Decode(rec.Value)
		if err != nil {
			c.t.Error(err)
			return
		}
		payload, err := env.DecodePayload()
		if err != nil {
			c.t.Error(err)
			return
		}
		key, n := string(rec.Key), int(payload.(envelope.MetricRecorded).MetricValue)
		switch next := c.last[key]; {
		case n == next:
			c.last[key]++
		case n < next:
			c.again.Add(1)
		default:
			c.t.Errorf("key %s: %d comes in place of %d", key, n, next)
			c.last[key] = n + 1
		}
	})
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if n := len(p.Records); n > 0 {
			_ = c.cluster.DeleteRecords(p.Topic, p.Partition, p.Records[n-1].Offset)
		}
	})
}

// rest reads what is left.
func (c *consumed) rest(addr string) {
	defer c.client.Close()
	ctx := testContext(c.t)
	for ctx.Err() == nil {
		left := int64(0)
		for _, p := range c.cluster.PartitionInfos(c.topic) {
			left += p.HighWatermark - p.LogStartOffset
		}
		before := c.sum()
		c.poll()
		if before == c.sum() && left <= 6 { // the last record of each partition stays
			return
		}
	}
	c.t.Error("there is no end")
}

func (c *consumed) sum() (n int) {
	for _, next := range c.last {
		n += next
	}
	return n + int(c.again.Load())
}
