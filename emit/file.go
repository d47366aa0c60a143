package emit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

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
	files := make([]GeneratedFile, len(p.Nodes))
	faults := make([]annotate.Diagnostics, len(p.Nodes))
	var rendering sync.WaitGroup
	for i, n := range p.Nodes {
		rendering.Go(func() { files[i], faults[i] = generate(n, declaredFor(n, p.Nodes), clashing[n]) })
	}
	rendering.Wait()
	isLeftOut := func(f GeneratedFile) bool { return f.Node == nil }
	return slices.DeleteFunc(files, isLeftOut), slices.Concat(append(faults, diags)...).Err()
}

// generate returns the file of a node, unless it clashes with another, or why
// there cannot be one.
func generate(n *annotate.Node, declared []annotate.Declaration, clashing bool) (GeneratedFile, annotate.Diagnostics) {
	if faults := check(n, declared); clashing || len(faults) > 0 {
		return GeneratedFile{}, faults
	}
	src, err := render(n)
	if err != nil {
		return GeneratedFile{}, annotate.Diagnostics{{Pos: n.Pos, Message: err.Error()}}
	}
	return GeneratedFile{Name: FileName(n), Node: n, Source: src}, nil
}

// File returns the formatted source of the file for n: the same bytes for the
// same node. The error is [annotate.Diagnostics] if n itself is at fault.
func File(n *annotate.Node) ([]byte, error) {
	if err := check(n, n.Declared).Err(); err != nil {
		return nil, err
	}
	return render(n)
}

func render(n *annotate.Node) ([]byte, error) {
	f := newFile(n)
	f.guards()
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
	out.Add(&f.body)
	var src bytes.Buffer
	if err := out.Render(&src); err != nil {
		// jennifer adds all of the source to what is wrong with it.
		what, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("what is generated for %s does not parse (%s); simplify its types", n.Name, what)
	}
	return sealed(src.Bytes()), nil
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
	body    jen.Statement
}

func newFile(n *annotate.Node) *file {
	return &file{node: n, names: namesOf(n), imports: importsOf(n), params: typeParams(n)}
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
	inUse := identifiersOf(n)
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

// identifiersOf returns the identifiers that a node's file spells because the
// directive and the struct do.
func identifiersOf(n *annotate.Node) map[string]bool {
	inUse := map[string]bool{}
	for _, p := range n.TypeParams {
		inUse[p.Name] = true
	}
	for _, t := range typesOf(n) {
		for word := range identifiers(t.Source) {
			inUse[word.name] = true
		}
	}
	return inUse
}

// identifiers returns those of the node, and the names of its file's type
// parameters.
func (f *file) identifiers() map[string]bool {
	inUse := identifiersOf(f.node)
	for _, p := range f.params {
		inUse[p] = true
	}
	return inUse
}

// companionType returns the companion's type as its own methods write it.
func (f *file) companionType() *jen.Statement {
	s := jen.Id(f.names.companion)
	if len(f.params) > 0 {
		s.TypesFunc(f.typeArguments)
	}
	return s
}

func (f *file) typeArguments(g *jen.Group) {
	for _, p := range f.params {
		g.Id(p)
	}
}

// typeParamList adds the type parameters with their constraints to s.
func (f *file) typeParamList(s *jen.Statement) *jen.Statement {
	if len(f.params) == 0 {
		return s
	}
	return s.TypesFunc(func(g *jen.Group) {
		for i, p := range f.params {
			constraint := f.imports.typ(f.node.TypeParams[i].Constraint)
			if len(f.params) == 1 {
				// [P *T] would be the length of an array.
				constraint = unambiguous(constraint, f.node.TypeParams[i].Constraint)
			}
			g.Id(p).Add(constraint)
		}
	})
}

// unambiguous wraps the constraint of an only type parameter if it begins like
// an expression.
func unambiguous(code *jen.Statement, constraint annotate.Type) *jen.Statement {
	if strings.HasPrefix(constraint.Source, "*") || strings.HasPrefix(constraint.Source, "(") {
		return jen.Interface(code)
	}
	return code
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
