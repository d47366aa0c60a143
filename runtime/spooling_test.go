package onex_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// What Kafka does not take in time goes to the spool, and is delivered from
// there when Kafka is back, in order, also while new events keep coming.
func TestSpoolDuringOutage(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	l.some(300)
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 300 && g.InFlight == 0 })
	l.some(300)
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 600 && g.InFlight == 0 })
	k.start()
	for range 50 {
		l.some(20)
		pause(context.Background())
	}
	until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 1600 })
	if n := spool.len(); n > 0 {
		until(t, pub, "removed", func(onex.Ledger) bool { return spool.len() == 0 })
	}
	// From now on the disk is not needed any more.
	spool.set(func([]onex.Spooled) error { return errors.New("not needed") })
	l.some(50)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}

// What is left at the end is delivered by the next publisher, before its own.
func TestSpoolOutlivesPublisher(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	l.some(500)
	err := pub.Close(closed(context.Background()))
	var rest *onex.CloseError
	if !errors.As(err, &rest) || rest.Spooled != 500 || rest.Lost != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v", err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 500, Spooled: 500}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	k.start()
	pub = newPublisher(t, l.config(spool), k.addr(), quick()...)
	if got := pub.Ledger(); got.Accepted != 500 || got.Spooled+got.Delivered != 500 {
		t.Errorf("the next ledger begins with %+v", got)
	}
	l.use(pub)
	l.some(100)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 600, Delivered: 600}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	l.check(k.addr(), pub, false)
	if !spool.closed || spool.len() > 0 {
		t.Errorf("spool closed: %v, events: %d", spool.closed, spool.len())
	}
}

// A full disk keeps events in memory, in their order; once there is room they
// go on.
func TestSpoolDiskFull(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &memSpool{}
	cfg := l.config(spool)
	cfg.MaxInFlight = 400
	pub := newPublisher(t, cfg, k.addr(), quick()...)
	l.use(pub)
	l.some(100)
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 100 })
	spool.set(func([]onex.Spooled) error { return syscall.ENOSPC })
	l.waitAndPublish(pub, 400) // the topic may have half of the room while something is written
	if err := l.publish("k0"); !errors.Is(err, onex.ErrQueueFull) {
		t.Errorf("with disk and memory full: %v", err)
	}
	if err := l.publish("k0", onex.Durable()); !errors.Is(err, onex.ErrQueueFull) {
		t.Errorf("a durable event with disk and memory full: %v", err)
	}
	spool.set(nil)
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 500 })
	spool.set(func([]onex.Spooled) error { return syscall.ENOSPC })
	if err := l.publish("k0", onex.Durable()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a durable event with a full disk: %v", err)
	}
	k.start()
	l.some(100)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}

// A durable event is on disk when its method returns, and it and those behind
// it arrive in order.
func TestDurable(t *testing.T) {
	k := newKafka(t).start()
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	var written atomic.Int64
	spool.set(func(events []onex.Spooled) error { written.Add(int64(len(events))); return nil })
	for i := range 200 {
		var opts []onex.EventOption
		if i%10 == 5 {
			opts = append(opts, onex.Durable())
		}
		before := written.Load()
		if err := l.publish("k0", opts...); err != nil {
			t.Fatal(err)
		}
		if opts != nil && written.Load() == before {
			t.Fatal("a durable event is not on disk")
		}
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, false)

	without := newPublisher(t, onex.Config{}, k.addr())
	l.use(without)
	if err := l.publish("k0", onex.Durable()); !errors.Is(err, onex.ErrNoSpool) {
		t.Errorf("without a spool: %v", err)
	}
}

// What the spool has to drop is lost, and reported.
func TestSpoolEvicts(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &memSpool{limit: 100}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	for range 130 {
		if err := l.publish("k0", onex.Durable()); err != nil {
			t.Fatal(err)
		}
		checkLedger(t, pub.Ledger())
	}
	_ = pub.Close(closed(context.Background()))
	// Those that were with the client when they were dropped come back.
	g := pub.Ledger()
	checkLedger(t, g)
	if g.Accepted != 130 || g.Spooled != int64(spool.len()) || g.Lost == 0 || g.Lost != int64(len(l.losses.list())) {
		t.Errorf("ledger %+v, %d in the spool, %d losses", g, spool.len(), len(l.losses.list()))
	}
	for _, loss := range l.losses.list() {
		if loss.Reason != onex.LossEvicted || loss.EventType != "effect.metric.recorded" || loss.Err == nil {
			t.Errorf("loss %+v", loss)
		}
	}
}

