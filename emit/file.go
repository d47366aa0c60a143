package emit

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
	"github.com/omninode-ai/onexevents/emit/internal/source"
)

// GeneratedFile is what is generated for one node.
type GeneratedFile struct {
	Name   string // base name; it belongs into the folder of the node's file
	Node   *annotate.Node
	Source []byte
}

// Package returns the files of all nodes of a package, in their order. A node
// that cannot be generated is left out, and the error is then
// [annotate.Diagnostics] that say why.
func Package(p *annotate.Package) ([]GeneratedFile, error) {
	clashing, diags := clashes(p.Nodes)
	known := naming.DeclaredIn(p.Nodes)
	files := make([]GeneratedFile, len(p.Nodes))
	faults := make([]annotate.Diagnostics, len(p.Nodes))
	var rendering sync.WaitGroup
	for i, n := range p.Nodes {
		rendering.Go(func() { files[i], faults[i] = generate(n, known[n.Package], clashing[n]) })
	}
	rendering.Wait()
	isLeftOut := func(f GeneratedFile) bool { return f.Node == nil }
	return slices.DeleteFunc(files, isLeftOut), slices.Concat(append(faults, diags)...).Err()
}

// generate returns the file of a node, unless it clashes with another, or why
// there cannot be one.
func generate(n *annotate.Node, known *naming.Declared, clashing bool) (GeneratedFile, annotate.Diagnostics) {
	if faults := check(n, known); clashing || len(faults) > 0 {
		return GeneratedFile{}, faults
	}
	src, err := render(n, known)
	if err != nil {
		return GeneratedFile{}, annotate.Diagnostics{{Pos: n.Pos, Message: err.Error()}}
	}
	return GeneratedFile{Name: FileName(n), Node: n, Source: src}, nil
}

// File returns the formatted source of the file for n: the same bytes for the
// same node. The error is [annotate.Diagnostics] if n itself is at fault.
func File(n *annotate.Node) ([]byte, error) {
	known := naming.NewDeclared(n.Declared)
	if err := check(n, known).Err(); err != nil {
		return nil, err
	}
	return render(n, known)
}

// render returns the file of a node that has been checked.
func render(n *annotate.Node, known *naming.Declared) ([]byte, error) {
	src, err := source.Render(n, known, header(n))
	if err != nil {
		return nil, err
	}
	return sealed(src), nil
}

func header(n *annotate.Node) string {
	lines := []string{Header}
	if n.File != "" {
		lines = append(lines, sourcePrefix+filepath.Base(n.File))
	}
	if n.Constraint != "" {
		lines = append(lines, "", "//go:build "+n.Constraint)
	}
	return strings.Join(lines, "\n")
}
