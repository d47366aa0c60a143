package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// What a run has written is no reason for another, unless somebody changes it.
func TestWatchPassesOverItsOwnOutput(t *testing.T) {
	dir := t.TempDir()
	written, removed := filepath.Join(dir, "a_events_gen.go"), filepath.Join(dir, "b_events_gen.go")
	w := watcher{made: map[string][]byte{written: []byte("content"), removed: nil}, folders: []string{dir, filepath.Join(dir, "sub")}}
	replace(t, written, "content")
	if err := os.Mkdir(filepath.Join(dir, "new"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		op   fsnotify.Op
		want bool
	}{
		{"a_events_gen.go", fsnotify.Create, false},
		{"b_events_gen.go", fsnotify.Remove, false},
		{"c_events_gen.go", fsnotify.Create, true},
		{".a_events_gen.go.0123456789abcdef.tmp", fsnotify.Create, false},
		{"a.go", fsnotify.Write, true},
		{"a.go", fsnotify.Create, true},
		{"a.go", fsnotify.Rename, true},
		{"a.go", fsnotify.Remove, true},
		{"a.go", fsnotify.Chmod, false},
		{".#a.go", fsnotify.Create, false},
		{"a.go~", fsnotify.Create, false},
		{"4913", fsnotify.Create, false},
		{"README.md", fsnotify.Write, false},
		{"go.mod", fsnotify.Write, true},
		{"go.work", fsnotify.Create, true},
		{"new", fsnotify.Create, true},
		{"new", fsnotify.Write, false},
		{"sub", fsnotify.Rename, true},
		{"gone", fsnotify.Remove, false},
	} {
		if got := w.concerns(fsnotify.Event{Name: filepath.Join(dir, tt.name), Op: tt.op}); got != tt.want {
			t.Errorf("%v of %s concerns us: %v, want %v", tt.op, tt.name, got, tt.want)
		}
	}
	replace(t, written, "changed")
	replace(t, removed, "")
	for _, path := range []string{written, removed} {
		if !w.concerns(fsnotify.Event{Name: path, Op: fsnotify.Create}) {
			t.Errorf("that %s has been changed concerns nobody", path)
		}
	}
}

// However many changes come in a row, they are generated once, when it is
// quiet; and so are those of which the system has lost count.
func TestSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		events, lost := make(chan fsnotify.Event), make(chan error)
		go func() {
			for range 10 {
				events <- fsnotify.Event{Name: "ours"}
				time.Sleep(quiet - time.Millisecond)
			}
			lost <- fsnotify.ErrEventOverflow
			time.Sleep(quiet - time.Millisecond)
			events <- fsnotify.Event{Name: "other"}
			time.Sleep(time.Hour)
			events <- fsnotify.Event{Name: "other"}
			cancel()
		}()
		concerns := func(event fsnotify.Event) bool { return event.Name == "ours" }
		start := time.Now()
		if !settled(ctx, events, lost, concerns, nil) {
			t.Fatal("it ends")
		}
		if got, want := time.Since(start), 10*(quiet-time.Millisecond)+quiet; got != want {
			t.Errorf("settled after %v, want %v", got, want)
		}
		if settled(ctx, events, lost, concerns, nil) {
			t.Error("what concerns nobody is generated")
		}
	})
}
