package onex_test

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// An operation whose last event has arrived without the disk, because that was
// full, is not reported as lost by the next process: not with a log of every
// event either, nor if it arrived as a dead letter.
func TestOperationEndsWithoutDisk(t *testing.T) {
	for name, tt := range map[string]struct {
		level slog.Level
		unfit bool
	}{
		"quiet":       {level: slog.LevelWarn},
		"debug":       {level: slog.LevelDebug},
		"dead letter": {level: slog.LevelWarn, unfit: true},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKafka(t).start()
			if tt.unfit {
				refuse(k.cluster, "dev.a.effect.x.completed.v1", "", kerr.InvalidRecord)
			}
			spool := &memSpool{}
			cfg := onex.Config{Spool: spool, Logger: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: tt.level}))}
			pub := newPublisher(t, cfg, k.addr(), quick()...)
			op := operation(pub, "effect", "x")
			ctx := testContext(t)
			if err := op.Started(ctx, id, onex.None{}, onex.Durable()); err != nil {
				t.Fatal(err)
			}
			spool.set(func([]onex.Spooled) error { return errors.New("full") })
			if err := op.Completed(ctx, id, onex.None{}, 0); err != nil {
				t.Fatal(err)
			}
			if err := pub.Close(ctx); err != nil {
				t.Fatal(err)
			}
			if g := pub.Ledger(); g.Delivered+g.DeadLettered != 2 {
				t.Errorf("ledger %+v", g)
			}
			if unfinished, _ := spool.Unfinished(); len(unfinished) > 0 {
				t.Errorf("the next process would report %+v", unfinished)
			}
		})
	}
}

// An operation whose events were refused because they are not durable is as if
// they had not been published: what was not started is not remembered, and what
// was not ended can be ended again.
func TestOperationNotDurable(t *testing.T) {
	k := newKafka(t).start()
	spool := &memSpool{}
	pub := newPublisher(t, onex.Config{Spool: spool}, k.addr(), quick()...)
	op := operation(pub, "effect", "x")
	ctx := testContext(t)
	full := func([]onex.Spooled) error { return errors.New("full") }
	spool.set(full)
	for range 10 {
		if err := op.Started(ctx, id, onex.None{}, onex.Durable()); err == nil {
			t.Fatal("it is durable")
		}
	}
	if n := onex.Open(pub); n > 0 {
		t.Errorf("%d operations are remembered that were not started", n)
	}
	spool.set(nil)
	if err := op.Started(ctx, id, onex.None{}, onex.Durable()); err != nil {
		t.Fatal(err)
	}
	spool.set(full)
	if err := op.Completed(ctx, id, onex.None{}, 0, onex.Durable()); err == nil {
		t.Fatal("it is durable")
	}
	spool.set(nil)
	if err := op.Completed(ctx, id, onex.None{}, 0, onex.Durable()); err != nil {
		t.Fatal(err)
	}
	if err := pub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if unfinished, _ := spool.Unfinished(); len(unfinished) > 0 || onex.Open(pub) > 0 {
		t.Errorf("the next process would report %+v", unfinished)
	}
}

// The end of an operation is noted on disk when that has room again, if it was full
// when the operation's last event arrived.
func TestOperationEndIsNotedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t).start()
		mem := &memSpool{}
		sp := &moody{Spool: mem}
		pub, err := onex.NewPublisher(onex.Config{Spool: sp, Logger: slog.New(slog.DiscardHandler)}, append(quick(), append(k.client, seed(k))...)...)
		if err != nil {
			t.Fatal(err)
		}
		op := operation(pub, "effect", "x")
		if err := op.Started(t.Context(), id, onex.None{}, onex.Durable()); err != nil {
			t.Fatal(err)
		}
		until(t, pub, "begun", func(g onex.Ledger) bool { return g.Delivered == 1 })
		full := func() error { return errors.New("full") }
		sp.change(func() { sp.append, sp.finish = full, full })
		if err := op.Completed(t.Context(), id, onex.None{}, 0); err != nil {
			t.Fatal(err)
		}
		until(t, pub, "ended", func(g onex.Ledger) bool { return g.Delivered == 2 })
		time.Sleep(10 * time.Second)
		if open, _ := mem.Unfinished(); len(open) != 1 {
			t.Fatalf("the disk is full, and has noted something: %v", open)
		}
		sp.calm()
		time.Sleep(10 * time.Second)
		if open, _ := mem.Unfinished(); len(open) > 0 {
			t.Errorf("the next process would report %v", open)
		}
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		k.kill()
	})
}
