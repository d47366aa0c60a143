package onex_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// What died with an earlier process is reported though the disk is full, and in
// one go, however much it is.
func TestTakeOverWithAFullDisk(t *testing.T) {
	k := newKafka(t).start()
	spool := &memSpool{}
	first := newPublisher(t, onex.Config{Spool: spool}, k.addr(), quick()...)
	op := operation(first, "effect", "x")
	for range 50 {
		if err := op.Started(testContext(t), uuid.New(), onex.None{}, onex.Durable()); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}

	spool.set(func([]onex.Spooled) error { return syscall.ENOSPC })
	next := newPublisher(t, onex.Config{Spool: spool, MaxInFlight: 10, Now: func() time.Time { panic("no") }}, k.addr(), quick()...)
	if err := next.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := next.Ledger(), (onex.Ledger{Accepted: 50, Delivered: 50}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	if unfinished, _ := spool.Unfinished(); len(unfinished) > 0 {
		t.Errorf("%d operations would be reported again", len(unfinished))
	}
}

// Without disk and Kafka, what died with an earlier process is left to the next
// one.
func TestTakeOverInVain(t *testing.T) {
	k := newKafka(t)
	spool := &memSpool{}
	pub := newPublisher(t, onex.Config{Spool: spool}, k.addr(), quick()...)
	if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}, onex.Durable()); err != nil {
		t.Fatal(err)
	}
	_ = pub.Close(closed(testContext(t)))
	spool.set(func([]onex.Spooled) error { return syscall.ENOSPC })
	pub = newPublisher(t, onex.Config{Spool: spool}, k.addr(), quick()...)
	_ = pub.Close(closed(testContext(t)))
	if unfinished, _ := spool.Unfinished(); len(unfinished) != 1 {
		t.Errorf("%d operations are unfinished", len(unfinished))
	}
	spool.set(nil)
	k.start()
	pub = newPublisher(t, onex.Config{Spool: spool}, k.addr(), quick()...)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 2, Delivered: 2}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}
