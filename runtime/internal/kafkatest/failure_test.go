//go:build kafka

package kafkatest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// newFailureBench is newBench with three nodes, for a test that ends some of
// them.
func newFailureBench(t *testing.T) *bench {
	t.Helper()
	if !*failures {
		t.Skip("kills nodes, which takes minutes; run with -failures")
	}
	b := newBench(t, 3)
	// Whatever becomes of this test, the next one has a cluster that is well.
	t.Cleanup(func() {
		if err := b.StartAll(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// flow publishes n events at a rate, in turn to every meter and under many keys.
// The publisher refuses what is too much for it, and is asked again.
func flow(ctx context.Context, n, perSecond int, meters ...meter) (published int, err error) {
	const tick = 10 * time.Millisecond
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for ctx.Err() == nil {
		for range max(1, perSecond/int(time.Second/tick)) {
			if published == n {
				return published, nil
			}
			m := meters[published%len(meters)]
			err := m.publish(fmt.Sprint("key-", published/len(meters)%200))
			if errors.Is(err, onex.ErrQueueFull) {
				break
			}
			if err != nil {
				return published, err
			}
			published++
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	return published, nil
}

// untilReplicas waits until every partition of topics has a leader and n
// replicas that are in sync.
func (b *bench) untilReplicas(n int, topics ...string) {
	b.t.Helper()
	ctx := patience(b.t, 3*time.Minute)
	admin := b.Admin(b.t)
	for is := false; !is; pause() {
		details, err := admin.ListTopics(ctx, topics...)
		if ctx.Err() != nil {
			b.t.Fatalf("there are never %d replicas in sync: %+v", n, details)
		}
		is = err == nil && details.Error() == nil && !slices.ContainsFunc(slices.Collect(maps.Values(details)), func(d kadm.TopicDetail) bool {
			return slices.ContainsFunc(d.Partitions.Sorted(), func(p kadm.PartitionDetail) bool { return p.Err != nil || p.Leader < 0 || len(p.ISR) != n })
		})
	}
}

// elections returns how many leaders the partitions of topics have had.
func (b *bench) elections(topics ...string) (n int) {
	b.t.Helper()
	details, err := b.Admin(b.t).ListTopics(patience(b.t, time.Minute), topics...)
	if err := errors.Join(err, details.Error()); err != nil {
		b.t.Fatal(err)
	}
	for _, d := range details {
		for _, p := range d.Partitions {
			n += int(p.LeaderEpoch)
		}
	}
	return n
}

// One node of three after the other is killed and started again while a million
// events are published. Every event arrives, in order.
func TestFailureOfOneNode(t *testing.T) {
	b := newFailureBench(t)
	topics := []string{b.topicOf("a"), b.topicOf("b"), b.topicOf("c")}
	b.CreateTopics(t, 6, nil, topics...)
	before := b.elections(topics...)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext))
	meters := []meter{b.meter(pub, "a"), b.meter(pub, "b"), b.meter(pub, "c")}

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	var publishing sync.WaitGroup
	done := make(chan struct{})
	begin := time.Now()
	publishing.Go(func() {
		defer close(done)
		if n, err := flow(ctx, *events, 5000, meters...); err != nil || n != *events {
			t.Errorf("%d of %d events were published: %v", n, *events, err)
		}
	})
	kills, most := 0, int64(0)
	for ended := false; !ended; {
		node := kills%3 + 1
		if err := b.Kill(node); err != nil {
			t.Fatal(err)
		}
		kills++
		b.untilReplicas(2, topics...) // others lead
		b.untilDelivered(pub, 10_000, done)
		most = max(most, pub.Ledger().Spooled)
		if err := b.Start(node); err != nil {
			t.Fatal(err)
		}
		b.untilReplicas(3, topics...)
		b.untilDelivered(pub, 10_000, done)
		t.Logf("%v: node %d was killed and is back: %+v", time.Since(begin).Round(time.Second), node, pub.Ledger())
		select {
		case <-done:
			ended = true
		default:
		}
	}
	publishing.Wait()
	b.close(pub)
	b.reckon(pub.Ledger())
	t.Logf("%d kills, %d elections, at most %d events seen in the spool, %v", kills, b.elections(topics...)-before, most, time.Since(begin).Round(time.Second))
}

// untilDelivered waits until so many more events are delivered, or all have been
// published.
func (b *bench) untilDelivered(pub *onex.Publisher, more int64, done <-chan struct{}) {
	b.t.Helper()
	ctx := patience(b.t, 3*time.Minute)
	for goal := pub.Ledger().Delivered + more; pub.Ledger().Delivered < goal; pause() {
		select {
		case <-done:
			return
		case <-ctx.Done():
			b.t.Fatalf("nothing is delivered: %+v, %+v", pub.Ledger(), pub.Health())
		default:
		}
	}
}

// The whole cluster is stopped for a minute, in which events go to the spool,
// and started again.
func TestFailureOfTheCluster(t *testing.T) {
	b := newFailureBench(t)
	topics := []string{b.topicOf("a"), b.topicOf("b")}
	b.CreateTopics(t, 6, nil, topics...)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext))
	meters := []meter{b.meter(pub, "a"), b.meter(pub, "b")}
	ctx, end := context.WithTimeout(t.Context(), 10*time.Minute)
	defer end()
	var publishing sync.WaitGroup
	publishing.Go(func() {
		if _, err := flow(ctx, -1, 1000, meters...); err != nil {
			t.Error(err)
		}
	})
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered > 3000 })
	if err := b.StopAll(); err != nil {
		t.Fatal(err)
	}
	stopped := time.Now()
	b.until(pub, "down", func() bool { h := pub.Health(); return !h.Up && h.Cause == onex.CauseRefused })
	b.until(pub, "spooled", func() bool { return pub.Ledger().Spooled > 3000 })
	<-time.After(time.Minute - time.Since(stopped))
	t.Logf("after a minute: %+v", pub.Ledger())
	started := time.Now()
	if err := b.StartAll(); err != nil {
		t.Fatal(err)
	}
	t.Logf("the cluster has started in %v", time.Since(started).Round(time.Second))
	b.until(pub, "up", func() bool { return pub.Health().Up })
	b.until(pub, "caught up", func() bool { return pub.Ledger().Spooled == 0 })
	t.Logf("%v after the start nothing is in the spool: %+v", time.Since(started).Round(time.Second), pub.Ledger())
	end()
	publishing.Wait()
	b.close(pub)
	b.reckon(pub.Ledger())
}

