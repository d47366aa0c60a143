package onex_test

import (
	"context"
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// What a whole topic suffers from rests that topic alone: others flow, and when
// it is mended its events arrive, in order. With a spool they wait there, and
// without in memory.
func TestTopicSuffers(t *testing.T) {
	const topic = "dev.a.effect.metric.recorded.v1"
	for name, fault := range map[string]struct {
		broker []kfake.Opt
		harm   func(*kfake.Cluster) (mend func())
	}{
		"missing": {
			[]kfake.Opt{kfake.SeedTopics(1, "dev.a.effect.x.started.v1")},
			func(c *kfake.Cluster) func() {
				return func() { _ = c.CreateTopic(topic, 3, nil) }
			},
		},
		"not authorized": {
			[]kfake.Opt{kfake.SeedTopics(3, topic, "dev.a.effect.x.started.v1")},
			func(c *kfake.Cluster) func() {
				return c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.TopicAuthorizationFailed, Count: -1}).Remove
			},
		},
		"deleted and made again": {
			[]kfake.Opt{kfake.SeedTopics(3, topic, "dev.a.effect.x.started.v1")},
			func(c *kfake.Cluster) func() {
				_ = c.DeleteTopic(topic)
				return func() { _ = c.CreateTopic(topic, 2, nil) }
			},
		},
	} {
		for _, spool := range []onex.Spool{nil, &memSpool{}} {
			t.Run(name, func(t *testing.T) {
				cluster, err := kfake.NewCluster(append(fault.broker, kfake.Ports(0), kfake.NumBrokers(1))...)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(cluster.Close)
				addr := cluster.ListenAddrs()[0]
				l := newLoad(t)
				pub := newPublisher(t, l.config(spool), addr, quick()...)
				l.use(pub)
				if name == "deleted and made again" {
					if err := l.publish("before"); err != nil {
						t.Fatal(err)
					}
					if err := pub.Flush(testContext(t)); err != nil {
						t.Fatal(err)
					}
				}
				mend := fault.harm(cluster)
				delete(l.next, "before") // is gone with its topic, and was delivered
				delivered := pub.Ledger().Delivered
				l.some(50)
				op := operation(pub, "effect", "x")
				for range 20 {
					if err := op.Started(context.Background(), id, onex.None{}); err != nil {
						t.Fatal(err)
					}
				}
				until(t, pub, "flowing past", func(g onex.Ledger) bool { return g.Delivered == delivered+20 })
				if spool != nil {
					until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 50 })
				}
				mend()
				l.some(50)
				if err := pub.Close(testContext(t)); err != nil {
					t.Fatal(err)
				}
				l.check(addr, pub, true)
			})
		}
	}
}

// A topic that is suffering leaves room for others.
func TestTopicLeavesRoom(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.SeedTopics(1, "dev.a.effect.x.started.v1"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	l := newLoad(t)
	cfg := l.config(nil)
	cfg.MaxInFlight = 100
	pub := newPublisher(t, cfg, cluster.ListenAddrs()[0], quick()...)
	l.use(pub)
	for ctx := testContext(t); ; pause(ctx) {
		if err := l.publish("k"); errors.Is(err, onex.ErrQueueFull) && pub.Ledger().InFlight < 100 {
			break
		} else if ctx.Err() != nil {
			t.Fatalf("it takes all: %+v, %v", pub.Ledger(), err)
		}
	}
	if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}); err != nil {
		t.Errorf("there is no room for another topic: %v", err)
	}
}

// The client that one fatal answer has poisoned is replaced, and events arrive
// all the same, in order.
func TestPoisonedClient(t *testing.T) {
	for name, fault := range map[string]kfake.Fault{
		"refused at the beginning":  {Keys: []kmsg.Key{kmsg.InitProducerID}, TopLevel: true, Err: kerr.ClusterAuthorizationFailed, Count: 1},
		"refused in the middle":     {Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidProducerEpoch, Count: 1},
		"unknown producer":          {Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.UnknownProducerID, Count: 1},
		"fenced":                    {Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.ProducerFenced, Count: 1},
		"something nobody expected": {Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.UnsupportedForMessageFormat, Count: 1},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKafka(t).start()
			l := newLoad(t)
			pub := newPublisher(t, l.config(nil), k.addr(), quick()...)
			l.use(pub)
			if name != "refused at the beginning" {
				l.some(20)
				if err := pub.Flush(testContext(t)); err != nil {
					t.Fatal(err)
				}
			}
			handle := k.cluster.Fault(fault)
			l.some(200)
			if err := handle.Wait(testContext(t), 1); err != nil {
				t.Fatal(err)
			}
			l.some(200)
			if err := pub.Close(testContext(t)); err != nil {
				t.Fatal(err)
			}
			l.check(k.addr(), pub, true)
		})
	}
}

// A missing topic is reported as lost at the end, if it never comes.
func TestTopicMissing(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.SeedTopics(1, "dev.a.effect.there.started.v1"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	var lost losses
	pub := newPublisher(t, onex.Config{OnLoss: lost.add}, cluster.ListenAddrs()[0], quick()...)
	ctx := testContext(t)
	err = errors.Join(
		operation(pub, "effect", "missing").Started(ctx, id, onex.None{}),
		operation(pub, "effect", "there").Started(ctx, id, onex.None{}),
	)
	if err != nil {
		t.Fatal(err)
	}
	until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 1 })
	if err := pub.Close(closed(ctx)); err == nil {
		t.Error("Close does not report the loss")
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 2, Delivered: 1, Lost: 1}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	got := lost.list()
	if len(got) != 1 || got[0].EventType != "effect.missing.started" || got[0].Reason != onex.LossClosed || got[0].CorrelationID != id.String() {
		t.Errorf("losses %+v", got)
	}
}
