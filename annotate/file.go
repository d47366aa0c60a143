package annotate

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/printer"
	goscanner "go/scanner"
	"go/token"
	"strings"
)

// sourceFile is one file on the way from its bytes to its nodes.
type sourceFile struct {
	name  string // absolute
	fset  *token.FileSet
	ast   *ast.File
	src   []byte
	scope *scope
	diags Diagnostics

	typeParamNames []string // of the struct that is being read
}

// readNodes returns the nodes that the source of a file declares, apart from
// those with a mistake, and what is wrong in it. A file that does not parse has
// no nodes.
func readNodes(name string, src []byte, s *scope) ([]*Node, Diagnostics) {
	f := &sourceFile{name: name, fset: token.NewFileSet(), src: src, scope: s}
	var err error
	f.ast, err = parser.ParseFile(f.fset, name, withoutLines(src), parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, syntaxErrors(name, err, "the nodes of this file are left as they are until it parses")
	}
	nodes := f.nodes()
	return nodes, f.diags
}

// withoutLines returns src with its //line comments disarmed, because the
// parser's errors would be where those say, and those that are wrong would be
// errors; and every other thing at its place.
func withoutLines(src []byte) []byte {
	for _, line := range [][]byte{[]byte("//line "), []byte("/*line ")} {
		if bytes.Contains(src, line) {
			src = bytes.ReplaceAll(src, line, append(line[:2:2], "     "...))
		}
	}
	return src
}

// syntaxErrors turns the parser's error into diagnostics.
func syntaxErrors(name string, err error, remedy string) (diags Diagnostics) {
	var list goscanner.ErrorList
	if !errors.As(err, &list) {
		diags.add(token.Position{Filename: name}, "%v; %s", err, remedy)
	}
	for _, e := range list {
		diags.add(e.Pos, "%s; %s", e.Msg, remedy)
	}
	return diags
}

// nodes goes through the comments in order and gives each directive to the
// struct that it documents.
func (f *sourceFile) nodes() []*Node {
	places := placesOf(f.ast)
	documented := documentedIn(places)
	found := map[*ast.TypeSpec]*directives{}
	var order []*directives
	for _, group := range f.ast.Comments {
		spec := documented[group]
		for _, c := range group.List {
			for _, m := range f.mentionsIn(c) {
				switch {
				case m.fault != "":
					f.report(m.pos, "%s", m.fault)
				case spec == nil:
					f.report(m.pos, "%s", f.misplaced(places, m.pos))
				default:
					before := len(f.diags)
					if found[spec] == nil {
						found[spec] = f.begin(spec, m.pos)
						order = append(order, found[spec])
					}
					found[spec].read(m.Directive)
					found[spec].faulty = found[spec].faulty || len(f.diags) > before
				}
			}
		}
	}
	return f.finish(order)
}

// finish returns the nodes in which nothing is wrong.
func (f *sourceFile) finish(all []*directives) []*Node {
	var nodes []*Node
	for _, d := range all {
		before := len(f.diags)
		d.finish()
		if !d.faulty && len(f.diags) == before {
			nodes = append(nodes, d.node)
		}
	}
	return nodes
}

// documentedIn returns the structs by their doc comments.
func documentedIn(places []place) map[*ast.CommentGroup]*ast.TypeSpec {
	documented := map[*ast.CommentGroup]*ast.TypeSpec{}
	for _, p := range places {
		if p.doc != nil && p.strukt != nil {
			documented[p.doc] = p.strukt
		}
	}
	return documented
}

// begin starts the node of a struct whose first directive is at pos.
func (f *sourceFile) begin(spec *ast.TypeSpec, pos token.Pos) *directives {
	node := &Node{
		Package:    f.ast.Name.Name,
		Name:       spec.Name.Name,
		File:       f.name,
		Pos:        f.position(spec.Name.Pos()),
		Constraint: buildConstraint(f.ast, f.name),
		TypeParams: f.typeParams(spec.TypeParams),
		Declared:   f.declared(),
	}
	if node.Name == "_" {
		f.report(spec.Name.Pos(), "a struct without a name cannot have events; give it one")
	}
	return &directives{file: f, node: node, at: pos, first: map[string]token.Pos{}}
}

func (f *sourceFile) typeParams(list *ast.FieldList) []TypeParam {
	f.typeParamNames = nil
	if list == nil {
		return nil
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			f.typeParamNames = append(f.typeParamNames, name.Name)
		}
	}
	var params []TypeParam
	for _, field := range list.List {
		var src strings.Builder
		if err := printer.Fprint(&src, f.fset, field.Type); err != nil {
			f.report(field.Pos(), "this constraint cannot be printed: %v; simplify it", err)
		}
		constraint, _ := f.resolve(Type{Source: src.String()}, field.Type, func(p token.Pos) token.Pos { return p })
		for _, name := range field.Names {
			params = append(params, TypeParam{Name: name.Name, Constraint: constraint})
		}
	}
	return params
}

// declared returns what the file's package declares.
func (f *sourceFile) declared() []Declaration { return f.scope.declared()[f.ast.Name.Name] }

func (f *sourceFile) report(pos token.Pos, format string, args ...any) {
	f.diags.add(f.position(pos), format, args...)
}

// position ignores //line comments: a directive is where its file has it.
func (f *sourceFile) position(pos token.Pos) token.Position {
	return f.fset.PositionFor(pos, false)
}

func (f *sourceFile) line(pos token.Pos) int { return f.position(pos).Line }

// shortPos is how one message points at another place in the same file.
func (f *sourceFile) shortPos(pos token.Pos) string { return short(f.position(pos)) }
