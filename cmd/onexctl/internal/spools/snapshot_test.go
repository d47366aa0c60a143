package spools

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// A spool that is written to all the while is read beside its lock: what is shown
// was in it at some moment, and it goes on undisturbed.
func TestBeside(t *testing.T) {
	dir := t.TempDir()
	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan error)
	go func() {
		for seq := uint64(1); ; seq++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			event := onex.Spooled{Seq: seq, Topic: fmt.Sprint("t", seq%3), Key: []byte("k"), Value: bytes.Repeat([]byte("x"), 1000), At: time.Now()}
			if _, err := sp.Append([]onex.Spooled{event}); err != nil {
				stopped <- err
				return
			}
		}
	}()
	var last int64
	for n := 0; n < 20 || last == 0; n++ {
		if _, err := inspect([]string{dir}); !errors.Is(err, spool.ErrInUse) {
			t.Fatalf("it is not in use: %v", err)
		}
		h, err := beside(dir)
		if err != nil || h.damage != nil {
			t.Fatal(err, h.damage)
		}
		if h.events() < last {
			t.Fatalf("%d events after %d", h.events(), last)
		}
		last = h.events()
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if err := sp.Close(); err != nil {
		t.Fatal(err)
	}
	h, err := inspect([]string{dir})
	if err != nil || h.damage != nil || h.events() < last {
		t.Errorf("it holds %d events, %v, %v", h.events(), err, h.damage)
	}
}
