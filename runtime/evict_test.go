package onex_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// bound makes the spool hold so many events, or any number with 0.
func (s *memSpool) bound(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
}

// An event that does not fit into the spool at all is lost, and no other with
// it: those that wait with it go to disk.
func TestSpoolTooSmallForOne(t *testing.T) {
	disk, err := spool.Open(t.TempDir(), spool.MaxBytes(50_000))
	if err != nil {
		t.Fatal(err)
	}
	k := newKafka(t)
	l := newLoad(t)
	pub := newPublisher(t, l.config(disk), k.addr(), quick()...)
	l.use(pub)
	l.some(10)
	large := onex.WithMetadata(map[string]any{"k": strings.Repeat("x", 60_000)})
	if err := onex.MetricRecorded(testContext(t), l.node, "m", -1, "u", large); err != nil {
		t.Fatal(err)
	}
	l.some(10)
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 20 && g.Lost == 1 && g.InFlight == 0 })
	until(t, pub, "reported", func(onex.Ledger) bool { return len(l.losses.list()) > 0 })
	if got := l.losses.list(); len(got) != 1 || got[0].Reason != onex.LossEvicted {
		t.Errorf("losses %+v", got)
	}
	if err := onex.MetricRecorded(testContext(t), l.node, "m", -1, "u", large, onex.Durable()); err == nil {
		t.Error("an event is durable that the spool has no room for")
	}
	op := operation(pub, "effect", "x")
	started := 0
	for range 80 { // more than the spool has room for, beside the events
		if op.Started(testContext(t), uuid.New(), onex.None{}, onex.Durable()) == nil {
			started++
		}
	}
	if unfinished, err := disk.Unfinished(); err != nil || len(unfinished) != started || started == 80 {
		t.Errorf("%d operations were started, and the spool knows %d; %v", started, len(unfinished), err)
	}
	checkLedger(t, pub.Ledger())
}

// While OnLoss takes its time, what the spool drops does not pile up in memory:
// the spool waits, and then the queue is full.
func TestEvictionIsBounded(t *testing.T) {
	goOn := make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	defer release()
	l := newLoad(t)
	cfg := l.config(&memSpool{limit: 10})
	cfg.MaxInFlight, cfg.SpoolAfter = 20, 20*time.Millisecond
	cfg.OnLoss = func(loss onex.Loss) { <-goOn; l.losses.add(loss) }
	pub := newPublisher(t, cfg, noKafka(t), quick()...)
	l.use(pub)
	for refused, ctx := 0, testContext(t); refused < 200; {
		if err := l.publish("k"); err == nil {
			refused = 0
		} else {
			refused++
			pause(ctx)
		}
		if g := pub.Ledger(); g.Accepted > 1000 {
			t.Fatalf("there is no end: %+v", g)
		}
	}
	release()
	_ = pub.Close(closed(context.Background()))
	g := pub.Ledger()
	checkLedger(t, g)
	if n := len(l.losses.list()); int64(n) != g.Lost || g.InFlight > 0 {
		t.Errorf("%d losses were reported, ledger %+v", n, g)
	}
}
