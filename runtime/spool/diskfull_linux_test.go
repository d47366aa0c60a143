package spool_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/omninode-ai/onexevents/runtime/spool"
)

// A full disk is an error that says so, of all events of that Append or none;
// what was there stays, can be read and removed, and the spool works on.
func TestDiskFull(t *testing.T) {
	dir := smallDisk(t)
	spoolDir := filepath.Join(dir, "spool")
	s := open(t, spoolDir)
	filler, small := filepath.Join(dir, "filler"), filepath.Join(dir, "small filler")
	for path, size := range map[string]int{filler: 1 << 20, small: 128 << 10} {
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seq := uint64(1)
	fill := func() {
		t.Helper()
		for {
			batch := sequence("a", seq, seq+9)
			for i := range batch {
				batch[i].Value = make([]byte, 1000)
			}
			if _, err := s.Append(batch); err != nil {
				if !errors.Is(err, syscall.ENOSPC) {
					t.Fatalf("error %v, want one that is ENOSPC", err)
				}
				return
			}
			seq += 10
		}
	}
	check := func(first uint64) {
		t.Helper()
		got := seqs(read(t, s, "a", 0, 1e6))
		if len(got) == 0 || got[0] != first || uint64(len(got)) != seq-first || !slices.IsSorted(got) {
			t.Fatalf("%d events, want those from %d to %d", len(got), first, seq-1)
		}
	}
	fill()
	check(1)
	fill() // a second time the same
	check(1)
	if seq < 1000 {
		t.Fatalf("only %d events found room", seq)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	before := seq
	fill()
	if seq < before+500 {
		t.Errorf("%d events found room after there was more", seq-before)
	}
	check(1)
	// Nothing else makes room now: removing must work without any.
	remove(t, s, "a", before)
	check(before + 1)
	fill()
	check(before + 1)
	s = reopen(t, s, spoolDir)
	check(before + 1)
	if err := os.Remove(small); err != nil { // an empty file needs some room too
		t.Fatal(err)
	}
	remove(t, s, "a", seq)
	if size := fileSize(t, spoolDir); size > 128<<10 {
		t.Errorf("the file has %d bytes when it is empty", size)
	}
	fill()
}

// Where there is no room for a spool, Open says so; a damaged one stays as it is
// until there is.
func TestDiskFullAtOpen(t *testing.T) {
	dir := smallDisk(t)
	filler := filepath.Join(dir, "filler")
	occupy(t, filler)
	if _, err := spool.Open(filepath.Join(dir, "spool")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want one that is ENOSPC", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	spoolDir := filepath.Join(dir, "spool")
	s := open(t, spoolDir)
	appendAll(t, s, sequence("a", 1, 3000)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := readFile(t, spoolDir)
	for i := range file[:8192] {
		file[i] = 'x'
	}
	writeFile(t, spoolDir, file)
	occupy(t, filler)
	if _, err := spool.Open(spoolDir); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want one that is ENOSPC", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	var report spool.Damage
	s = open(t, spoolDir, spool.OnDamage(func(d spool.Damage) { report = d }))
	if got := read(t, s, "a", 0, 1e6); len(got) != 3000 || report.Kept != 3000 {
		t.Errorf("%d events, want 3000; report %+v", len(got), report)
	}
}

// smallDisk returns the folder of a disk of 4 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("this test needs the right to mount a disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// occupy writes a file that takes all that is left of a disk.
func occupy(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for {
		if _, err := f.Write(make([]byte, 4096)); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
