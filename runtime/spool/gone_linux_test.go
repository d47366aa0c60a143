package spool_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/omninode-ai/onexevents/runtime/spool"
)

// A disk that is mounted over the folder while the spool is open, and taken away again: what
// was on it goes along, and nothing is told to be safe where it is not.
func TestRemounted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	s := open(t, dir, spool.OnDamage(func(spool.Damage) {}))
	appendAll(t, s, sequence("a", 1, 5)...)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m,mode=0700"); err != nil {
		t.Skipf("this test needs the right to mount a disk: %v", err)
	}
	mounted := true
	unmount := func() {
		if mounted {
			_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		}
		mounted = false
	}
	t.Cleanup(unmount)
	if _, err := s.Append(sequence("a", 6, 6)); !errors.Is(err, spool.ErrGone) {
		t.Fatalf("with another disk: %v", err)
	}
	appendAll(t, s, sequence("a", 7, 8)...)
	unmount()
	if _, err := s.Append(sequence("a", 9, 9)); !errors.Is(err, spool.ErrGone) {
		t.Fatalf("without that disk: %v", err)
	}
	appendAll(t, s, sequence("a", 10, 10)...)
	s = reopen(t, s, dir)
	if got := seqs(read(t, s, "a", 0, 100)); len(got) != 8 || got[7] != 10 {
		t.Errorf("there are %v", got)
	}
}
