package annotate

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/token"
	"sort"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// place is a declaration, or one type of a group, as a directive may stand
// above it, in it or behind it.
type place struct {
	doc    *ast.CommentGroup
	node   ast.Node
	what   string        // "func Run", "struct Stamper"
	strukt *ast.TypeSpec // set where a directive belongs
	group  *place        // that it is in
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
			var group *place
			if d.Tok != token.TYPE || d.Lparen.IsValid() {
				group = &place{doc: d.Doc, node: d, what: groupName(d)}
				places = append(places, *group)
			}
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && group != nil {
					p := placeOf(t, t.Doc, t)
					p.group = group
					places = append(places, p)
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

func last(places []place) *place {
	if len(places) == 0 {
		return nil
	}
	return &places[len(places)-1]
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
	at := sort.Search(len(places), func(i int) bool { return places[i].node.Pos() > pos })
	if at < len(places) {
		next = &places[at]
		if next.doc != nil && next.doc.Pos() <= pos && pos < next.doc.End() {
			return stands("above", next.what)
		}
	}
	// The last place that begins in front of pos, and the group that it is in.
	for p := last(places[:at]); p != nil; p = p.group {
		switch {
		case pos < p.node.End():
			around = cmp.Or(around, p)
		case f.line(p.node.End()) == line:
			return stands("behind", p.what)
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
