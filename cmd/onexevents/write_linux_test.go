package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A file gets its name when it is whole: a run that is killed while it writes
// or replaces files leaves nothing but whole ones, and beside them at most the
// one that was to take another's place.
func TestKilledRunLeavesNothingElse(t *testing.T) {
	const nodes = 60
	dir := t.TempDir()
	f, err := os.OpenFile(dir, os.O_WRONLY|unix.O_TMPFILE, 0o666)
	if err != nil {
		t.Skipf("this file system knows no files without a name: %v", err)
	}
	f.Close()
	elsewhere := t.TempDir()
	t.Setenv("TMPDIR", elsewhere)

	old := map[string]string{}
	interrupted := 0
	for round := range 16 {
		if round%2 == 0 {
			removeAll(t, dir)
		}
		manyNodes(t, dir, nodes, fmt.Sprintf("round%d", round))
		signalWhileWriting(t, dir, os.Kill)
		files, strangers := outputs(t, dir)
		replaces := round%2 == 1
		for _, name := range strangers {
			// As many files are written at a time as there are processors.
			if !replaces || !isTempName(name) || len(strangers) > runtime.GOMAXPROCS(0) {
				t.Fatalf("left behind: %q", strangers)
			}
		}
		sweep(dir, time.Now()) // as a run does later
		if len(files) < nodes {
			interrupted++
		}
		whole := generated(t, dir)
		for name, content := range files {
			if content != whole[name] && content != old[name] {
				t.Fatalf("%s is neither old nor new:\n%s", name, content)
			}
		}
		old = whole
	}
	if interrupted == 0 {
		t.Error("no run was killed while it wrote")
	}
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) > 0 {
		t.Errorf("left behind elsewhere: %v, %v", entries, err)
	}
}

// A run that is told to end while it writes has all its files written first.
func TestRunToldToEndWritesAllFiles(t *testing.T) {
	const nodes = 60
	dir := t.TempDir()
	manyNodes(t, dir, nodes, "one")
	for _, sig := range []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP} {
		removeAll(t, dir)
		signalWhileWriting(t, dir, sig)
		if files, strangers := outputs(t, dir); len(files) != nodes || len(strangers) > 0 {
			t.Errorf("%v leaves %d files, and %q", sig, len(files), strangers)
		}
	}
}

// A file that is cut short, by a full disk or a limit, takes nobody's place and
// is not left behind.
func TestHalfWrittenFileLeavesNothing(t *testing.T) {
	for name, write := range map[string]func(string, []byte) error{
		"unnamed": writeFile,
		"named":   func(path string, content []byte) error { return writeNamed(path, content, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a_events_gen.go")
			replace(t, path, "old")
			const limit = 1 << 22 // beyond what the testing package writes
			limitFileSize(t, limit)
			if err := write(path, make([]byte, limit+1)); !errors.Is(err, unix.EFBIG) {
				t.Errorf("error %v", err)
			}
			content, err := os.ReadFile(path)
			if _, strangers := outputs(t, dir); err != nil || string(content) != "old" || len(strangers) > 0 {
				t.Errorf("the file holds %q, %v, and beside it are %q", content, err, strangers)
			}
		})
	}
}

// limitFileSize limits the files that this process can write, for the test.
func limitFileSize(t *testing.T, bytes uint64) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(unix.SIGXFSZ)
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
			t.Error(err)
		}
		signal.Reset(unix.SIGXFSZ)
	})
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
