package spool_test

import (
	"errors"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/runtime/spool"
)

// Who waits gets the spool when the process before lets go of it.
func TestWait(t *testing.T) {
	dir := t.TempDir()
	old, err := spool.Open(dir, spool.MaxAge(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Append(sequence("a", 1, 3)); err != nil {
		t.Fatal(err)
	}
	type outcome struct {
		s   *spool.Spool
		err error
	}
	opened := make(chan outcome, 1)
	go func() {
		s, err := spool.Open(dir, spool.Wait(time.Minute))
		opened <- outcome{s, err}
	}()
	select {
	case o := <-opened:
		t.Fatalf("it did not wait: %v", o.err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	o := <-opened
	if o.err != nil {
		t.Fatal(o.err)
	}
	if n := len(read(t, o.s, "a", 0, 10)); n != 3 {
		t.Errorf("it has %d events", n)
	}

	// It does not wait for ever, nor for what does not pass.
	begun := time.Now()
	if _, err := spool.Open(dir, spool.Wait(150*time.Millisecond)); !errors.Is(err, spool.ErrInUse) || time.Since(begun) < 150*time.Millisecond {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	if err := o.s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := spool.Open(dir, spool.Wait(-1)); err == nil {
		t.Error("a negative time is none")
	}
}
