package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// watching is a process of onexevents -watch.
type watching struct {
	t              *testing.T
	dir            string
	stdout, stderr <-chan string
	stop           func(os.Signal) error
}

func startWatch(t *testing.T, dir string, args ...string) watching {
	t.Helper()
	cmd := command(dir, append([]string{"-watch"}, args...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	stop := func(signal os.Signal) error {
		if err := cmd.Process.Signal(signal); err != nil {
			return err
		}
		return cmd.Wait()
	}
	return watching{t, dir, linesOf(stdout), linesOf(stderr), stop}
}

func linesOf(r io.Reader) <-chan string {
	lines := make(chan string, 100)
	go func() {
		for scanner := bufio.NewScanner(r); scanner.Scan(); {
			lines <- scanner.Text()
		}
		close(lines)
	}()
	return lines
}

// says waits for the next line, which has to be want.
func (w watching) says(want string) {
	w.t.Helper()
	w.expect(w.stdout, want)
}

func (w watching) reports(want string) {
	w.t.Helper()
	w.expect(w.stderr, want)
}

func (w watching) expect(lines <-chan string, want string) {
	w.t.Helper()
	select {
	case got := <-lines:
		if got != want {
			w.t.Fatalf("a line says %q, want %q", got, want)
		}
	case <-time.After(time.Minute):
		w.t.Fatalf("no line says %q", want)
	}
}

func (w watching) save(name, content string) {
	w.t.Helper()
	replace(w.t, filepath.Join(w.dir, name), content)
}

// overwrite saves a longer text in place, at one stroke.
func (w watching) overwrite(name, content string) {
	w.t.Helper()
	f, err := os.OpenFile(filepath.Join(w.dir, name), os.O_WRONLY, 0)
	w.do(err)
	_, err = f.WriteString(content)
	w.do(errors.Join(err, f.Close()))
}

func (w watching) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
