package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/omninode-ai/onexevents/testdata/scriptkit"
)

var update = flag.Bool("update", false, "write what commands print into the scripts that compare it")

func TestMain(m *testing.M) {
	// Under the race detector each of the many processes would sleep a second
	// at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	testscript.Main(m, map[string]func(){"onexevents": main})
}

// The scripts are the manual's other half: testdata/script/category-what.txtar
// shows one behaviour each, through the real main.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		Setup:               setUp,
		Cmds:                scriptkit.With(map[string]func(*testscript.TestScript, bool, []string){"run": runTwice, "link": link}),
		Condition:           condition,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// setUp gives a script the machine's caches, no network, and a module.
func setUp(env *testscript.Env) error {
	repo, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	vars, err := goEnv("GOCACHE", "GOMODCACHE", "GOPATH")
	if err != nil {
		return err
	}
	vars["REPO"] = repo
	vars["GOPROXY"] = "off"
	vars["GONOSUMDB"] = "*"
	vars["GOFLAGS"] = ""
	vars["GOTOOLCHAIN"] = "local"
	vars["GORACE"] = os.Getenv("GORACE")
	for name, value := range vars {
		env.Setenv(name, value)
	}
	mod := filepath.Join(env.WorkDir, "go.mod")
	if _, err := os.Stat(mod); errors.Is(err, fs.ErrNotExist) {
		return os.WriteFile(mod, []byte("module example.com/m\n\ngo 1.26\n"), 0o666)
	}
	return nil
}

// condition knows [mounts]: a script may mount file systems of its own.
func condition(name string) (bool, error) {
	if name != "mounts" {
		return false, fmt.Errorf("unknown condition %s", name)
	}
	return exec.Command("unshare", "--map-root-user", "--mount", "true").Run() == nil, nil
}

func goEnv(names ...string) (map[string]string, error) {
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		return nil, err
	}
	vars := map[string]string{}
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		vars[names[i]] = strings.TrimSpace(line)
	}
	return vars, nil
}

// runTwice is the command "run code [arg...]": it runs onexevents twice, which
// has to exit with code both times, and has to change nothing the second time;
// with -check not the first time either. Scripts see what it prints with slashes.
func runTwice(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: run code [arg...]")
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	checks := slices.Contains(args, "-check")
	before := snapshot(ts)
	for round := range 2 {
		got := 0
		if err := ts.Exec("onexevents", args[1:]...); err != nil {
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				ts.Fatalf("%v", err)
			}
			got = exit.ExitCode()
		}
		if got != code {
			ts.Fatalf("run %d exits with %d, want %d", round+1, got, code)
		}
		after := snapshot(ts)
		if (round == 1 || checks) && !maps.Equal(before, after) {
			ts.Fatalf("run %d has changed something:\n%v\n%v", round+1, before, after)
		}
		before = after
	}
	scriptkit.Slashes(ts)
}

// file is what a run must not change: no content and no time.
type file struct {
	content  string
	modified time.Time
}

func snapshot(ts *testscript.TestScript) map[string]file {
	files := map[string]file{}
	root := ts.Getenv("WORK")
	ts.Check(filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == filepath.Join(root, ".tmp"):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		files[path] = file{string(content), info.ModTime()}
		return err
	}))
	return files
}

var moduleLine = regexp.MustCompile(`(?m)^module .*$`)

// link is the command "link": it makes the script's module use this repository
// and all that it requires, so that generated code can be compiled.
func link(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: link")
	}
	ts.Check(linkModule(ts.Getenv("REPO"), ts.MkAbs("."), moduleLine.FindString(ts.ReadFile(ts.MkAbs("go.mod")))))
}

// linkModule writes the go.mod and go.sum of a module that requires what the
// repository does, and the repository itself.
func linkModule(repo, dir, line string) error {
	mod, err := os.ReadFile(filepath.Join(repo, "go.mod"))
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		return err
	}
	own := moduleLine.ReplaceAllString(string(mod), line) +
		"\nrequire github.com/omninode-ai/onexevents v0.0.0\n\nreplace github.com/omninode-ai/onexevents => " + repo + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(own), 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o666)
}
