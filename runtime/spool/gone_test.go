package spool_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/runtime/spool"
)

// Whatever is done to a spool's folder while it is open: who writes is told once at
// least, nothing that was in it is lost, and when it can, it goes on with a new file,
// which the next process finds.
func TestGone(t *testing.T) {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name   string
		strike func(t *testing.T, dir string)
		heal   func(t *testing.T, dir string) // nil: nothing needs to be done
		moved  bool
	}{
		{"file deleted", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "events.db"))) }, nil, false},
		{"lock deleted", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "lock"))) }, nil, false},
		{"all files deleted", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(dir))
			must(t, os.Mkdir(dir, 0o700))
		}, nil, false},
		{"folder deleted", func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)) }, func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o700))
		}, false},
		{"folder renamed", func(t *testing.T, dir string) { must(t, os.Rename(dir, dir+"-2")) }, func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o700))
		}, false},
		{"file replaced", func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "events.db")))
			must(t, os.WriteFile(filepath.Join(dir, "events.db"), []byte("something else"), 0o600))
		}, nil, true},
		{"folder replaced by another spool", func(t *testing.T, dir string) {
			must(t, os.Rename(dir, dir+"-2"))
			s := open(t, dir)
			appendAll(t, s, sequence("foreign", 1, 2)...)
			must(t, s.Close())
		}, nil, true},
		{"folder replaced by one that is in use", func(t *testing.T, dir string) {
			must(t, os.Rename(dir, dir+"-2"))
			other = open(t, dir)
		}, func(t *testing.T, dir string) { must(t, other.Close()) }, true},
		{"folder replaced by one of all", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(dir))
			must(t, os.Mkdir(dir, 0o700))
			must(t, os.Chmod(dir, 0o777))
		}, func(t *testing.T, dir string) { must(t, os.Chmod(dir, 0o700)) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "spool")
			var damages []spool.Damage
			s := open(t, dir, spool.OnDamage(func(d spool.Damage) { damages = append(damages, d) }))
			before := sequence("a", 1, 20)
			before[4].Operation = "an operation"
			appendAll(t, s, before...)
			remove(t, s, "a", 2)
			tt.strike(t, dir)

			if _, err := s.Append(sequence("a", 21, 21)); !errors.Is(err, spool.ErrGone) || !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("the first Append after it: %v", err)
			}
			if got := len(read(t, s, "a", 0, 100)); got != 18 {
				t.Errorf("%d events can be read meanwhile", got)
			}
			if tt.heal != nil {
				for range 2 {
					if _, err := s.Append(sequence("a", 21, 21)); !errors.Is(err, spool.ErrGone) {
						t.Fatalf("an Append while there is no folder for it: %v", err)
					}
				}
				if _, err := s.Append(nil); !errors.Is(err, spool.ErrGone) {
					t.Errorf("an Append of nothing: %v", err)
				}
				tt.heal(t, dir)
			}
			appendAll(t, s, sequence("a", 22, 23)...)
			if got := seqs(read(t, s, "a", 20, 100)); !slices.Equal(got, []uint64{22, 23}) {
				t.Errorf("of what was written then there are %v", got)
			}
			s = reopen(t, s, dir)
			if got := seqs(read(t, s, "a", 0, 100)); len(got) != 20 || got[0] != 3 {
				t.Errorf("the next process finds %v", got)
			}
			if got := unfinished(t, s); len(got) != 1 || got[0].Operation != "an operation" {
				t.Errorf("the next process finds the operations %v", got)
			}
			moved := slices.ContainsFunc(damages, func(d spool.Damage) bool { return d.MovedTo != "" })
			if moved != tt.moved || tt.name != "lock deleted" && (len(damages) != 1 || damages[0].Lost != 0) {
				t.Errorf("it was told of %+v", damages)
			}
		})
	}
}

var other *spool.Spool

// What can be saved nowhere when the spool is closed is said.
func TestGoneForGood(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	s, err := spool.Open(dir, spool.MaxAge(0))
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, sequence("a", 1, 20)...)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("spool: close: %v, and with it are 20 events: stat %s: no such file or directory", spool.ErrGone, dir)
	if err := s.Close(); err == nil || err.Error() != want {
		t.Errorf("Close: %v\nwant %s", err, want)
	}
}

// What is in a file that was deleted is saved when the spool is closed.
func TestGoneAtClose(t *testing.T) {
	dir := t.TempDir()
	s, err := spool.Open(dir, spool.MaxAge(0))
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, sequence("a", 1, 20)...)
	if err := os.Remove(filepath.Join(dir, "events.db")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := len(read(t, open(t, dir), "a", 0, 100)); got != 20 {
		t.Errorf("there are %d events", got)
	}
}

// A file that is deleted while something is written to it was deleted before that was safe.
func TestGoneMeanwhile(t *testing.T) {
	dir := t.TempDir()
	strike := false
	s := open(t, dir, spool.OnDamage(func(spool.Damage) {}), spool.Now(func() time.Time {
		if strike { // it asks when it has made sure that the file is there
			_ = os.Remove(filepath.Join(dir, "events.db"))
		}
		return start
	}))
	appendAll(t, s, sequence("a", 1, 3)...)
	strike = true
	if _, err := s.Append(sequence("a", 4, 4)); !errors.Is(err, spool.ErrGone) {
		t.Errorf("it is said to be safe: %v", err)
	}
	strike = false
	appendAll(t, s, sequence("a", 5, 5)...)
	if got := seqs(read(t, reopen(t, s, dir), "a", 0, 10)); len(got) < 4 || got[len(got)-1] != 5 {
		t.Errorf("there are %v", got)
	}
}
