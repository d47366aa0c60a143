package onex_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Every fault, while events are published, and what must hold after it: each
// accepted event has arrived, in order for its key, and the ledger says so.
// Duplicates are only allowed where Kafka's answer may have been lost together
// with the client that waited for it.
func TestFaults(t *testing.T) {
	produce := []kmsg.Key{kmsg.Produce}
	for _, tt := range []struct {
		fault      string
		strike     func(t *testing.T, k *kafka, l *load)
		duplicates bool
	}{
		{"broker killed and started again, 20 times", func(t *testing.T, k *kafka, l *load) {
			for range 20 {
				l.some(1 + rand.N(50))
				k.kill()
				l.some(1 + rand.N(50))
				k.start()
				l.some(1 + rand.N(50))
			}
		}, true},
		{"leaders moved", func(t *testing.T, k *kafka, l *load) {
			for range 20 {
				l.some(20)
				k.cluster.ShufflePartitionLeaders()
			}
		}, false},
		{"too few replicas, after the append", func(t *testing.T, k *kafka, l *load) {
			hit(t, k, l, kfake.Fault{Keys: produce, Err: kerr.NotEnoughReplicasAfterAppend, Count: 3})
		}, false},
		{"timed out, after the append", func(t *testing.T, k *kafka, l *load) {
			hit(t, k, l, kfake.Fault{Keys: produce, Err: kerr.RequestTimedOut, Count: 3})
		}, false},
		{"too few replicas", func(t *testing.T, k *kafka, l *load) {
			hit(t, k, l, kfake.Fault{Keys: produce, Err: kerr.NotEnoughReplicas, Count: 5})
		}, false},
		{"not the leader", func(t *testing.T, k *kafka, l *load) {
			hit(t, k, l, kfake.Fault{Keys: produce, Err: kerr.NotLeaderForPartition, Count: 5})
		}, false},
		{"storage error", func(t *testing.T, k *kafka, l *load) {
			hit(t, k, l, kfake.Fault{Keys: produce, Err: kerr.KafkaStorageError, Count: 5})
		}, false},
		{"producer id refused", func(t *testing.T, k *kafka, l *load) {
			hit(t, k, l, kfake.Fault{Keys: produce, Err: kerr.InvalidProducerEpoch, Count: 1})
		}, true},
		{"not authorized for the cluster, and again", func(t *testing.T, k *kafka, l *load) {
			hit(t, k, l, kfake.Fault{Keys: produce, Err: kerr.ClusterAuthorizationFailed, Count: 2})
		}, true},
		{"connections cut in the middle of an answer", func(t *testing.T, k *kafka, l *load) {
			var cut atomic.Int32
			k.cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
				k.cluster.KeepControl()
				if cut.Add(1) > 5 {
					k.cluster.DropControl()
					return nil, nil, false
				}
				return nil, errors.New("cut"), true
			})
			l.some(100)
			for ctx := testContext(t); cut.Load() <= 5 && ctx.Err() == nil; pause(ctx) {
				l.some(5)
			}
		}, true},
		{"no answer", func(t *testing.T, k *kafka, l *load) {
			var silent atomic.Int32
			k.cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
				silent.Add(1)
				return nil, nil, true
			})
			l.some(100)
			for ctx := testContext(t); silent.Load() == 0 && ctx.Err() == nil; pause(ctx) {
			}
			l.some(100)
		}, true},
		{"throttled", func(t *testing.T, k *kafka, l *load) {
			var throttled atomic.Int32
			k.cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
				k.cluster.KeepControl()
				if throttled.Add(1) > 3 {
					k.cluster.DropControl()
					return nil, nil, false
				}
				return throttle(req.(*kmsg.ProduceRequest)), nil, true
			})
			l.some(200)
			for ctx := testContext(t); throttled.Load() < 3 && ctx.Err() == nil; pause(ctx) {
			}
		}, false},
	} {
		for name, spool := range map[string]func() onex.Spool{
			"memory": func() onex.Spool { return nil },
			"spool":  func() onex.Spool { return &memSpool{} },
		} {
			t.Run(strings.ReplaceAll(tt.fault, " ", "-")+"/"+name, func(t *testing.T) {
				t.Parallel()
				k := newKafka(t).start()
				l := newLoad(t)
				pub := newPublisher(t, l.config(spool()), k.addr(), quick()...)
				l.use(pub)
				l.some(50)
				tt.strike(t, k, l)
				l.some(50)
				if err := pub.Close(testContext(t)); err != nil {
					t.Fatal(err)
				}
				// A client that was replaced may have been answered too late.
				l.check(k.addr(), pub, tt.duplicates || name == "spool")
			})
		}
	}
}

// throttle is the answer of a broker that has had enough for a while.
func throttle(req *kmsg.ProduceRequest) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.ProduceResponse)
	resp.ThrottleMillis = 200
	for _, t := range req.Topics {
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic, topic.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			partition := kmsg.NewProduceResponseTopicPartition()
			partition.Partition, partition.ErrorCode = p.Partition, kerr.NotEnoughReplicas.Code
			topic.Partitions = append(topic.Partitions, partition)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}

// hit publishes until a fault has struck as often as it is meant to.
func hit(t *testing.T, k *kafka, l *load, fault kfake.Fault) {
	t.Helper()
	handle := k.cluster.Fault(fault)
	l.some(100)
	for ctx := testContext(t); handle.Hits() < fault.Count; pause(ctx) {
		if ctx.Err() != nil {
			t.Fatalf("the fault has struck %d times", handle.Hits())
		}
		l.some(1)
	}
}

// Brokers that come back after a long time are found soon: the wait between
// attempts does not grow with the time.
func TestBrokerComesBack(t *testing.T) {
	k := newKafka(t)
	l := newLoad(t)
	pub := newPublisher(t, l.config(nil), k.addr())
	l.use(pub)
	l.some(10)
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	_ = pub.Flush(ctx) // the attempts grow rarer meanwhile
	k.start()
	begun := time.Now()
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	t.Logf("found after %v", time.Since(begun).Round(time.Millisecond))
	l.check(k.addr(), pub, false)
}
