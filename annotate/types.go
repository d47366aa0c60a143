package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// parseType reads a Go type that stands at pos in a directive and finds the
// imports that it needs.
func (f *sourceFile) parseType(src string, pos token.Pos) (Type, bool) {
	expr, fset, offset, fault := grammar.GoType(src)
	if fault != "" {
		f.report(pos+token.Pos(offset), "%s", fault)
		return Type{}, false
	}
	at := func(p token.Pos) token.Pos { return pos + token.Pos(fset.PositionFor(p, false).Offset) }
	return f.resolve(Type{Source: src}, expr, at)
}

// resolve gives t, whose syntax is expr, the imports that its qualifiers refer
// to.
func (f *sourceFile) resolve(t Type, expr ast.Expr, at func(token.Pos) token.Pos) (Type, bool) {
	ok := true
	seen := map[string]bool{}
	inLength := 0 // of an array, which is an expression and no type
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ArrayType:
			if n.Len != nil {
				inLength++
				ast.Inspect(n.Len, visit)
				inLength--
			}
			ast.Inspect(n.Elt, visit)
			return false
		case *ast.SelectorExpr:
			x, isIdent := n.X.(*ast.Ident)
			if !isIdent {
				return true
			}
			if seen[x.Name] || inLength > 0 && !f.imports(x.Name) {
				return false
			}
			seen[x.Name] = true
			path, found := f.importPath(x.Name, at(x.Pos()))
			t.Imports = append(t.Imports, Import{Name: x.Name, Path: path})
			ok = ok && found
			return false
		case *ast.Field:
			ast.Inspect(n.Type, visit) // its names are the field's own
			return false
		}
		return true
	}
	ast.Inspect(expr, visit)
	typeNames(expr, func(name *ast.Ident) {
		if fault := f.nameFault(name.Name); fault != "" {
			f.report(at(name.Pos()), "%s", fault)
			ok = false
		}
	})
	return t, ok
}

// nameFault is [nameFault] for a type of the struct that is being read.
func (f *sourceFile) nameFault(name string) string {
	switch {
	case slices.Contains(f.typeParamNames, name):
		return ""
	case f.mayBeDotImported(name):
		return fmt.Sprintf("%s seems to come from a dot import; import its package under a name and write name.%s", name, name)
	default:
		return nameFault(name, f.declared())
	}
}

// typeNames visits the names in a type that stand for types themselves: not
// those of packages and fields, and none in the length of an array.
func typeNames(expr ast.Expr, visit func(*ast.Ident)) {
	var inspect func(ast.Node) bool
	inspect = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ArrayType:
			ast.Inspect(n.Elt, inspect)
			return false
		case *ast.Field:
			ast.Inspect(n.Type, inspect)
			return false
		case *ast.SelectorExpr:
			return false
		case *ast.Ident:
			visit(n)
		}
		return true
	}
	ast.Inspect(expr, inspect)
}
