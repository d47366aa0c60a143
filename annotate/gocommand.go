package annotate

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

// goCommand asks the go command about packages.
type goCommand struct {
	ctx context.Context
	cfg Config
}

// list returns the packages that the patterns match. If something is wrong
// with any of them, it asks once more with the generator's output in their
// folders out of sight, as that may be all that is wrong.
func (g goCommand) list(mode packages.LoadMode, patterns []string) ([]*packages.Package, error) {
	listed, err := g.load(mode, nil, patterns)
	if err != nil {
		return nil, err
	}
	var hidden []string
	for _, p := range listed {
		if len(p.Errors) > 0 && p.Dir != "" {
			hidden = append(hidden, g.cfg.generatedAmong(goFiles(p.Dir))...)
		}
	}
	if len(hidden) == 0 {
		return listed, nil
	}
	return g.load(mode, hidden, patterns)
}

func (g goCommand) load(mode packages.LoadMode, hidden, patterns []string) ([]*packages.Package, error) {
	cfg := &packages.Config{Context: g.ctx, Mode: mode, Dir: g.cfg.Dir, Env: g.cfg.Env, Overlay: map[string][]byte{}}
	if g.cfg.Tags != "" {
		cfg.BuildFlags = []string{"-tags=" + g.cfg.Tags}
	}
	for _, name := range hidden {
		// No build includes this, whatever its tags and whatever the package
		// is called.
		cfg.Overlay[name] = []byte("//go:build onexevents && !onexevents\n\npackage hidden\n")
	}
	listed, err := packages.Load(cfg, patterns...)
	if err != nil {
		// The go command, killed, does not say why it was.
		return nil, cmp.Or(g.ctx.Err(), plain(err))
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

// generatedAmong returns those of the files that the generator has written.
func (cfg Config) generatedAmong(files []string) []string {
	if cfg.Generated == nil {
		return nil
	}
	var found []string
	for _, name := range files {
		if cfg.Generated(filepath.Base(name), func() ([]byte, error) { return os.ReadFile(name) }) {
			found = append(found, name)
		}
	}
	return found
}

// goFiles returns the absolute names of the Go files in a folder, except for
// those that the go command never looks at. A folder that cannot be read is
// for the go command to report.
func goFiles(dir string) []string {
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
