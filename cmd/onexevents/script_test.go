package main

import (
	"errors"
	"flag"
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
)

var update = flag.Bool("update", false, "write what commands print into the scripts that compare it")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"onexevents": main})
}

// The scripts are the manual's other half: testdata/script/category-what.txtar
// shows one behaviour each, through the real main.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		Setup:               setUp,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"run": runTwice, "link": link},
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
	for name, value := range vars {
		env.Setenv(name, value)
	}
	mod := filepath.Join(env.WorkDir, "go.mod")
	if _, err := os.Stat(mod); errors.Is(err, fs.ErrNotExist) {
		return os.WriteFile(mod, []byte("module example.com/m\n\ngo 1.26\n"), 0o666)
	}
	return nil
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
// with -check not the first time either.
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
	repo := ts.Getenv("REPO")
	mod := ts.ReadFile(filepath.Join(repo, "go.mod"))
	mod = moduleLine.ReplaceAllString(mod, moduleLine.FindString(ts.ReadFile(ts.MkAbs("go.mod"))))
	mod += "\nrequire github.com/omninode-ai/onexevents v0.0.0\n\nreplace github.com/omninode-ai/onexevents => " + repo + "\n"
	ts.Check(os.WriteFile(ts.MkAbs("go.mod"), []byte(mod), 0o666))
	ts.Check(os.WriteFile(ts.MkAbs("go.sum"), []byte(ts.ReadFile(filepath.Join(repo, "go.sum"))), 0o666))
}
