package annotate

import (
	"go/ast"
	"go/token"
)

// parseType reads a Go type that stands at pos in a directive and finds the
// imports that it needs.
func (f *sourceFile) parseType(src string, pos token.Pos) (Type, bool) {
	expr, fset, offset, fault := goType(src)
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
		case *ast.Ident:
			if inLength == 0 && f.mayBeDotImported(n.Name) {
				f.report(at(n.Pos()), "%s seems to come from a dot import; import its package under a name and write name.%s", n.Name, n.Name)
				ok = false
			}
		}
		return true
	}
	ast.Inspect(expr, visit)
	return t, ok
}
