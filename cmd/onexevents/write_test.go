package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// However many runs there are at once, and whatever they find, a reader sees
// the whole of one of their files, always.
func TestRunsAtOnceLeaveWholeFiles(t *testing.T) {
	const output = "node0_events_gen.go"
	dir := t.TempDir()
	operations := []string{"one", "two three", "four five six"}
	whole := map[string]string{}
	for _, operation := range operations {
		manyNodes(t, dir, 1, operation)
		whole[generated(t, dir)[output]] = operation
	}
	done := make(chan struct{})
	seen := map[string]bool{}
	var reader, writers sync.WaitGroup
	reader.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			content, err := os.ReadFile(filepath.Join(dir, output))
			operation, ok := whole[string(content)]
			if err != nil || !ok {
				t.Errorf("a reader sees %d bytes, %v", len(content), err)
				return
			}
			seen[operation] = true
		}
	})
	for worker := range 4 {
		writers.Go(func() {
			for round := range 6 {
				// The other workers read the source at the same time.
				manyNodes(t, dir, 1, operations[(worker+round)%len(operations)])
				if out, err := command(dir).CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	reader.Wait()
	if _, strangers := outputs(t, dir); len(strangers) > 0 || len(seen) < 2 {
		t.Errorf("the runs leave %q; the reader has seen %v", strangers, seen)
	}
}

// A run that is killed while it writes leaves every file old or new, and if it
// leaves another beside them, a later run removes it.
func TestKilledRunLeavesWholeFiles(t *testing.T) {
	const nodes = 60
	dir := t.TempDir()
	operations := []string{"one", "one two"}
	whole := make([]map[string]string, len(operations))
	for i, operation := range operations {
		manyNodes(t, dir, nodes, operation)
		whole[i] = generated(t, dir)
	}
	interrupted := 0
	for round := range 10 {
		next := round % 2
		manyNodes(t, dir, nodes, operations[next])
		signalWhileWriting(t, dir, os.Kill)
		files, _ := outputs(t, dir)
		if len(files) != nodes {
			t.Fatalf("%d files, want %d", len(files), nodes)
		}
		written := 0
		for name, content := range files {
			switch content {
			case whole[next][name]:
				written++
			case whole[1-next][name]:
			default:
				t.Fatalf("%s is neither old nor new:\n%s", name, content)
			}
		}
		if 0 < written && written < nodes {
			interrupted++
		}
		sweep(dir, time.Now()) // as a run does later
		generated(t, dir)
	}
	if interrupted == 0 {
		t.Error("no run was killed while it wrote")
	}
}

// Where a file cannot be replaced, no other file is left.
func TestFileInTheWayLeavesNothing(t *testing.T) {
	for name, write := range map[string]func(string) error{
		"here":       func(path string) error { return writeFile(path, []byte("x")) },
		"everywhere": func(path string) error { return writeNamed(path, []byte("x"), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, "path", "full"), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := write(filepath.Join(dir, "path")); err == nil {
				t.Error("a file has taken a folder's place")
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("left behind: %v, %v", entries, err)
			}
		})
	}
}

func TestTempNamesAreKnown(t *testing.T) {
	for _, name := range []string{"a_events_gen.go", "http_gateway_events_gen_test.go"} {
		if temp := filepath.Base(tempName(name)); !isTempName(temp) || !strings.HasPrefix(temp, ".") {
			t.Errorf("%s is not known as a temporary file", temp)
		}
	}
	for _, name := range []string{"a_events_gen.go", ".a_events_gen.go.swp", ".a.go.0123456789abcdef.tmp", "a_events_gen.go.0123456789abcdef.tmp", ".tmp", "..tmp"} {
		if isTempName(name) {
			t.Errorf("%s is taken for a temporary file", name)
		}
	}
}
