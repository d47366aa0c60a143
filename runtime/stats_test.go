package onex_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// What there is to measure is there for every publisher, also for none, one that is
// switched off, and one that is closed.
func TestStats(t *testing.T) {
	var none *onex.Publisher
	if s := none.Stats(); s.Health.Cause != onex.CauseOther || s.MaxInFlight != 0 {
		t.Errorf("of no publisher: %+v", s)
	}
	off := newPublisher(t, onex.Config{Disabled: true, MaxInFlight: 5}, "nowhere")
	if s := off.Stats(); !s.Health.Up || s.MaxInFlight != 5 || s.Ledger != (onex.Ledger{}) {
		t.Errorf("switched off: %+v", s)
	}

	pub := newPublisher(t, onex.Config{}, startKafka(t))
	op, ctx := operation(pub, "effect", "x"), testContext(t)
	for range 3 {
		if err := op.Started(ctx, uuid.New(), onex.None{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := pub.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	check := func(s onex.Stats) {
		t.Helper()
		if s.Ledger.Delivered != 3 || s.Lost != nil || s.InFlightBytes != 0 || s.MaxInFlight != 10_000 || s.MaxInFlightBytes != 64<<20 {
			t.Errorf("%+v", s)
		}
		l := s.Latency
		if l.Count != 3 || l.Sum <= 0 || l.UpTo[10*time.Second] != 3 || l.UpTo[5*time.Millisecond] > l.UpTo[10*time.Millisecond] {
			t.Errorf("latency %+v", l)
		}
	}
	check(pub.Stats())
	if err := pub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	check(pub.Stats())
	if h := pub.Stats().Health; h.Cause != onex.CauseClosed {
		t.Errorf("closed: %+v", h)
	}
}

// What is in flight has a size, and what is lost has reasons, which together are the
// ledger's losses.
func TestStatsOfLosses(t *testing.T) {
	pub := newPublisher(t, onex.Config{MaxInFlight: 4, QueueFull: onex.DropOldest}, noKafka(t))
	op, ctx := operation(pub, "effect", "x"), testContext(t)
	if err := op.Started(ctx, id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	if s := pub.Stats(); s.InFlightBytes < 300 || s.InFlightBytes > 3000 {
		t.Errorf("one event has %d bytes", s.InFlightBytes)
	}
	handed(t, pub)
	for range 5 {
		if err := op.Started(ctx, id, onex.None{}); err != nil {
			t.Fatal(err)
		}
	}
	until(t, pub, "dropped", func(g onex.Ledger) bool { return g.Lost == 2 })
	if s := pub.Stats(); len(s.Lost) != 1 || s.Lost[onex.LossDropped] != 2 {
		t.Errorf("lost %v", s.Lost)
	}
	_ = pub.Close(closed(ctx))
	if s := pub.Stats(); s.Lost[onex.LossDropped] != 2 || s.Lost[onex.LossClosed] != 4 || s.Ledger.Lost != 6 {
		t.Errorf("in the end %v of %+v", s.Lost, s.Ledger)
	}
}

// What a spool holds is known a few seconds later, and at once of what an earlier
// publisher has left there. With nothing in it, nothing is the oldest.
func TestStatsOfSpool(t *testing.T) {
	dir, ctx := t.TempDir(), testContext(t)
	begun := time.Now().Truncate(time.Second)
	open := func(broker string) *onex.Publisher {
		disk, err := spool.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return newPublisher(t, onex.Config{Spool: disk}, broker)
	}
	pub := open(noKafka(t))
	if s := pub.Stats(); s.SpoolBytes != 0 || !s.SpoolOldest.IsZero() {
		t.Errorf("empty: %+v", s)
	}
	if err := operation(pub, "effect", "x").Started(ctx, id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	_ = pub.Close(closed(ctx))

	pub = open(startKafka(t))
	s := pub.Stats()
	if s.SpoolBytes < 300 || s.Ledger.Spooled == 1 && (s.SpoolOldest.Before(begun) || s.SpoolOldest.After(time.Now())) {
		t.Errorf("of what was left: %d bytes, the oldest of %v", s.SpoolBytes, s.SpoolOldest)
	}
	until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 1 })
	if s := pub.Stats(); !s.SpoolOldest.IsZero() {
		t.Errorf("the oldest of an empty spool is of %v", s.SpoolOldest)
	}
}

// slowToCount hangs also when it is asked for its backlog.
type slowToCount struct{ *hangingSpool }

func (s slowToCount) Backlog() (onex.Backlog, error) {
	s.wait()
	return s.hangingSpool.Backlog()
}

// Who measures does not wait for a disk that hangs; and what is known of it comes up to
// date while it does not.
func TestStatsWhileSpoolHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t) // and it does not run
		sp := slowToCount{&hangingSpool{memSpool: &memSpool{}}}
		pub := newPublisherWith(t, onex.Config{Spool: sp, SpoolAfter: time.Second}, append(k.client, seed(k))...)
		if err := operation(pub, "effect", "x").Started(t.Context(), id, onex.None{}, onex.Durable()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second) // of the bubble's
		before := pub.Stats()
		if before.SpoolBytes == 0 || before.SpoolOldest.IsZero() || before.Ledger.Spooled != 1 {
			t.Errorf("after six seconds: %+v", before)
		}
		sp.hang()
		defer sp.wake()
		for range 20 {
			time.Sleep(time.Second)
			begun := time.Now()
			if s := pub.Stats(); time.Since(begun) > 0 || s.SpoolBytes != before.SpoolBytes {
				t.Fatalf("after %v: %+v", time.Since(begun), s)
			}
		}
		if h := pub.Stats().Health; h.Cause == "" {
			t.Errorf("%+v", h)
		}
	})
}
