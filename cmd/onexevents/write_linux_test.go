package main

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A file gets its name when it is whole: a run that is killed while it writes
// new files leaves nothing but whole ones.
func TestKilledRunLeavesNothingElse(t *testing.T) {
	const nodes = 60
	dir := t.TempDir()
	f, err := os.OpenFile(dir, os.O_WRONLY|unix.O_TMPFILE, 0o666)
	if err != nil {
		t.Skipf("this file system knows no files without a name: %v", err)
	}
	f.Close()
	manyNodes(t, dir, nodes, "one")
	whole := generated(t, dir)

	interrupted := 0
	for range 16 {
		removeAll(t, dir)
		signalWhileWriting(t, dir, os.Kill)
		files, strangers := outputs(t, dir)
		if len(strangers) > 0 {
			t.Fatalf("left behind: %q", strangers)
		}
		for name, content := range files {
			if content != whole[name] {
				t.Fatalf("%s is a part:\n%s", name, content)
			}
		}
		if len(files) < nodes {
			interrupted++
		}
	}
	if interrupted == 0 {
		t.Error("no run was killed while it wrote")
	}
}

// A run that is told to end while it writes has all its files written first.
func TestRunToldToEndWritesAllFiles(t *testing.T) {
	const nodes = 60
	dir := t.TempDir()
	manyNodes(t, dir, nodes, "one")
	for _, signal := range []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP} {
		removeAll(t, dir)
		signalWhileWriting(t, dir, signal)
		if files, strangers := outputs(t, dir); len(files) != nodes || len(strangers) > 0 {
			t.Errorf("%v leaves %d files, and %q", signal, len(files), strangers)
		}
	}
}

// removeAll removes the generated files.
func removeAll(t *testing.T, dir string) {
	t.Helper()
	files, _ := outputs(t, dir)
	for name := range files {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}
