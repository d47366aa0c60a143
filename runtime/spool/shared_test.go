package spool_test

import (
	"fmt"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// This file is what the tests share.

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// open opens a spool that is closed with the test and must not be damaged; a
// test for which that is different gives OnDamage.
func open(t testing.TB, dir string, opts ...spool.Option) *spool.Spool {
	t.Helper()
	undamaged := spool.OnDamage(func(d spool.Damage) { t.Errorf("damage: %+v", d) })
	clock := spool.Now(func() time.Time { return start })
	s, err := spool.Open(dir, append([]spool.Option{undamaged, clock}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func reopen(t testing.TB, s *spool.Spool, dir string, opts ...spool.Option) *spool.Spool {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, dir, opts...)
}

// events makes events that tell each other apart.
func events(topic string, seqs ...uint64) []onex.Spooled {
	var all []onex.Spooled
	for _, seq := range seqs {
		all = append(all, onex.Spooled{
			Seq: seq, Topic: topic, Key: fmt.Append(nil, "key-", seq),
			Value: fmt.Appendf(nil, `{"topic":%q,"seq":%d,"filler":"0123456789"}`, topic, seq),
			At:    start.Add(time.Duration(seq) * time.Millisecond),
		})
	}
	return all
}

func sequence(topic string, from, to uint64) []onex.Spooled {
	var all []onex.Spooled
	for seq := from; seq <= to; seq++ {
		all = append(all, events(topic, seq)...)
	}
	return all
}

func appendAll(t testing.TB, s *spool.Spool, events ...onex.Spooled) {
	t.Helper()
	dropped, err := s.Append(events)
	if err != nil || dropped != nil {
		t.Fatalf("append: %d were dropped, error %v", len(dropped), err)
	}
}

func read(t testing.TB, s *spool.Spool, topic string, after uint64, limit int) []onex.Spooled {
	t.Helper()
	events, err := s.Read(topic, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func remove(t testing.TB, s *spool.Spool, topic string, through uint64) {
	t.Helper()
	if err := s.Remove(topic, through); err != nil {
		t.Fatal(err)
	}
}

func unfinished(t testing.TB, s *spool.Spool) []onex.Spooled {
	t.Helper()
	events, err := s.Unfinished()
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func backlog(t testing.TB, s *spool.Spool) onex.Backlog {
	t.Helper()
	b, err := s.Backlog()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func seqs(events []onex.Spooled) []uint64 {
	var all []uint64
	for _, e := range events {
		all = append(all, e.Seq)
	}
	return all
}
