package receive_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/receive"
)

// An event that comes again is handled once, as far as the window goes; one that has
// failed is not handled.
func TestDeduplicate(t *testing.T) {
	records := published(t, onex.ProfileV1)
	var handled []string
	var fail error
	mux := receive.NewMux(receive.Deduplicate(2), receive.DeadLetters(func(context.Context, receive.Record) error { return nil }))
	receive.On(mux, "*", func(_ context.Context, e receive.Event[envelope.Payload]) error {
		handled = append(handled, fmt.Sprint(e.Record.Offset))
		return fail
	})
	dispatch := func(numbers ...int) {
		t.Helper()
		for _, n := range numbers {
			if err := mux.Dispatch(context.Background(), records[n]); err != nil {
				t.Error(err)
			}
		}
	}
	dispatch(0, 0, 1, 0, 1, 2, 2, 1, 0)
	fail = errors.New("no")
	dispatch(3) // to the dead letters
	fail = nil
	dispatch(3, 3) // from there
	if got, want := strings.Join(handled, " "), "0 1 2 0 3 3"; got != want {
		t.Errorf("handled %s, want %s", got, want)
	}
}

// Of goroutines that have the same event at once one handles it; if that fails, the next
// one does. Nobody waits longer than its context.
func TestDeduplicateAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := failedRecord(t)
		began, goOn := make(chan int, 9), make(chan error)
		mux := receive.NewMux(receive.Deduplicate(9))
		receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error {
			began <- 1
			return <-goOn
		})
		results := make(chan error, 9)
		for range 4 {
			go func() { results <- mux.Dispatch(t.Context(), r) }()
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := mux.Dispatch(ctx, r); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end of its context: %v", err)
		}
		goOn <- errors.New("not yet")
		synctest.Wait()
		if n := len(began); n != 2 {
			t.Fatalf("%d calls, want the second after the first has failed", n)
		}
		goOn <- nil
		synctest.Wait()
		failed := 0
		for range 4 {
			if <-results != nil {
				failed++
			}
		}
		if len(began) != 2 || failed != 1 {
			t.Errorf("%d calls, %d failed", len(began), failed)
		}
	})
}

// Events that have the nil UUID as their id are not each other's duplicates.
func TestDeduplicateWithoutID(t *testing.T) {
	mux, handled := receive.NewMux(receive.Deduplicate(9)), ""
	receive.On(mux, "*", func(_ context.Context, e receive.Event[string]) error { handled += e.Payload; return nil })
	for _, id := range []string{uuid.Nil.String(), uuid.Max.String()} {
		for _, payload := range []string{"a", "b"} {
			value := fmt.Sprintf(`{"payload": %q, "envelope_id": %q}`, payload, id)
			if err := mux.Dispatch(t.Context(), receive.Record{Topic: "onex.evt.python.said.v1", Value: []byte(value)}); err != nil {
				t.Error(err)
			}
		}
	}
	if handled != "aba" {
		t.Errorf("handled %q, want both without an id, and the first with one", handled)
	}
}

// store is one of a program's own.
type store struct {
	done        map[uuid.UUID]bool
	asks, notes error
}

func (s *store) Handled(_ context.Context, id uuid.UUID) (bool, error) { return s.done[id], s.asks }

func (s *store) Done(_ context.Context, id uuid.UUID) error {
	s.done[id] = s.notes == nil
	return s.notes
}

// A store of the program's takes the place of the window. What it cannot say or note is
// an error, and the record comes again.
func TestStore(t *testing.T) {
	s := &store{done: map[uuid.UUID]bool{}}
	calls := 0
	mux := receive.NewMux(receive.DeduplicateIn(s))
	receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error { calls++; return nil })
	r := failedRecord(t)
	dispatch := func() error { return mux.Dispatch(context.Background(), r) }
	away := errors.New("the store is away")
	s.asks = away
	if err := dispatch(); !errors.Is(err, away) || calls != 0 {
		t.Errorf("error %v after %d calls", err, calls)
	}
	s.asks, s.notes = nil, away
	if err := dispatch(); !errors.Is(err, away) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
	s.notes = nil
	if err := errors.Join(dispatch(), dispatch()); err != nil || calls != 2 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}
