package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// sources are the files of a repository that a catalog can depend on.
var sources = []string{":(top,glob)**/*.go", ":(top,glob)**/go.mod", ":(top,glob)**/go.sum", ":(top,glob)**/go.work", ":(top,glob)**/go.work.sum", ":(top,glob)**/vendor/modules.txt"}

// catalogAt returns the catalog of the packages as they were at a revision. The
// repository, its index included, stays as it is. A package that was not there
// had no events.
func catalogAt(ctx context.Context, revision string, opts options) (*emit.Record, error) {
	scratch, err := os.MkdirTemp("", "onexevents-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	if scratch, err = filepath.EvalSymlinks(scratch); err != nil { // the go command names files so
		return nil, err
	}
	index := filepath.Join(scratch, "index")
	git := func(dir string, stdin []byte, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_INDEX_FILE="+index)
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			text, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
			err = fmt.Errorf("git %s: %s", args[0], text)
		}
		return string(out), err
	}
	top, err := git("", nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("%w; run it in a git repository, or compare with a catalog in JSON", err)
	}
	top = strings.TrimSuffix(top, "\n")
	tree, err := git("", nil, "rev-parse", "--verify", "--end-of-options", revision+"^{tree}")
	if err != nil || revision == "" {
		return nil, fmt.Errorf("git knows no revision %q here; name one that it has, or fetch it", revision)
	}
	if _, err := git(top, nil, "read-tree", strings.TrimSpace(tree)); err != nil {
		return nil, err
	}
	files, err := git(top, nil, append([]string{"ls-files", "-z", "--"}, sources...)...)
	if err != nil {
		return nil, err
	}
	copied := filepath.Join(scratch, "tree")
	if err := os.Mkdir(copied, 0o777); err != nil {
		return nil, err
	}
	if _, err := git(top, []byte(files), "checkout-index", "-z", "--stdin", "--prefix="+filepath.ToSlash(copied)+"/"); err != nil {
		return nil, err
	}
	old, err := moved(opts, filepath.FromSlash(top), copied)
	if err != nil {
		return nil, err
	}
	name := revisionPrefix + revision + ":"
	c, err := loadCatalogOf(ctx, old, func(pkgs []*annotate.Package) {
		for _, pkg := range pkgs {
			for _, n := range pkg.Nodes {
				n.DirectivePos.Filename = within(copied, n.DirectivePos.Filename, name)
			}
		}
	})
	var diags annotate.Diagnostics
	if errors.As(err, &diags) {
		for i := range diags {
			diags[i].Pos.Filename = within(copied, diags[i].Pos.Filename, name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the packages at %s have mistakes, and so no catalog; compare with another revision:\n%s", revision, said(err))
	}
	return c.Record(), nil
}

// within names a file below dir after the revision that it is of.
func within(dir, file, name string) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil || strings.HasPrefix(rel, "..") {
		return file
	}
	return name + filepath.ToSlash(rel)
}

// moved returns the options for the copy of a repository, without the targets
// and patterns whose folders it does not have.
func moved(opts options, top, copied string) (options, error) {
	here, err := os.Getwd()
	if err != nil {
		return opts, err
	}
	there := func(dir string) (string, bool) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		rel, err := filepath.Rel(top, dir)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return "", false
		}
		dir = filepath.Join(copied, rel)
		info, err := os.Stat(dir)
		return dir, err == nil && info.IsDir()
	}
	var targets []target
	for _, t := range opts.targets {
		from := t.dir
		if from == "" {
			from = here
		}
		m := target{}
		var ok bool
		if m.dir, ok = there(from); !ok {
			continue
		}
		for _, pattern := range t.patterns {
			folder, rest, isTree := strings.Cut(pattern, "...")
			switch {
			case filepath.IsAbs(folder):
				dir, ok := there(filepath.Clean(folder))
				if !ok {
					continue
				}
				if pattern = dir; isTree {
					pattern += "/..." + rest
				}
			case strings.HasPrefix(pattern, "."):
				if _, ok := there(filepath.Join(from, filepath.Dir(folder+"x"))); !ok {
					continue
				}
				if _, ok := there(filepath.Join(from, folder)); !ok && !isTree {
					continue
				}
			}
			m.patterns = append(m.patterns, pattern)
		}
		if len(m.patterns) > 0 {
			targets = append(targets, m)
		}
	}
	opts.targets = targets
	return opts, nil
}
