package emit

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/omninode-ai/onexevents/annotate"
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
	var files []GeneratedFile
	for _, n := range p.Nodes {
		if clashing[n] {
			continue
		}
		if faults := check(n); len(faults) > 0 {
			diags = append(diags, faults...)
			continue
		}
		src, err := render(n)
		if err != nil {
			return nil, err
		}
		files = append(files, GeneratedFile{Name: FileName(n), Node: n, Source: src})
	}
	return files, diags.Err()
}

// File returns the formatted source of the file for n: the same bytes for the
// same node. The error is [annotate.Diagnostics] if n itself is at fault.
func File(n *annotate.Node) ([]byte, error) {
	if err := check(n).Err(); err != nil {
		return nil, err
	}
	return render(n)
}

func render(n *annotate.Node) ([]byte, error) {
	f := &file{node: n, names: namesOf(n), imports: importsOf(n), params: typeParams(n)}
	f.guard()
	f.constants()
	f.catalog()
	f.companion()
	f.constructor()
	for _, op := range n.Operations {
		f.publishStarted(op)
		f.publishCompleted(op)
		f.publishFailed(op)
		f.run(op)
	}
	f.publishStateChanged()
	f.publishMetricRecorded()

	out := jen.NewFile(n.Package)
	out.HeaderComment(header(n))
	out.Add(f.imports.declaration())
	out.Line()
	out.Add(f.body...)
	var src bytes.Buffer
	if err := out.Render(&src); err != nil {
		return nil, fmt.Errorf("render %s of package %s: %w", n.Name, n.Package, err)
	}
	return src.Bytes(), nil
}

func header(n *annotate.Node) string {
	if n.Constraint == "" {
		return Header
	}
	return Header + "\n\n//go:build " + n.Constraint
}

// file is a generated file in the making.
type file struct {
	node    *annotate.Node
	names   names
	imports *imports
	params  []string // the names of the type parameters, none of them "_"
	body    []jen.Code
}

// declare adds a declaration with its doc comment.
func (f *file) declare(doc []string, code ...jen.Code) {
	for _, line := range doc {
		f.body = append(f.body, jen.Comment(line), jen.Line())
	}
	f.body = append(f.body, code...)
	f.body = append(f.body, jen.Line(), jen.Line())
}

// onex returns the runtime's name, and instantiates it if types are given.
func (f *file) onex(name string, types ...jen.Code) *jen.Statement {
	s := f.imports.qualified(runtimePath, name)
	if len(types) > 0 {
		s.Types(types...)
	}
	return s
}

// typeParams names the type parameters of a node, those named "_" too, because
// the companion has to hand them on.
func typeParams(n *annotate.Node) []string {
	inUse := map[string]bool{}
	for _, p := range n.TypeParams {
		inUse[p.Name] = true
	}
	for _, t := range typesOf(n) {
		for word := range identifiers(t.Source) {
			inUse[word.name] = true
		}
	}
	var params []string
	for _, p := range n.TypeParams {
		name := p.Name
		if name == "_" {
			name = firstFree(inUse, []string{"T", "U", "V", "W", "T"})
			inUse[name] = true
		}
		params = append(params, name)
	}
	return params
}

// companionType returns the companion's type as its own methods write it.
func (f *file) companionType() *jen.Statement {
	s := jen.Id(f.names.companion)
	if len(f.params) > 0 {
		s.TypesFunc(func(g *jen.Group) {
			for _, p := range f.params {
				g.Id(p)
			}
		})
	}
	return s
}

// typeParamList adds the type parameters with their constraints to s.
func (f *file) typeParamList(s *jen.Statement) *jen.Statement {
	if len(f.params) == 0 {
		return s
	}
	return s.TypesFunc(func(g *jen.Group) {
		for i, p := range f.params {
			g.Id(p).Add(f.imports.typ(f.node.TypeParams[i].Constraint))
		}
	})
}

// doc breaks a text into comment lines. A line break in the text stays one.
func doc(format string, args ...any) []string {
	const width = 77 // of a line with its slashes
	var lines []string
	for _, paragraph := range strings.Split(fmt.Sprintf(format, args...), "\n") {
		if paragraph == "" || strings.HasPrefix(paragraph, "\t") {
			lines = append(lines, "//"+paragraph)
			continue
		}
		line := "//"
		for _, word := range strings.Fields(paragraph) {
			if len(line)+1+len(word) > width && line != "//" {
				lines = append(lines, line)
				line = "//"
			}
			line += " " + word
		}
		lines = append(lines, line)
	}
	return lines
}

// article puts "a" or "an" in front of a name, by its first letter.
func article(name string) string {
	if strings.ContainsRune("aeioAEIO", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}
