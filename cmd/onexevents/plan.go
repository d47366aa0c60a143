package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// What can be the matter with a file.
const (
	missing = "missing"        // is not there
	stale   = "stale"          // says something else than would be generated
	edited  = "edited by hand" // was generated, and then changed
	orphan  = "orphan"         // belongs to no directive any more
)

// change is a file that is not as it should be.
type change struct {
	path     string // absolute
	state    string // missing, stale, edited or orphan
	old, new []byte // nil where there is no file
}

// done is what has become of the file when the change is made.
func (c change) done() string {
	if c.new == nil {
		return "removed"
	}
	return "written"
}

// plan is what has to change for the files to be up to date, and what is wrong
// in the packages. The changes of the packages in which nothing is wrong are
// complete.
type plan struct {
	changes []change
	faults  annotate.Diagnostics
	pkgs    []*annotate.Package // all that the patterns match
}

// makePlan finds a plan out, and changes nothing.
func makePlan(ctx context.Context, opts options) (plan, error) {
	var faults annotate.Diagnostics
	pkgs, err := annotate.Load(ctx, annotate.Config{Dir: opts.dir, Tags: opts.tags, Generated: isOurs}, opts.patterns...)
	if err != nil && !errors.As(err, &faults) {
		return plan{}, err
	}
	var changes []change
	rendered := renderAll(pkgs)
	for i, pkg := range pkgs {
		var wrong annotate.Diagnostics
		files, err := rendered[i].files, rendered[i].err
		if err != nil && !errors.As(err, &wrong) {
			return plan{}, err
		}
		for _, file := range files {
			c, err := compare(filepath.Join(pkg.Dir, file.Name), file)
			switch {
			case err != nil:
				wrong = append(wrong, annotate.Diagnostic{Pos: file.Node.Pos, Message: err.Error()})
			case c.state != "":
				changes = append(changes, c)
			}
		}
		// A file is only known to be an orphan if all nodes are known.
		if !pkg.Faulty && len(wrong) == 0 {
			changes = append(changes, orphans(pkg, files)...)
		}
		faults = append(faults, wrong...)
	}
	errors.As(faults.Err(), &faults) // in order
	return plan{changes, faults, pkgs}, nil
}

// rendered is what emit makes of a package.
type rendered struct {
	files []emit.GeneratedFile
	err   error
}

// renderAll renders the packages in parallel, and returns them in their order.
func renderAll(pkgs []*annotate.Package) []rendered {
	all := make([]rendered, len(pkgs))
	var rendering sync.WaitGroup
	for i, pkg := range pkgs {
		rendering.Go(func() { all[i].files, all[i].err = emit.Package(pkg) })
	}
	rendering.Wait()
	return all
}

// isOurs tells our own output, damaged or not, from source.
func isOurs(base string, content func() ([]byte, error)) bool {
	if !emit.IsFileName(base) {
		return false
	}
	src, err := content()
	return err == nil && (emit.HasHeader(src) || emit.IsDamaged(src))
}

// compare looks at the file on disk; the change has no state if there is none
// to be made. A file that is not ours is an error.
func compare(path string, file emit.GeneratedFile) (change, error) {
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return change{path, missing, nil, file.Source}, nil
	case err != nil:
		return change{}, fmt.Errorf("%w; make it readable, or remove it", err)
	case !emit.HasHeader(old) && !emit.IsDamaged(old):
		return change{}, fmt.Errorf("struct %s needs the file %s, which onexevents has not written; rename the file or the struct", file.Node.Name, file.Name)
	case bytes.Equal(withoutCR(old), file.Source):
		return change{}, nil
	case emit.IsEdited(old):
		return change{path, edited, old, file.Source}, nil
	default:
		return change{path, stale, old, file.Source}, nil
	}
}

// withoutCR undoes what a checkout with CRLF line ends does.
func withoutCR(src []byte) []byte { return bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")) }

// orphans returns the removal of the package's generated files that are not
// among those that it should have. One that another run removes at the same
// time is none.
func orphans(pkg *annotate.Package, files []emit.GeneratedFile) []change {
	var changes []change
	for _, path := range pkg.Generated {
		wanted := func(f emit.GeneratedFile) bool { return f.Name == filepath.Base(path) }
		if slices.ContainsFunc(files, wanted) {
			continue
		}
		if old, err := os.ReadFile(path); err == nil && emit.HasHeader(old) {
			changes = append(changes, change{path, orphan, old, nil})
		}
	}
	return changes
}
