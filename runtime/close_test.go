package onex_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

func TestFlush(t *testing.T) {
	pub := newPublisher(t, onex.Config{}, startKafka(t))
	if err := pub.Flush(testContext(t)); err != nil {
		t.Errorf("nothing to flush: %v", err)
	}
	for range 10 {
		if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if l := pub.Ledger(); l.Delivered != 10 || l.InFlight != 0 {
		t.Errorf("ledger %+v", l)
	}

	away := newPublisher(t, onex.Config{}, noKafka(t))
	if err := operation(away, "effect", "x").Started(testContext(t), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := away.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 events in flight") {
		t.Errorf("Flush without Kafka: %v", err)
	}
	if l := away.Ledger(); l.InFlight != 1 || l.Lost != 0 {
		t.Errorf("Flush has given up events: %+v", l)
	}
}

// Flush waits for what was there before it, however much comes after it.
func TestFlushUnderLoad(t *testing.T) {
	pub := newPublisher(t, onex.Config{MaxInFlight: 200}, startKafka(t))
	op := operation(pub, "effect", "x")
	stop := make(chan struct{})
	var publishers sync.WaitGroup
	for range 4 {
		publishers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_ = op.Started(context.Background(), id, onex.None{})
				}
			}
		})
	}
	for range 5 {
		before := pub.Ledger()
		if err := pub.Flush(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if after := pub.Ledger(); after.Delivered < before.Accepted {
			t.Errorf("%d events were delivered after Flush, want at least %d", after.Delivered, before.Accepted)
		}
	}
	close(stop)
	publishers.Wait()
}

func TestNilPublisher(t *testing.T) {
	var pub *onex.Publisher
	if err := errors.Join(pub.Flush(context.Background()), pub.Close(context.Background())); err != nil || pub.Ledger() != (onex.Ledger{}) {
		t.Errorf("%v, %+v", err, pub.Ledger())
	}
}

// Close can be called twice, by several, and while others publish.
func TestClose(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	op := operation(pub, "effect", "x")
	var publishers, closers sync.WaitGroup
	begun := make(chan struct{}, 8)
	for range 8 {
		publishers.Go(func() {
			for {
				err := op.Started(context.Background(), id, onex.None{})
				select {
				case begun <- struct{}{}:
				default:
				}
				if errors.Is(err, onex.ErrClosed) {
					return
				}
				if err != nil && !errors.Is(err, onex.ErrQueueFull) {
					t.Error(err)
					return
				}
			}
		})
	}
	<-begun
	for range 3 {
		closers.Go(func() {
			if err := pub.Close(testContext(t)); err != nil {
				t.Error(err)
			}
		})
	}
	closers.Wait()
	publishers.Wait()
	l := pub.Ledger()
	checkLedger(t, l)
	if l.InFlight != 0 || l.Lost != 0 || l.Accepted == 0 {
		t.Errorf("ledger %+v", l)
	}
	if err := pub.Close(closed(context.Background())); err != nil {
		t.Errorf("another Close: %v", err)
	}
	if err := pub.Flush(testContext(t)); err != nil {
		t.Errorf("Flush after Close: %v", err)
	}
}
