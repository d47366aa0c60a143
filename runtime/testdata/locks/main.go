// Locks counts how many locks the publisher takes for an event, whichever of its
// goroutines does, and exits with 1 if there are more than there should be:
//
//	go run ./runtime/testdata/locks
//
// It runs the test of count.txt with a copy of the code in which every sync.Mutex
// counts. Those of the Kafka client, of channels and of the runtime are not counted.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed count.txt
var test string

const counter = `package counted

import "sync/atomic"

var Locks atomic.Int64
`

const mutex = `package %s

import (
	"sync"

	"github.com/omninode-ai/onexevents/runtime/internal/counted"
)

type countedMutex struct{ sync.Mutex }

func (m *countedMutex) Lock() {
	counted.Locks.Add(1)
	m.Mutex.Lock()
}
`

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	temp, err := os.MkdirTemp("", "locks")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	o := overlay{dir: temp, Replace: map[string]string{}}
	o.add("runtime/internal/counted/counted.go", counter)
	o.add("runtime/locks_test.go", test)
	for _, room := range []struct{ folder, name string }{
		{"runtime", "onex"}, {"runtime/internal/kafka", "kafka"}, {"runtime/internal/health", "health"},
	} {
		o.add(filepath.Join(room.folder, "counted.go"), fmt.Sprintf(mutex, room.name))
		files, err := filepath.Glob(filepath.Join(room.folder, "*.go"))
		if err != nil {
			return err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if !strings.HasSuffix(file, "_test.go") && strings.Contains(string(text), "sync.Mutex") {
				o.add(file, strings.ReplaceAll(string(text), "sync.Mutex", "countedMutex")+"\nvar _ sync.Mutex // else sync may not be imported\n")
			}
		}
	}
	list, err := json.Marshal(&o)
	if o.err != nil || err != nil {
		return fmt.Errorf("make the overlay: %v %v", o.err, err)
	}
	path := filepath.Join(temp, "overlay.json")
	if err := os.WriteFile(path, list, 0o666); err != nil {
		return err
	}
	cmd := exec.Command("go", "test", "-vet=off", "-overlay", path, "-run", "^TestLocks$", "-v", "./runtime")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// overlay says which files stand for which; see go help build.
type overlay struct {
	Replace map[string]string

	dir string
	err error
}

func (o *overlay) add(file, text string) {
	path, err := filepath.Abs(file)
	if err == nil {
		name := filepath.Join(o.dir, fmt.Sprint(len(o.Replace), ".go"))
		o.Replace[path], err = name, os.WriteFile(name, []byte(text), 0o666)
	}
	if err != nil {
		o.err = err
	}
}
