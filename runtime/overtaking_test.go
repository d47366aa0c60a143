package onex_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// buffering is called for each record that a client is given, before it has it.
type buffering func(*kgo.Record)

func (f buffering) OnProduceRecordBuffered(rec *kgo.Record) { f(rec) }

// The client may send the first events of a group before it has been given the
// last: it sends what it has whenever it sends anything. If Kafka refuses those,
// the others do not overtake them.
func TestGroupIsRefusedAsAWhole(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	var handle atomic.Pointer[onex.Publisher]
	var once atomic.Bool
	held, published, ctx := make(chan struct{}), make(chan struct{}), testContext(t)
	refused := refuse(k.cluster, "dev.a.effect.metric.recorded.v1", "unfit", kerr.MessageTooLarge)
	pause := buffering(func(rec *kgo.Record) {
		switch value := string(rec.Value); {
		case strings.Contains(value, `"go ahead"`):
			close(held)
			<-published
		case strings.Contains(value, `"last"`) && !once.Swap(true):
			if err := refused.Wait(ctx, 1); err != nil {
				t.Error(err)
			}
			for end := time.Now().Add(200 * time.Millisecond); onex.WithClient(handle.Load()) == 3 && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
		}
	})
	pub := newPublisher(t, l.config(nil), k.addr(), append(quick(), uncompressed, kgo.WithHooks(pause))...)
	handle.Store(pub)
	l.use(pub)
	is := func(what string) onex.EventOption { return onex.WithMetadata(map[string]any{"is": what}) }
	publish := func(opts ...onex.EventOption) {
		t.Helper()
		if err := l.publish("k", opts...); err != nil {
			t.Fatal(err)
		}
	}
	publish()
	until(t, pub, "known to the client", func(g onex.Ledger) bool { return g.Delivered == 1 })
	publish(is("go ahead"))
	<-held // what comes now is one group
	publish()
	if err := onex.MetricRecorded(context.Background(), l.node, "m", -1, "u", is("unfit"), onex.WithPartitionKey("k")); err != nil {
		t.Fatal(err)
	}
	publish(is("last"))
	close(published)
	if err := pub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if g := pub.Ledger(); g.DeadLettered != 1 {
		t.Errorf("ledger %+v", g)
	}
	l.check(k.addr(), pub, false)
}
