package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A folder that a checkout takes away and brings back is watched again,
// however it was named.
func TestWatchFolderThatComesBack(t *testing.T) {
	for _, named := range []string{"./a/b/c", "a/b/c/c.go", "example.com/m/a/b/c", "./a/b/c/...", "./a/..."} {
		t.Run(named, func(t *testing.T) {
			dir := t.TempDir()
			w := watching{t: t, dir: dir}
			w.save("go.mod", ownModule)
			w.save("other.go", "package other\n")
			folder := filepath.Join("a", "b", "c")
			w.do(os.MkdirAll(filepath.Join(dir, folder), 0o777))
			w.save(filepath.Join(folder, "c.go"), nodeSource("C", "one"))
			output := filepath.Join(folder, "c_events_gen.go")
			w = startWatch(t, dir, named)
			w.says("written " + output)
			for _, away := range []func() error{
				func() error { return os.RemoveAll(filepath.Join(dir, "a")) },
				func() error { return os.Rename(filepath.Join(dir, "a"), filepath.Join(t.TempDir(), "a")) },
			} {
				w.do(away())
				w.endsRound()
				w.do(os.MkdirAll(filepath.Join(dir, folder), 0o777))
				w.save(filepath.Join(folder, "c.go"), nodeSource("C", "one"))
				w.saysSoon("written " + output)
				w.save(filepath.Join(folder, "c.go"), nodeSource("C", "one two"))
				w.saysSoon("written " + output)
			}
		})
	}
}

// endsRound waits for the next line on stdout, whatever it says.
func (w watching) endsRound() {
	w.t.Helper()
	select {
	case <-w.stdout:
	case <-time.After(15 * time.Second):
		w.t.Fatal("no line")
	}
}

// saysSoon waits for the line want; others may come before.
func (w watching) saysSoon(want string) {
	w.t.Helper()
	for got := ""; got != want; {
		select {
		case got = <-w.stdout:
		case <-time.After(15 * time.Second):
			w.t.Fatalf("no line says %q", want)
		}
	}
}

// A go.work that appears above decides what the module is.
func TestWatchGoWork(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "m", "deep")
	w := watching{t: t, dir: dir}
	w.do(os.MkdirAll(sub, 0o777))
	w.save(filepath.Join("m", "go.mod"), ownModule)
	w.save(filepath.Join("m", "deep", "a.go"), nodeSource("A", "one"))
	t.Setenv("GOWORK", "") // the processes of the tests have it off, unless this says otherwise
	w = startWatch(t, sub)
	w.says("written a_events_gen.go")
	w.dir = dir
	w.save("go.work", "go 1.26\n\nuse ./elsewhere\n")
	w.saysSoon("1 problem")
	w.save("go.work", "go 1.26\n\nuse ./m\n")
	w.saysSoon("up to date")
}

// A source that is a symbolic link is read where it is.
func TestWatchLinkedSource(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	w := watching{t: t, dir: dir}
	w.save("go.mod", ownModule)
	real := watching{t: t, dir: elsewhere}
	real.save("real.txt", nodeSource("A", "one"))
	if err := os.Symlink(filepath.Join(elsewhere, "real.txt"), filepath.Join(dir, "a.go")); err != nil {
		t.Skip(err)
	}
	w = startWatch(t, dir)
	w.says("written a_events_gen.go")
	real.save("real.txt", nodeSource("A", "one two"))
	w.says("written a_events_gen.go")
	real.overwrite("real.txt", nodeSource("A", "one two three"))
	w.says("written a_events_gen.go")
}

// Many folders that change their names in a row are no mistakes.
func TestWatchMassRename(t *testing.T) {
	const folders = 200
	dir := t.TempDir()
	w := watching{t: t, dir: dir}
	w.save("go.mod", ownModule)
	name := func(prefix string, i int) string { return filepath.Join(dir, fmt.Sprint(prefix, i)) }
	for i := range folders {
		w.do(os.Mkdir(name("a", i), 0o777))
		w.save(filepath.Join(fmt.Sprint("a", i), "a.go"), nodeSource("A", "one"))
	}
	w = startWatch(t, dir, "./...")
	w.endsRound()
	for _, prefixes := range [][2]string{{"a", "b"}, {"b", "a"}, {"a", "b"}} {
		for i := range folders {
			w.do(os.Rename(name(prefixes[0], i), name(prefixes[1], i)))
		}
	}
	w.save(filepath.Join("b0", "last.go"), nodeSource("Last", "one"))
	w.saysSoon("written " + filepath.Join("b0", "last_events_gen.go"))
	if err := w.stop(os.Interrupt); err != nil {
		t.Errorf("interrupted, it ends with %v", err)
	}
	for line := range w.stderr {
		t.Errorf("a false line: %s", strings.TrimSpace(line))
	}
}
