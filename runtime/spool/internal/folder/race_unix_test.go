//go:build unix

package folder

import (
	"os"
	"path/filepath"
	"testing"
)

// Whoever changes a file for a link at the worst moment gets nothing of what the link
// leads to opened: what counts is the open file.
func TestOpenWhileTheNameChanges(t *testing.T) {
	dir := t.TempDir()
	path, victim, spare := filepath.Join(dir, "lock"), filepath.Join(dir, "victim"), filepath.Join(dir, "spare")
	for _, name := range []string{path, victim} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(victim)
	if err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		put := func(make func() error) {
			if err := make(); err == nil {
				_ = os.Rename(spare, path)
			}
		}
		for {
			select {
			case <-stop:
				return
			default:
			}
			put(func() error { return os.Symlink(victim, spare) })
			put(func() error { return os.WriteFile(spare, nil, 0o600) })
		}
	}()
	opened := 0
	for range 20_000 {
		f, err := Open(path, os.O_RDWR)
		if err != nil {
			continue
		}
		opened++
		if got, err := f.Stat(); err != nil || os.SameFile(got, info) {
			t.Fatalf("what a link leads to was opened: %v", err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	<-stopped
	if opened == 0 {
		t.Error("nothing could be opened at all")
	}
}
