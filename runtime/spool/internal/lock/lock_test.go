package lock

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A lock on a file that has lost its name is none: others lock the one that has the name
// now.
func TestNameIsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+"-2"); err != nil {
		t.Fatal(err)
	}
	l, err := Acquire(path, time.Now(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if _, err := take(f, path); !errors.Is(err, ErrInUse) {
		t.Errorf("two have it: %v", err)
	}
	if !l.IsThere() {
		t.Error("the lock is not where it was taken")
	}
	if err := os.Rename(path+"-2", path); err != nil {
		t.Fatal(err)
	}
	if l.IsThere() {
		t.Error("the lock is where another file is")
	}
}
