package onex_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// partitioned is called for each record that a client has found a partition for.
type partitioned func(*kgo.Record)

func (f partitioned) OnProduceRecordPartitioned(rec *kgo.Record, _ int32) { f(rec) }

// A client that is new partitions its records when it has found the topic, one
// after the other, and may send the first of them before it has the last. If Kafka
// refuses the first, the others do not overtake them.
func TestNewClientKeepsOrder(t *testing.T) {
	k := newKafka(t).start()
	old := newPublisher(t, newLoad(t).config(nil), k.addr(), quick()...)
	makeTopic := newLoad(t)
	makeTopic.use(old)
	makeTopic.some(1)
	if err := old.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}

	l := newLoad(t)
	refuse(k.cluster, makeTopic.topic, "unfit", kerr.MessageTooLarge)
	traces := partitioned(func(*kgo.Record) { time.Sleep(time.Millisecond) }) // what a hook takes that traces
	busy, published := make(chan struct{}), make(chan struct{})
	waits := buffering(func(rec *kgo.Record) {
		if strings.Contains(rec.Topic, ".b.") {
			close(busy)
			<-published
		}
	})
	pub := newPublisher(t, l.config(nil), k.addr(), append(quick(), uncompressed, kgo.WithHooks(traces, waits))...)
	l.use(pub)
	other := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "b"})
	if err := onex.MetricRecorded(t.Context(), other, "m", 1, "u"); err != nil {
		t.Fatal(err)
	}
	<-busy // what comes now could be one group
	unfit := onex.WithMetadata(map[string]any{"is": "unfit"})
	for i := range 60 {
		if i == 2 || i == 40 {
			if err := onex.MetricRecorded(t.Context(), l.node, "m", -1, "u", unfit, onex.WithPartitionKey("k")); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.publish("k"); err != nil {
			t.Fatal(err)
		}
	}
	close(published)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if g := pub.Ledger(); g.DeadLettered != 2 {
		t.Errorf("ledger %+v", g)
	}
	l.check(k.addr(), pub, false)
}

// logged is a client's logger, which is told of each line.
type logged func(line string)

func (logged) Level() kgo.LogLevel { return kgo.LogLevelDebug }

func (f logged) Log(_ kgo.LogLevel, msg string, keyvals ...any) { f(msg + fmt.Sprint(keyvals...)) }

// What a client knows of a topic changes while it is given a group: it may not be
// written to, and then it may. The first events, which the client itself refuses,
// are not overtaken by the others.
func TestTopicIsAllowedWithinAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t).start()
		l := newLoad(t)
		var armed atomic.Bool
		learning, learn := make(chan struct{}), make(chan struct{})
		logger := logged(func(line string) {
			if strings.HasPrefix(line, "metadata refresh has identical topic partition data") && strings.Contains(line, "metric.recorded") && armed.CompareAndSwap(true, false) {
				close(learning)
				<-learn
			}
		})
		var once sync.Once
		inTheMiddle := buffering(func(rec *kgo.Record) {
			if strings.Contains(string(rec.Value), `"second"`) {
				once.Do(func() { close(learn) })
				time.Sleep(time.Millisecond) // until it has learned
			}
		})
		opts := append(quick(), seed(k), kgo.WithHooks(inTheMiddle), kgo.WithLogger(logger))
		pub, err := onex.NewPublisher(l.config(nil), append(opts, k.client...)...)
		if err != nil {
			t.Fatal(err)
		}
		l.use(pub)
		publish := func(opts ...onex.EventOption) {
			t.Helper()
			if err := l.publish("k", opts...); err != nil {
				t.Fatal(err)
			}
		}
		publish()
		until(t, pub, "known to the client", func(g onex.Ledger) bool { return g.Delivered == 1 })
		fault := k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: l.topic, Err: kerr.TopicAuthorizationFailed, Count: -1})
		if err := fault.Wait(testContext(t), 3); err != nil {
			t.Fatal(err)
		}
		armed.Store(true)
		fault.Remove()
		select {
		case <-learning: // that it may, and believes that it may not
		case <-time.After(time.Minute):
			t.Fatal("the client learns nothing")
		}
		publish()
		publish(onex.WithMetadata(map[string]any{"is": "second"}))
		publish()
		// The second is not given to it before the first has arrived.
		time.AfterFunc(time.Second, func() { once.Do(func() { close(learn) }) })
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		l.check(k.addr(), pub, false, k.client...)
		k.kill()
	})
}

// The program's clock is set back while events are on their way. An outage is noticed as soon
// as with any other clock.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t).start()
		l := newLoad(t)
		var ahead atomic.Int64
		ahead.Store(int64(10 * time.Minute))
		cfg := l.config(&memSpool{})
		cfg.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		pub, err := onex.NewPublisher(cfg, append(append(quick(), seed(k)), k.client...)...)
		if err != nil {
			t.Fatal(err)
		}
		l.use(pub)
		l.some(10)
		until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 10 })
		k.kill()
		l.some(10)
		time.Sleep(time.Millisecond) // which are on their way, then
		ahead.Store(0)
		time.Sleep(2 * cfg.SpoolAfter)
		if g := pub.Ledger(); g.Spooled != 10 {
			t.Errorf("Kafka has been away for twice SpoolAfter: %+v", g)
		}
		k.start()
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		l.check(k.addr(), pub, true, k.client...)
		k.kill()
	})
}
