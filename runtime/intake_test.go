package onex

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A durable event goes to disk before it goes to the client, and so does what
// is behind it, even if it comes when the dispatcher has just seen that there is
// nothing for the disk: else its publish method would wait for ever.
func TestDurableIsNotTakenForTheClient(t *testing.T) {
	in := newIntake(bounds{events: 10, bytes: 1000})
	l := in.lane("t")
	accept := func(x extra) {
		t.Helper()
		if _, err := in.accept(l, newEvent([]byte("{}"), "k"), x); err != nil {
			t.Fatal(err)
		}
	}
	accept(extra{})
	if events, _ := in.toDisk(l, false, false); len(events) > 0 {
		t.Fatalf("%d events go to disk that need not", len(events))
	}
	accept(extra{durable: make(chan error, 1)})
	if events := in.takePending(l, 10); len(events) > 0 {
		t.Errorf("%d events go to the client", len(events))
	}
	if events, _ := in.toDisk(l, false, false); len(events) != 2 {
		t.Errorf("%d events go to disk, want both", len(events))
	}
}

// Close does not end the reporting while somebody has just dropped an event and
// is about to say so.
func TestCloseWaitsForWhatWasDropped(t *testing.T) {
	var reported atomic.Int64
	pub, err := NewPublisher(Config{OnLoss: func(Loss) { reported.Add(1) }, Logger: slog.New(slog.DiscardHandler)}, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	in, e := pub.intake, newEvent([]byte("{}"), "k")
	l := in.lane("t")
	in.mu.Lock()
	in.admit(l, e, extra{})
	in.dropped(l, l.pending.pop(l.pending.first()))
	in.mu.Unlock()
	go func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = pub.Close(ctx)
	}()
	select {
	case <-pub.closed:
		t.Error("Close has not waited")
	case <-time.After(100 * time.Millisecond):
	}
	pub.reporter.put(report{lane: l, event: e, reason: LossDropped, err: errMadeRoom, settled: true, dropped: true})
	<-pub.closed
	if n := reported.Load(); n != 1 {
		t.Errorf("%d losses were reported", n)
	}
}
