package spool_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// What was removed before does not come back from a damaged file, and started
// operations are kept.
func TestDamagedFileKeepsItsState(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	started := events("a", 1, 2)
	started[0].Operation, started[1].Operation = "op-1", "op-2"
	appendAll(t, s, started...)
	appendAll(t, s, sequence("a", 3, 3000)...)
	for through := uint64(100); through <= 2500; through += 100 {
		remove(t, s, "a", through)
	}
	if err := s.Finish("op-1"); err != nil {
		t.Fatal(err)
	}
	want := read(t, s, "a", 0, 1e6)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Wherever it has been written in the course of time:
	writeFile(t, dir, bytes.ReplaceAll(readFile(t, dir), []byte(`"seq":2700,`), []byte(`"seq":2701,`)))

	var report spool.Damage
	s = open(t, dir, spool.OnDamage(func(d spool.Damage) { report = d }))
	got := read(t, s, "a", 0, 1e6)
	want = slices.DeleteFunc(want, func(e onex.Spooled) bool { return e.Seq == 2700 })
	if !reflect.DeepEqual(got, want) || report.Lost != 1 || report.Kept != len(want) {
		t.Errorf("%d events, want %d; report %+v", len(got), len(want), report)
	}
	if got := unfinished(t, s); !reflect.DeepEqual(got, started[1:]) {
		t.Errorf("unfinished %+v", got)
	}
	if b := backlog(t, s); b.LastSeq != 3000 || b.Topics[0].FirstSeq != 2501 {
		t.Errorf("backlog %+v", b)
	}
}

// Where an event has come back after others behind it had been removed, some of
// those may come back from a damaged file too, but all that were there are.
func TestDamagedFileKeepsWhatCameBack(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	appendAll(t, s, sequence("a", 1, 3000)...)
	remove(t, s, "a", 2500)
	appendAll(t, s, events("a", 50)...)
	want := read(t, s, "a", 0, 1e6)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, bytes.ReplaceAll(readFile(t, dir), []byte(`"seq":2700,`), []byte(`"seq":2701,`)))

	s = open(t, dir, spool.OnDamage(func(spool.Damage) {}))
	got := read(t, s, "a", 0, 1e6)
	for _, e := range want {
		if e.Seq != 2700 && !slices.Contains(seqs(got), e.Seq) {
			t.Errorf("event %d is gone", e.Seq)
		}
	}
}
