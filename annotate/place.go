package annotate

import (
	"bytes"
	"go/ast"
	"go/token"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// place is a declaration, or one type of a group, as a directive may stand
// above it, in it or behind it.
type place struct {
	doc    *ast.CommentGroup
	node   ast.Node
	what   string        // "func Run", "struct Stamper"
	strukt *ast.TypeSpec // set where a directive belongs
}

// placesOf lists the places of a file in order; a group comes before what it
// holds.
func placesOf(file *ast.File) []place {
	var places []place
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			what := "func " + d.Name.Name
			if d.Recv != nil {
				what = "method " + d.Name.Name
			}
			places = append(places, place{doc: d.Doc, node: d, what: what})
		case *ast.GenDecl:
			group := d.Tok != token.TYPE || d.Lparen.IsValid()
			if group {
				places = append(places, place{doc: d.Doc, node: d, what: groupName(d)})
			}
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && group {
					places = append(places, placeOf(t, t.Doc, t))
				} else if ok {
					places = append(places, placeOf(t, d.Doc, d))
				}
			}
		}
	}
	return places
}

func groupName(d *ast.GenDecl) string {
	if d.Tok == token.TYPE {
		return "a group of types"
	}
	return d.Tok.String()
}

func placeOf(t *ast.TypeSpec, doc *ast.CommentGroup, node ast.Node) place {
	p := place{doc: doc, node: node}
	switch t.Type.(type) {
	case *ast.StructType:
		p.what = "struct " + t.Name.Name
		p.strukt = t
	case *ast.InterfaceType:
		p.what = "interface " + t.Name.Name
	default:
		p.what = "type " + t.Name.Name + ", which is no struct"
	}
	if t.Assign.IsValid() {
		p.what, p.strukt = "alias "+t.Name.Name, nil
	}
	return p
}

// leads tells whether a comment is the first thing in its line.
func (f *sourceFile) leads(pos token.Pos) bool {
	before := f.src[:f.position(pos).Offset]
	return len(bytes.TrimSpace(before[bytes.LastIndexByte(before, '\n')+1:])) == 0
}

// misplaced says why a directive at pos belongs to no struct, and what to do.
func (f *sourceFile) misplaced(places []place, pos token.Pos) string {
	const remedy = "; move it to the doc comment of the node's struct"
	stands := func(where, what string) string {
		return grammar.Whole + " stands " + where + " " + what + remedy
	}
	if pos < f.ast.Package {
		return stands("above", "the package clause")
	}
	line := f.line(pos)
	var around, next *place
	for i, p := range places {
		switch {
		case p.doc != nil && p.doc.Pos() <= pos && pos < p.doc.End():
			return stands("above", p.what)
		case p.node.Pos() <= pos && pos < p.node.End():
			around = &places[i]
		case f.line(p.node.End()) == line && p.node.End() <= pos:
			return stands("behind", p.what)
		case p.node.Pos() > pos && next == nil:
			next = &places[i]
		}
	}
	switch {
	case next != nil && next.strukt != nil && f.leads(pos) && (around == nil || next.node.End() <= around.node.End()):
		return "a blank line cuts " + grammar.Whole + " off from " + next.what + "; remove the blank line"
	case around != nil:
		return stands("inside", around.what)
	default:
		return grammar.Whole + " documents nothing" + remedy
	}
}
