package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

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
	pkgs, faults, err := load(ctx, opts)
	if err != nil {
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

// load loads the packages of all targets.
func load(ctx context.Context, opts options) (pkgs []*annotate.Package, faults annotate.Diagnostics, err error) {
	for _, t := range opts.targets {
		found, err := annotate.Load(ctx, annotate.Config{Dir: t.dir, Tags: opts.tags, Generated: isOurs}, t.patterns...)
		var diags annotate.Diagnostics
		if err != nil && !errors.As(err, &diags) {
			return nil, nil, err
		}
		pkgs, faults = append(pkgs, found...), append(faults, diags...)
	}
	return pkgs, faults, nil
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
	at, err := placeOf(path)
	old := at.content
	licence, own := emit.CutHeader(old)
	switch {
	case err != nil:
		return change{}, fmt.Errorf("struct %s needs the file %s: %w; remove it", file.Node.Name, file.Name, err)
	case old == nil:
		return change{path: path, state: missing, new: file.Source}, nil
	case own == nil && !emit.IsDamaged(old):
		return change{}, fmt.Errorf("struct %s needs the file %s, which onexevents has not written; rename the file or the struct", file.Node.Name, file.Name)
	case bytes.Equal(withoutCR(own), file.Source):
		return change{}, nil
	}
	c := change{path: at.path, state: stale, old: old, new: file.Source}
	if emit.IsComment(licence) {
		c.new = append(withoutCR(licence), file.Source...)
	}
	if emit.IsEdited(old) {
		c.state = edited
	}
	return c, nil
}

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
			changes = append(changes, change{path: path, state: orphan, old: old, kept: emit.IsEdited(old)})
		}
	}
	return changes
}
