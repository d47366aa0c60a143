package onex_test

import (
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A topic that has too few replicas waits alone, with a client that says nothing
// of it: its health says so, its events go to the spool, other topics flow, and
// all arrive in order when it has replicas again.
func TestStalledTopic(t *testing.T) {
	k := newKafka(t).start()
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	other := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "other"})
	handle := k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: l.topic, Err: kerr.NotEnoughReplicas, Count: -1})
	l.some(20)
	var n int64
	for ctx := testContext(t); pub.Health().Topics[l.topic] != onex.CauseTimeout; pause(ctx) {
		if err := errors.Join(ctx.Err(), onex.MetricRecorded(ctx, other, "m", 1, "u")); err != nil {
			t.Fatalf("%v; health %+v", err, pub.Health())
		}
		n++
	}
	if h := pub.Health(); !h.Up || len(h.Topics) != 1 {
		t.Errorf("health %+v", h)
	}
	l.some(100)
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled >= 100 && g.Delivered == n })
	handle.Remove()
	until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == n+120 })
	if h := pub.Health(); !h.Up || h.Topics != nil {
		t.Errorf("health %+v", h)
	}
	l.check(k.addr(), pub, false)
}

// Without a spool it takes half of the room, and no more.
func TestStalledTopicLeavesRoom(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	cfg := l.config(nil)
	cfg.MaxInFlight, cfg.SpoolAfter = 100, 50*time.Millisecond
	pub := newPublisher(t, cfg, k.addr(), quick()...)
	l.use(pub)
	other := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "other"})
	l.some(1) // it is known that events can be written to it
	until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 1 })
	handle := k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: l.topic, Err: kerr.NotEnoughReplicas, Count: -1})
	l.some(20)
	ctx := testContext(t)
	for ; pub.Health().Topics[l.topic] == ""; pause(ctx) {
		if err := errors.Join(ctx.Err(), onex.MetricRecorded(ctx, other, "m", 1, "u")); err != nil {
			t.Fatalf("%v; health %+v", err, pub.Health())
		}
	}
	var err error
	for err == nil {
		err = l.publish("k")
	}
	if g := pub.Ledger(); !errors.Is(err, onex.ErrQueueFull) || g.InFlight > 60 {
		t.Errorf("%v with %+v", err, g)
	}
	if err := onex.MetricRecorded(ctx, other, "m", 1, "u"); err != nil {
		t.Error(err)
	}
	handle.Remove()
	if err := pub.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	checkLedger(t, pub.Ledger())
}
