package onex_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// startedRow is the event of an operation's beginning, as an earlier process has left it.
func startedRow(t testing.TB, seq uint64, at time.Time) onex.Spooled {
	t.Helper()
	id := uuid.New()
	env, err := envelope.Wrap(id, envelope.OperationStarted{Operation: "x", CorrelationID: uuid.New(), NodeID: "n1", StartedAt: at}, "effect", "a")
	if err != nil {
		t.Fatal(err)
	}
	value, err := env.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	return onex.Spooled{Seq: seq, Topic: "dev.a.effect.x.started.v1", Key: []byte("k"), Value: value, At: at, Operation: id.String()}
}

// Far more operations died with an earlier process than fit into memory: it takes no more
// of that, and each is reported once; those of this process are not.
func TestManyUnfinished(t *testing.T) {
	const died, room = 3000, 100
	for name, open := range map[string]func() onex.Spool{
		"in pages": func() onex.Spool {
			sp, err := spool.Open(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			return sp
		},
		"at once": func() onex.Spool { return &memSpool{} },
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			sp := open()
			var rows []onex.Spooled
			for seq := range uint64(died) {
				rows = append(rows, startedRow(t, seq+1, time.Now()))
			}
			if _, err := sp.Append(rows); err != nil {
				t.Fatal(err)
			}
			if err := sp.Remove(rows[0].Topic, died); err != nil {
				t.Fatal(err)
			}
			k := newKafka(t)
			pub := newPublisher(t, onex.Config{Spool: sp, MaxInFlight: room, SpoolAfter: 50 * time.Millisecond}, k.addr(), quick()...)
			own := operation(pub, "effect", "x")
			if err := own.Started(testContext(t), id, onex.None{}, onex.Durable()); err != nil {
				t.Fatal(err)
			}
			var most int64
			until(t, pub, "reported", func(g onex.Ledger) bool {
				most = max(most, g.InFlight)
				return g.Accepted == died+1 && g.Spooled > died
			})
			if most > room {
				t.Errorf("%d events were in memory", most)
			}
			if open, err := sp.Unfinished(); err != nil || len(open) != 1 {
				t.Errorf("unfinished are %d, %v", len(open), err)
			}
			k.start()
			if err := pub.Close(testContext(t)); err != nil {
				t.Fatal(err)
			}
			failed := map[string]bool{}
			for _, r := range readAll(t, k.addr(), "dev.a.effect.x.failed.v1") {
				env, err := envelope.Decode(r.Value)
				if err != nil || failed[*env.CausationID] {
					t.Fatalf("%v, or %s is reported twice", err, *env.CausationID)
				}
				failed[*env.CausationID] = true
			}
			if len(failed) != died {
				t.Errorf("%d operations were reported", len(failed))
			}
		})
	}
}

// Close does not leave before all that died with an earlier process has been reported, as
// long as it has time.
func TestCloseReportsAllUnfinished(t *testing.T) {
	sp := &memSpool{}
	var rows []onex.Spooled
	for seq := range uint64(200) {
		rows = append(rows, startedRow(t, seq+1, time.Now()))
	}
	if _, err := sp.Append(rows); err != nil {
		t.Fatal(err)
	}
	k := newKafka(t).start()
	pub := newPublisher(t, onex.Config{Spool: sp, MaxInFlight: 10}, k.addr(), quick()...)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 400, Delivered: 400}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}

// A durable operation that nobody has ended for a week is reported as failed while its
// process lives; else it would take up room for ever.
func TestForgottenOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t).start()
		defer k.kill()
		sp := &memSpool{}
		pub := newPublisherWith(t, onex.Config{Spool: sp}, append(quick(), append(k.client, seed(k))...)...)
		op := operation(pub, "effect", "x")
		forgotten, young := uuid.New(), uuid.New()
		for _, id := range []uuid.UUID{forgotten, young} {
			if err := op.Started(testContext(t), id, onex.None{}, onex.Durable()); err != nil {
				t.Fatal(err)
			}
		}
		until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 2 })
		sp.age(forgotten.String(), 8*24*time.Hour)
		time.Sleep(3*time.Hour + time.Minute)
		if got, want := pub.Ledger(), (onex.Ledger{Accepted: 3, Delivered: 3}); got != want || onex.Open(pub) != 1 {
			t.Fatalf("ledger %+v, want %+v, and %d operations are open", got, want, onex.Open(pub))
		}
		if open, _ := sp.Unfinished(); len(open) != 1 {
			t.Errorf("unfinished %v", open)
		}
		records := readAll(t, k.addr(), "dev.a.effect.x.failed.v1", k.client...)
		if len(records) != 1 || !strings.Contains(string(records[0].Value), fmt.Sprintf(`"correlation_id":%q`, forgotten)) {
			t.Errorf("failed: %v", records)
		}
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
	})
}

// That an operation of an earlier process has failed is said once, though the disk cannot take
// note of that for hours.
func TestUnfinishedOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t).start()
		defer k.kill()
		sp := &moody{Spool: &memSpool{}}
		row := startedRow(t, 1, time.Now())
		if _, err := sp.Append([]onex.Spooled{row}); err != nil {
			t.Fatal(err)
		}
		full := func() error { return syscall.ENOSPC }
		sp.change(func() { sp.append, sp.finish = full, full })
		pub := newPublisherWith(t, onex.Config{Spool: sp}, append(quick(), append(k.client, seed(k))...)...)
		time.Sleep(3*time.Hour + time.Minute)
		sp.calm()
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if records := readAll(t, k.addr(), "dev.a.effect.x.failed.v1", k.client...); len(records) != 1 {
			t.Errorf("it was said %d times", len(records))
		}
		if open, _ := sp.Unfinished(); len(open) > 0 {
			t.Errorf("unfinished %v", open)
		}
	})
}

// paged is a spool of which the second page of operations cannot be read at once.
type paged struct {
	*memSpool
	failures int
}

func (s *paged) UnfinishedAfter(operation string, limit int) ([]onex.Spooled, error) {
	if operation != "" && s.failures > 0 {
		s.failures--
		return nil, errors.New("not now")
	}
	started, err := s.Unfinished()
	slices.SortFunc(started, func(a, b onex.Spooled) int { return strings.Compare(a.Operation, b.Operation) })
	started = slices.DeleteFunc(started, func(e onex.Spooled) bool { return e.Operation <= operation })
	return started[:min(limit, len(started))], err
}

// Close waits for operations that are yet to be read, as long as it has time.
func TestCloseWaitsForPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBubbleKafka(t).start()
		defer k.kill()
		sp := &paged{&memSpool{}, 12}
		var rows []onex.Spooled
		for seq := range uint64(700) {
			rows = append(rows, startedRow(t, seq+1, time.Now()))
		}
		if _, err := sp.Append(rows); err != nil {
			t.Fatal(err)
		}
		if err := sp.Remove(rows[0].Topic, 700); err != nil {
			t.Fatal(err)
		}
		pub := newPublisherWith(t, onex.Config{Spool: sp}, append(quick(), append(k.client, seed(k))...)...)
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if got, want := pub.Ledger(), (onex.Ledger{Accepted: 700, Delivered: 700}); got != want {
			t.Errorf("ledger %+v, want %+v", got, want)
		}
	})
}
