package onex_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// What has been delivered from the spool is not there any more when Close has
// returned, so that the next publisher does not deliver it again; the rest is.
func TestCloseRemovesDelivered(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &memSpool{}
	opts := append(quick(), uncompressed)
	pub := newPublisher(t, l.config(spool), k.addr(), opts...)
	l.use(pub)
	unfit := onex.WithMetadata(map[string]any{"k": "unfit"})
	for i := range 10 {
		if err := onex.MetricRecorded(testContext(t), l.node, "m", float64(i), "u", onex.WithPartitionKey("k"), unfit); err != nil {
			t.Fatal(err)
		}
	}
	_ = pub.Close(closed(context.Background()))

	// The first five arrive, the sixth is unfit, and its dead letter gets nowhere.
	refuse(k.start().cluster, l.topic, `"metric_value":5.0`, kerr.InvalidRecord)
	letters := refuse(k.cluster, l.topic+".dlq", "", kerr.NotEnoughReplicas)
	pub = newPublisher(t, l.config(spool), k.addr(), opts...)
	until(t, pub, "half done", func(g onex.Ledger) bool { return g.Delivered == 5 && letters.Hits() > 0 })
	if n := spool.len(); n != 10 {
		t.Fatalf("%d events are in the spool, and nothing is tested", n)
	}
	_ = pub.Close(closed(context.Background()))
	if n, g := spool.len(), pub.Ledger(); n != 5 || g.Spooled != 5 {
		t.Errorf("%d events are in the spool, ledger %+v", n, g)
	}
}

// A spool that has just failed is tried once more at the end: it is the last
// chance of what is in memory.
func TestCloseTriesTheSpool(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	var failed atomic.Bool
	spool.set(func([]onex.Spooled) error {
		if failed.Swap(true) {
			return nil
		}
		return errors.New("not now")
	})
	l.some(10)
	until(t, pub, "tried", func(onex.Ledger) bool { return failed.Load() })
	_ = pub.Close(closed(context.Background()))
	if g := pub.Ledger(); g.Spooled != 10 || g.Lost != 0 {
		t.Errorf("ledger %+v", g)
	}
}

// A hook of the client's that does not return keeps Close for a moment, and not for as
// long as it takes itself.
func TestCloseWithAHookThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t).start()
		l, hang := newLoad(t), make(chan struct{})
		opts := append(k.client, seed(k), kgo.WithHooks(hanging(hang)))
		pub := newPublisherWith(t, l.config(&memSpool{}), opts...)
		l.use(pub)
		l.some(10)
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		_ = pub.Close(ctx)
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("Close took %v", took)
		}
		if g := pub.Ledger(); g.Spooled != 10 || g.InFlight+g.Lost > 0 {
			t.Errorf("ledger %+v", g)
		}
		close(hang)
		k.kill()
		time.Sleep(time.Minute)
	})
}

// hanging is a hook that does not return from the first produce request.
type hanging chan struct{}

func (h hanging) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if key == kmsg.Produce.Int16() {
		<-h
	}
}
