package onex_test

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Events that the spool has dropped while they were on their way to Kafka, and
// that go to disk a second time because they do not get there, stay there
// though what was read after them has been delivered.
func TestEvictedGoesToDiskAgain(t *testing.T) {
	k := newKafka(t).start()
	p, other := partitionOf(t, k, "k0"), "k1"
	for i := byte('2'); partitionOf(t, k, other) == p; i++ {
		other = "k" + string(i)
	}
	k.kill()
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	for _, key := range []string{"k0", other} {
		for range 5 {
			if err := l.publish(key); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = pub.Close(closed(context.Background()))

	handle := k.start().cluster.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: l.topic, Partitions: []int32{p}, Err: kerr.NotEnoughReplicas, Count: -1,
	})
	pub = newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	until(t, pub, "half done", func(g onex.Ledger) bool { return g.Delivered == 5 })
	spool.bound(6)
	if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}, onex.Durable()); err != nil {
		t.Fatal(err)
	}
	spool.bound(0)
	until(t, pub, "in memory", func(g onex.Ledger) bool { return g.InFlight == 5 })
	all := k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
	until(t, pub, "in memory no more", func(g onex.Ledger) bool { return onex.WithClient(pub) == 0 })
	handle.Remove()
	all.Remove()
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}

// bound makes the spool hold so many events, or any number with 0.
func (s *memSpool) bound(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
}

// partitionOf returns the partition, of three, that events with a key go to.
func partitionOf(t *testing.T, k *kafka, key string) int32 {
	t.Helper()
	client, err := kgo.NewClient(seed(k), kgo.AllowAutoTopicCreation(), kgo.MetadataMinAge(1e7))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	rec, err := client.ProduceSync(testContext(t), &kgo.Record{Topic: "probe", Key: []byte(key)}).First()
	if err != nil {
		t.Fatal(err)
	}
	return rec.Partition
}
