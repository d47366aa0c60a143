package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// manyNodes is a module of one package with n nodes, whose operation has the
// given name.
func manyNodes(t testing.TB, dir string, n int, operation string) {
	t.Helper()
	var src strings.Builder
	src.WriteString("package a\n")
	for i := range n {
		fmt.Fprintf(&src, "\n//onex:operations type=effect service=a %s\ntype Node%d struct{}\n", operation, i)
	}
	replace(t, filepath.Join(dir, "nodes.go"), src.String())
	replace(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
}

// replace saves a file as many editors do.
func replace(t testing.TB, path, content string) {
	t.Helper()
	temp := fmt.Sprintf("%s.%x", path, rand.Uint64())
	if err := os.WriteFile(temp, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temp, path); err != nil {
		t.Fatal(err)
	}
}

// outputs returns the generated files, and beside them the names of all files
// that are neither theirs nor the module's.
func outputs(t testing.TB, dir string) (files map[string]string, strangers []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, entry := range entries {
		switch name := entry.Name(); {
		case name == "go.mod", name == "nodes.go":
		case strings.HasSuffix(name, "_events_gen.go"):
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(content)
		default:
			strangers = append(strangers, name)
		}
	}
	return files, strangers
}

// command is a process of its own, of the real main.
func command(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("onexevents", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off")
	if _, set := os.LookupEnv("GOWORK"); !set {
		cmd.Env = append(cmd.Env, "GOWORK=off")
	}
	return cmd
}

func generated(t testing.TB, dir string) map[string]string {
	t.Helper()
	if out, err := command(dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, strangers := outputs(t, dir)
	if len(strangers) > 0 {
		t.Fatalf("a run leaves %q", strangers)
	}
	return files
}

// signalWhileWriting sends a signal to a run at some moment after it has given
// a file its name, and waits for its end.
func signalWhileWriting(t *testing.T, dir string, signal os.Signal) {
	t.Helper()
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Close()
	if err := watcher.Add(dir); err != nil {
		t.Fatal(err)
	}
	cmd := command(dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-watcher.Events:
	case <-t.Context().Done():
	}
	timer := time.AfterFunc(rand.N(3*time.Millisecond), func() { cmd.Process.Signal(signal) })
	defer timer.Stop()
	cmd.Wait()
}