// What the spool cannot read any more is lost, and the rest goes on.
func TestSpoolDamaged(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	l.some(1200) // more than are read at a time
	_ = pub.Close(closed(context.Background()))

	pub = newPublisher(t, l.config(spool), k.addr(), quick()...)
	spool.loseLast(10)
	k.start()
	if err := pub.Close(testContext(t)); err == nil || !strings.Contains(err.Error(), "10 events were lost") {
		t.Errorf("Close: %v", err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 1200, Delivered: 1190, Lost: 10}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	got := l.losses.list()
	if len(got) != 10 || got[0].Reason != onex.LossDamaged || got[0].Topic != l.topic {
		t.Errorf("losses %+v", got)
	}
}

// An operation that a durable event has started is reported as failed by the
// next publisher, unless its end was published.
func TestProcessLost(t *testing.T) {
	k := newKafka(t).start()
	spool := &memSpool{}
	first := newPublisher(t, onex.Config{Spool: spool, Region: "eu"}, k.addr(), quick()...)
	ctx := testContext(t)
	op := operation(first, "effect", "x")
	other := uuid.New()
	err := errors.Join(
		op.Started(ctx, id, onex.None{}, onex.Durable()), // and never ended
		op.Started(ctx, other, onex.None{}, onex.Durable()),
		op.Completed(ctx, other, onex.None{}, 0),
		op.Started(ctx, uuid.New(), onex.None{}),
		onex.RunBare(onex.ContextWithDurable(ctx), op, func(context.Context) error { return nil }),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(ctx); err != nil {
		t.Fatal(err)
	}

	next := newPublisher(t, onex.Config{Spool: spool}, k.addr(), quick()...)
	if err := next.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if got, want := next.Ledger(), (onex.Ledger{Accepted: 1, Delivered: 1}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	var started, failed []received
	for _, r := range consume(t, k.addr(), 7) {
		switch r.payload.(type) {
		case envelope.OperationStarted:
			started = append(started, r)
		case envelope.OperationFailed:
			failed = append(failed, r)
		}
	}
	if len(failed) != 1 {
		t.Fatalf("%d failed events", len(failed))
	}
	p, env := failed[0].payload.(envelope.OperationFailed), failed[0].env
	cause := slices.IndexFunc(started, func(r received) bool { return r.env.EventID.String() == *env.CausationID })
	if p.ErrorType != "ProcessLost" || p.CorrelationID != id || p.Operation != "x" || p.NodeID != "n1" || p.ExecutionTimeMS <= 0 || *env.Region != "eu" || cause < 0 {
		t.Errorf("payload %+v in %s", p, failed[0].Value)
	}

	third := newPublisher(t, onex.Config{Spool: spool}, k.addr(), quick()...)
	if got := third.Ledger(); got != (onex.Ledger{}) {
		t.Errorf("it is reported again: %+v", got)
	}
}

// A full disk shows in the publisher's health, though Kafka is there, until
// something can be written again.
func TestHealthOfFullDisk(t *testing.T) {
	k := newKafka(t).start()
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	until(t, pub, "up", func(onex.Ledger) bool { return pub.Health().Up })
	spool.set(func([]onex.Spooled) error { return syscall.ENOSPC })
	if err := l.publish("k", onex.Durable()); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if h := pub.Health(); h.Up || h.Cause != onex.CauseDiskFull || !errors.Is(h.Err, syscall.ENOSPC) {
		t.Errorf("health %+v", h)
	}
	spool.set(nil)
	if err := l.publish("k", onex.Durable()); err != nil {
		t.Fatal(err)
	}
	until(t, pub, "up again", func(onex.Ledger) bool { return pub.Health().Up })
}

// noReading is a spool from which nothing can be read.
type noReading struct{ *memSpool }

func (noReading) Read(string, uint64, int) ([]onex.Spooled, error) {
	return nil, errors.New("not to be read")
}

// While Kafka takes events, a durable one goes on from memory once it is on disk, and
// is removed from there when it has arrived.
func TestDurableIsNotReadAgain(t *testing.T) {
	k := newKafka(t).start()
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(noReading{spool}), k.addr(), quick()...)
	l.use(pub)
	for range 50 {
		if err := l.publish("k", onex.Durable()); err != nil {
			t.Fatal(err)
		}
		l.some(2)
	}
	until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 150 })
	until(t, pub, "removed", func(onex.Ledger) bool { return spool.len() == 0 })
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}