// A topic with fewer replicas in sync than it wants takes nothing until there
// are enough again. Another one flows meanwhile.
func TestFailureOfReplicas(t *testing.T) {
	b := newFailureBench(t)
	strict, free := b.topicOf("strict"), b.topicOf("free")
	b.CreateTopics(t, 3, map[string]string{"min.insync.replicas": "3"}, strict)
	b.CreateTopics(t, 3, nil, free)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext))
	s, f := b.meter(pub, "strict"), b.meter(pub, "free")
	s.some(500)
	f.some(500)
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 1000 })

	if err := b.Kill(2); err != nil {
		t.Fatal(err)
	}
	b.untilReplicas(2, strict, free)
	s.some(500)
	f.some(500)
	b.until(pub, "delivered to the other topic", func() bool { return pub.Ledger().Delivered == 1500 })
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	var publishing sync.WaitGroup
	publishing.Go(func() {
		if _, err := flow(ctx, -1, 500, s, f); err != nil {
			t.Error(err)
		}
	})
	b.until(pub, "stalled", func() bool { return pub.Health().Topics[strict] == onex.CauseTimeout })
	b.until(pub, "spooled", func() bool { return pub.Ledger().Spooled > 500 })
	if h := pub.Health(); !h.Up || len(h.Topics) != 1 {
		t.Errorf("health %+v", h)
	}
	t.Logf("without replicas: %+v", pub.Ledger())
	end()
	publishing.Wait()

	if err := b.Start(2); err != nil {
		t.Fatal(err)
	}
	b.untilReplicas(3, strict, free)
	b.until(pub, "all well", func() bool {
		g, h := pub.Ledger(), pub.Health()
		return g.InFlight+g.Spooled == 0 && h.Up && h.Topics == nil
	})
	b.close(pub)
	b.reckon(pub.Ledger())
}

// If no topic has enough replicas, the publisher is down, and all goes to the
// spool.
func TestFailureOfAllReplicas(t *testing.T) {
	b := newFailureBench(t)
	topics := []string{b.topicOf("a"), b.topicOf("b")}
	b.CreateTopics(t, 3, map[string]string{"min.insync.replicas": "3"}, topics...)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext))
	one, two := b.meter(pub, "a"), b.meter(pub, "b")
	one.some(500)
	two.some(500)
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 1000 })
	if err := b.Kill(3); err != nil {
		t.Fatal(err)
	}
	b.untilReplicas(2, topics...)
	one.some(500)
	two.some(500)
	b.until(pub, "down", func() bool { h := pub.Health(); return !h.Up && h.Cause == onex.CauseTimeout })
	b.until(pub, "spooled", func() bool { g := pub.Ledger(); return g.Spooled == 1000 && g.InFlight == 0 })
	if err := b.Start(3); err != nil {
		t.Fatal(err)
	}
	b.untilReplicas(3, topics...)
	b.until(pub, "all well", func() bool { return pub.Ledger().Delivered == 2000 && pub.Health().Up })
	b.close(pub)
	b.reckon(pub.Ledger())
}
