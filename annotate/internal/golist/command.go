package golist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	ctx, cancel := context.WithCancel(c.Ctx)
	defer cancel()
	irregular := make(chan error, 1)
	go func() {
		err := irregularFile(c.Dir, patterns)
		if err != nil {
			cancel() // the go command may read it for ever
		}
		irregular <- err
	}()
	c.Ctx = ctx
	listed, err := c.list(mode, patterns)
	if err := <-irregular; err != nil {
		return nil, err
	}
	return listed, err
}

func (c Command) list(mode packages.LoadMode, patterns []string) ([]*packages.Package, error) {
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
	for _, p := range listed {
		findDir(p)
	}
	return listed, nil
}

// findDir gives a package the folder of its files, if a driver in the place of
// the go command (GOPACKAGESDRIVER) has given it none.
func findDir(p *packages.Package) {
	if p.Dir != "" {
		return
	}
	for _, name := range slices.Concat(p.GoFiles, p.OtherFiles, p.IgnoredFiles) {
		if filepath.IsAbs(name) {
			p.Dir = filepath.Dir(name)
			return
		}
	}
	if len(p.Errors) == 0 {
		p.Errors = append(p.Errors, packages.Error{Msg: p.PkgPath + ": the folder of this package is not known; set GOPACKAGESDRIVER=off, so that the go command is asked"})
	}
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
		if name := entry.Name(); isRegular(dir, entry) && strings.HasSuffix(name, ".go") && !isHidden(name) {
			names = append(names, filepath.Join(dir, name))
		}
	}
	return names
}

// isRegular tells a file, or a link to one, from what the go command passes over.
func isRegular(dir string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	info, err := os.Stat(filepath.Join(dir, entry.Name()))
	return err == nil && info.Mode().IsRegular()
}

// irregularFile is about a Go file that is a pipe or a device, in the folders
// that the patterns name or lead through.
func irregularFile(dir string, patterns []string) error {
	visit := func(dir string) error {
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			name := entry.Name()
			if !strings.HasSuffix(name, ".go") || isHidden(name) || entry.Type().IsRegular() || entry.IsDir() {
				continue
			}
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
				return fmt.Errorf("%s is no regular file; remove it", filepath.Join(dir, name))
			}
		}
		return nil
	}
	for _, pattern := range patterns {
		var err error
		switch {
		case !IsPath(pattern):
		case IsWildcard(pattern):
			err = WalkFolders(WildcardRoot(dir, pattern), visit)
		default:
			err = visit(Absolute(dir, pattern))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isHidden tells the files and folders that the go command never looks at.
func isHidden(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}
