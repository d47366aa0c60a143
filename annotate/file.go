package annotate

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"strings"

	"github.com/omninode-ai/onexevents/annotate/internal/buildtags"
	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

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

// nodes goes through the comments in order and gives each directive to the
// struct that it documents.
func (f *sourceFile) nodes() []*Node {
	places := placesOf(f.ast)
	documented := documentedIn(places)
	found := map[*ast.TypeSpec]*directives{}
	exceptions := map[*ast.TypeSpec][]ast.Directive{}
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
				case m.Name == grammar.Except:
					exceptions[spec] = append(exceptions[spec], m.Directive)
				default:
					before := len(f.diags)
					if found[spec] == nil {
						found[spec] = f.begin(spec, m.pos)
						found[spec].node.Doc = strings.TrimSpace(group.Text())
						order = append(order, found[spec])
					}
					found[spec].read(m.Directive)
					found[spec].faulty = found[spec].faulty || len(f.diags) > before
				}
			}
		}
	}
	f.except(found, exceptions)
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
		Package:      f.ast.Name.Name,
		Name:         spec.Name.Name,
		File:         f.name,
		Pos:          f.position(spec.Name.Pos()),
		DirectivePos: f.position(pos),
		Constraint:   buildtags.Of(f.ast, f.name),
		TypeParams:   f.typeParams(spec.TypeParams),
		Declared:     f.declared(),
		index:        f.index(),
	}
	if node.Name == "_" {
		f.report(spec.Name.Pos(), "a struct without a name cannot have events; give it one")
	}
	return &directives{file: f, node: node, at: pos, first: map[string]token.Pos{}, seen: map[string]bool{}, bare: map[string]slip{}}
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
		constraint, _ := f.resolve(Type{Source: src.String()}, field.Type, func(p token.Pos) token.Pos { return p }, f.nameFault)
		for _, name := range field.Names {
			params = append(params, TypeParam{Name: name.Name, Constraint: constraint})
		}
	}
	return params
}
