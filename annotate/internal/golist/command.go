package golist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Command asks the go command about packages.
type Command struct {
	Ctx  context.Context
	Dir  string   // absolute
	Env  []string // nil means the process's own
	Tags string   // "" leaves those of GOFLAGS

	// Generated tells the generator's output from other source; nil means that
	// there is none.
	Generated func(base string, content func() ([]byte, error)) bool
}

// List returns the packages that the patterns match. If something is wrong
// with any of them, it asks once more with the generator's output in their
// folders out of sight, as that may be all that is wrong.
func (c Command) List(mode packages.LoadMode, patterns []string) ([]*packages.Package, error) {
	listed, err := c.load(mode, nil, patterns)
	if err != nil {
		return nil, err
	}
	var hidden []string
	for _, p := range listed {
		if len(p.Errors) > 0 && p.Dir != "" {
			hidden = append(hidden, c.GeneratedAmong(GoFiles(p.Dir))...)
		}
	}
	if len(hidden) == 0 {
		return listed, nil
	}
	return c.load(mode, hidden, patterns)
}

func (c Command) load(mode packages.LoadMode, hidden, patterns []string) ([]*packages.Package, error) {
	cfg := &packages.Config{Context: c.Ctx, Mode: mode, Dir: c.Dir, Env: c.Env, Overlay: map[string][]byte{}}
	if c.Tags != "" {
		cfg.BuildFlags = []string{"-tags=" + c.Tags}
	}
	for _, name := range hidden {
		// No build includes this, whatever its tags and whatever the package
		// is called.
		cfg.Overlay[name] = []byte("//go:build onexevents && !onexevents\n\npackage hidden\n")
	}
	listed, err := packages.Load(cfg, patterns...)
	if err != nil {
		// The go command, killed, does not say why it was.
		return nil, cmp.Or(c.Ctx.Err(), plain(err))
	}
	return listed, nil
}

// plain leaves the go command's own words, if there are any, from what
// go/packages makes of them.
func plain(err error) error {
	if _, said, _ := strings.Cut(err.Error(), ": stderr: "); strings.TrimSpace(said) != "" {
		return errors.New(strings.TrimSpace(said))
	}
	if _, missing := exec.LookPath("go"); missing != nil {
		return fmt.Errorf("%w; install Go, or put the folder of its go command on the PATH", missing)
	}
	return err
}

// GeneratedAmong returns those of the files that the generator has written.
func (c Command) GeneratedAmong(files []string) []string {
	if c.Generated == nil {
		return nil
	}
	var found []string
	for _, name := range files {
		if c.Generated(filepath.Base(name), func() ([]byte, error) { return os.ReadFile(name) }) {
			found = append(found, name)
		}
	}
	return found
}

// GoFiles returns the absolute names of the Go files in a folder, except for
// those that the go command never looks at. A folder that cannot be read is
// for the go command to report.
func GoFiles(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && strings.HasSuffix(name, ".go") && !isHidden(name) {
			names = append(names, filepath.Join(dir, name))
		}
	}
	return names
}

// isHidden tells the files and folders that the go command never looks at.
func isHidden(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}
