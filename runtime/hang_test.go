package onex_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// hangingSpool is a spool of which no method returns while it hangs. What was asked for is
// done then.
type hangingSpool struct {
	*memSpool
	mu     sync.Mutex
	awake  chan struct{} // closed when it does not hang any more; nil if it does not
	asked  int           // how many calls there were while it hung
	closes int
}

func (s *hangingSpool) hang() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awake, s.asked = make(chan struct{}), 0
}

func (s *hangingSpool) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.awake)
	s.awake = nil
}

func (s *hangingSpool) wait() {
	s.mu.Lock()
	awake := s.awake
	s.asked++
	s.mu.Unlock()
	if awake != nil {
		<-awake
	}
}

func (s *hangingSpool) Append(events []onex.Spooled) ([]onex.Spooled, error) {
	s.wait()
	return s.memSpool.Append(events)
}

func (s *hangingSpool) Read(topic string, after uint64, limit int) ([]onex.Spooled, error) {
	s.wait()
	return s.memSpool.Read(topic, after, limit)
}

func (s *hangingSpool) Remove(topic string, through uint64) error {
	s.wait()
	return s.memSpool.Remove(topic, through)
}

func (s *hangingSpool) Finish(operations ...string) error {
	s.wait()
	return s.memSpool.Finish(operations...)
}

func (s *hangingSpool) Close() error {
	s.wait()
	s.mu.Lock()
	s.closes++
	s.mu.Unlock()
	return s.memSpool.Close()
}

// A disk that hangs costs who wants to have something there five seconds, once, and
// nobody else anything. Health and the log say so. When it answers again, all is as before.
func TestSpoolHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t).start()
		defer k.kill()
		sp := &hangingSpool{memSpool: &memSpool{}}
		var log bytes.Buffer
		var losses losses
		pub := newPublisherWith(t, onex.Config{Spool: sp, Logger: slog.New(slog.NewTextHandler(&log, nil)), OnLoss: losses.add}, append(quick(), append(k.client, seed(k))...)...)
		ctx := testContext(t)
		op, other := operation(pub, "effect", "x"), operation(pub, "effect", "y")
		if err := op.Started(ctx, uuid.New(), onex.None{}, onex.Durable()); err != nil {
			t.Fatal(err)
		}
		until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 1 })

		sp.hang()
		begun := time.Now()
		refused := make(chan error, 1)
		go func() { refused <- op.Started(ctx, id, onex.None{}, onex.Durable()) }()
		synctest.Wait()
		for range 3 {
			if err := other.Started(ctx, uuid.New(), onex.None{}); err != nil {
				t.Fatal(err)
			}
		}
		until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 4 })
		if waited := time.Since(begun); waited > time.Second {
			t.Errorf("another topic has waited for %v", waited)
		}
		if err := <-refused; err == nil || !strings.Contains(err.Error(), "the event is not durable: write to the spool: the disk does not answer") {
			t.Errorf("a durable event: %v", err)
		}
		if waited := time.Since(begun); waited > 6*time.Second {
			t.Errorf("a durable event has waited for %v", waited)
		}
		time.Sleep(time.Second)
		if h := pub.Health(); h.Up || h.Cause != onex.CauseDiskHangs {
			t.Errorf("health %+v", h)
		}
		begun = time.Now()
		if err := op.Started(ctx, uuid.New(), onex.None{}, onex.Durable()); err == nil || time.Since(begun) > 100*time.Millisecond {
			t.Errorf("another durable event: %v after %v", err, time.Since(begun))
		}
		if err := op.Started(ctx, uuid.New(), onex.None{}); err != nil {
			t.Fatal(err)
		}
		until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 5 })
		if sp.asked != 1 {
			t.Errorf("the disk was asked %d times while it hung", sp.asked)
		}

		sp.wake()
		time.Sleep(time.Second)
		if h := pub.Health(); !h.Up {
			t.Errorf("health %+v", h)
		}
		if err := op.Started(ctx, uuid.New(), onex.None{}, onex.Durable()); err != nil {
			t.Error(err)
		}
		if err := pub.Close(ctx); err != nil {
			t.Error(err)
		}
		if got, want := pub.Ledger(), (onex.Ledger{Accepted: 6, Delivered: 6, Rejected: 2}); got != want || len(losses.list()) > 0 {
			t.Errorf("ledger %+v, want %+v; lost %v", got, want, losses.list())
		}
		// The one that was refused has come to the disk all the same, and is there no more.
		if open, _ := sp.Unfinished(); sp.len() > 0 || len(open) != 2 {
			t.Errorf("the spool has %d events, and %d operations", sp.len(), len(open))
		}
		for _, want := range []string{"the spool does not answer", "cause=disk_hangs", "the spool answers again"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not say %q:\n%s", want, &log)
			}
		}
	})
}

