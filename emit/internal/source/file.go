package source

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// Render returns the formatted source of the file for a node that has been checked, in a
// package that declares what is known, below a header.
func Render(n *annotate.Node, known *naming.Declared, header string) (string, error) {
	f := newFile(n, known)
	f.typeGuards()
	f.stringerGuard()
	f.guards()
	f.constants()
	f.catalog()
	f.companion()
	f.constructor()
	f.orNone()
	for _, op := range f.operations {
		f.publishStarted(op)
		f.publishCompleted(op)
		f.publishFailed(op)
		f.run(op)
	}
	f.publishStateChanged()
	f.publishMetricRecorded()

	out := jen.NewFile(n.Package)
	out.NoFormat = !f.unformatted
	out.HeaderComment(header)
	// jennifer's own group would put a second empty line below the package clause.
	jen.CustomFunc(apart, func(g *jen.Group) { out.Group = g })
	out.Add(f.imports.declaration())
	for _, declaration := range f.declarations {
		out.Add(declaration)
	}
	var src strings.Builder
	if err := out.Render(&src); err != nil {
		return "", fmt.Errorf("what is generated for %s does not parse; simplify its types", n.Name)
	}
	return src.String(), nil
}

// file is a generated file in the making.
type file struct {
	node         *annotate.Node
	names        naming.Names
	imports      *imports
	params       []string       // the names of the type parameters, none of them "_"
	receiver     jen.Code       // (e *StamperEvents)
	events       []naming.Event // all of them
	operations   []operation
	types        map[*annotate.Type]jen.Code // as the file spells them
	shared       map[string]jen.Code         // what several of its methods have
	declarations []jen.Code
	unformatted  bool // a type may not be spelled as gofmt does
}

// operation is one of the node's, with what several of its methods need.
type operation struct {
	annotate.Operation
	events []naming.Event // started, completed, failed
	field  jen.Code       // the companion's
}

func newFile(n *annotate.Node, known *naming.Declared) *file {
	f := &file{
		node: n, names: naming.Of(n), imports: importsOf(n, known), params: typeParams(n), events: naming.Events(n),
		types: map[*annotate.Type]jen.Code{}, shared: map[string]jen.Code{},
	}
	for i, op := range n.Operations {
		f.operations = append(f.operations, operation{op, f.events[i*len(naming.Stages):][:len(naming.Stages)], dots(orNone, jen.Id(naming.OpField(op)))})
	}
	f.receiver = jen.Custom(inParens, jen.Id("e").Add(pointer(f.companionType())))
	return f
}

// declare adds a declaration with its doc comment.
func (f *file) declare(doc, code jen.Code) {
	f.declarations = append(f.declarations, jen.Custom(lines, doc, code))
}

// isFormatted tells the types that gofmt leaves as they are.
func isFormatted(source string) bool {
	return !strings.ContainsFunc(source, func(r rune) bool {
		return r != '_' && r != '.' && r != '*' && r != '[' && r != ']' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// typ returns a type of the node's file as the generated file spells it.
func (f *file) typ(t *annotate.Type) jen.Code {
	if f.types[t] == nil {
		f.unformatted = f.unformatted || !isFormatted(t.Source)
		f.types[t] = jen.Id(f.imports.rename(*t))
	}
	return f.types[t]
}

// once returns what is made for a name, and makes it if it is not there yet.
func (f *file) once(name string, build func() jen.Code) jen.Code {
	if f.shared[name] == nil {
		f.shared[name] = build()
	}
	return f.shared[name]
}

// onex returns the runtime's name.
func (f *file) onex(name string) jen.Code { return f.imports.qualified(runtimePath, name) }

// typeParams names the type parameters of a node, those named "_" too, because
// the companion has to hand them on.
func typeParams(n *annotate.Node) []string {
	if len(n.TypeParams) == 0 {
		return nil
	}
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
func (f *file) companionType() jen.Code {
	return jen.Custom(tight, jen.Id(f.names.Companion), f.typeArguments())
}

func (f *file) typeArguments() jen.Code {
	if len(f.params) == 0 {
		return jen.Null()
	}
	return jen.Custom(inBrackets, ids(f.params...)...)
}

// generic returns a name that is being declared, with the type parameters and
// their constraints.
func (f *file) generic(name string) jen.Code {
	if len(f.params) == 0 {
		return jen.Id(name)
	}
	var list []jen.Code
	for i, p := range f.params {
		constraint := &f.node.TypeParams[i].Constraint
		code := f.typ(constraint)
		if len(f.params) == 1 && (strings.HasPrefix(constraint.Source, "*") || strings.HasPrefix(constraint.Source, "(")) {
			code = jen.Custom(inInterface, code) // [P *T] would be the length of an array
		}
		list = append(list, jen.Id(p).Add(code))
	}
	f.unformatted = f.unformatted || len(list) > 1 // gofmt gathers those of one constraint
	return jen.Custom(tight, jen.Id(name), jen.Custom(inBrackets, list...))
}