// Close keeps its deadline, whatever the disk was doing, and tells what it could not
// write. The spool is released when the disk answers again.
func TestCloseWhileTheSpoolHangs(t *testing.T) {
	for name, before := range map[string]time.Duration{"before": 10 * time.Second, "just before": 100 * time.Millisecond, "then": 0} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newBubbleKafka(t)
				sp := &hangingSpool{memSpool: &memSpool{}}
				var losses losses
				cfg := onex.Config{Spool: sp, SpoolAfter: time.Hour, OnLoss: losses.add}
				pub := newPublisherWith(t, cfg, append(quick(), append(k.client, seed(k))...)...)
				ctx := testContext(t)
				op := operation(pub, "effect", "x")
				for range 10 {
					if err := op.Started(ctx, uuid.New(), onex.None{}); err != nil {
						t.Fatal(err)
					}
				}
				sp.hang()
				if before > 0 {
					go func() { _ = operation(pub, "effect", "y").Started(ctx, uuid.New(), onex.None{}, onex.Durable()) }()
				}
				time.Sleep(before)
				begun := time.Now()
				deadline, cancel := context.WithTimeout(ctx, 3*time.Second)
				defer cancel()
				err := pub.Close(deadline)
				if took := time.Since(begun); took > 5500*time.Millisecond {
					t.Errorf("Close takes %v", took)
				}
				var rest *onex.CloseError
				if !errors.As(err, &rest) || rest.Lost != 10 || rest.Spooled != 0 || !strings.Contains(err.Error(), "close the spool: the disk does not answer") {
					t.Errorf("Close: %v", err)
				}
				lost := losses.list()
				if len(lost) != 10 || lost[0].Reason != onex.LossClosed || !strings.Contains(lost[0].Err.Error(), "the disk does not answer") {
					t.Errorf("lost: %+v", lost)
				}
				if got := pub.Ledger(); got.Accepted != 10 || got.Lost != 10 {
					t.Errorf("ledger %+v", got)
				}
				sp.wake()
				synctest.Wait()
				if sp.closes != 1 {
					t.Errorf("the spool was closed %d times", sp.closes)
				}
			})
		})
	}
}

// What is in memory when the disk begins to hang goes to Kafka when that is back, and
// not a second time.
func TestSpoolHangsInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t)
		defer k.kill()
		l, sp := newLoad(t), &hangingSpool{memSpool: &memSpool{}}
		opts := append(quick(), append(k.client, seed(k))...)
		pub := newPublisherWith(t, l.config(sp), opts...)
		l.use(pub)
		sp.hang()
		l.some(50)
		time.Sleep(20 * time.Second)
		l.some(50)
		k.start()
		until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 100 })
		sp.wake()
		time.Sleep(10 * time.Second)
		if sp.len() > 0 {
			t.Errorf("%d events stay in the spool", sp.len())
		}
		if err := pub.Close(testContext(t)); err != nil {
			t.Error(err)
		}
		l.check(k.addr(), pub, false, k.client...)
	})
}
