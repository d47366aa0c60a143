package annotate

import (
	"errors"
	"go/ast"
	"go/parser"
	goscanner "go/scanner"
	"go/token"
)

// parseType reads a Go type that stands at pos in a directive and finds the
// imports that it needs.
func (f *sourceFile) parseType(src string, pos token.Pos) (Type, bool) {
	fset := token.NewFileSet()
	expr, err := parser.ParseExprFrom(fset, "", src, parser.SkipObjectResolution)
	at := func(p token.Pos) token.Pos { return pos + token.Pos(fset.PositionFor(p, false).Offset) }
	if err != nil {
		var list goscanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			f.report(pos+token.Pos(min(list[0].Pos.Offset, len(src))), "%q is not a Go type: %s; write one as in this file, such as Request, *api.Request or []string", src, list[0].Msg)
		}
		return Type{}, false
	}
	if wrong := notType(expr); wrong != nil {
		f.report(at(wrong.Pos()), "%q is not a Go type; write one as in this file, such as Request, *api.Request or []string", src)
		return Type{}, false
	}
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

// notType returns the part of expr that cannot be part of a type, or nil.
func notType(expr ast.Expr) ast.Expr {
	first := func(exprs ...ast.Expr) ast.Expr {
		for _, e := range exprs {
			if wrong := notType(e); wrong != nil {
				return wrong
			}
		}
		return nil
	}
	switch e := expr.(type) {
	case *ast.Ident:
		if e.Name == "_" {
			return e
		}
		return nil
	case *ast.SelectorExpr:
		if _, ok := e.X.(*ast.Ident); !ok {
			return e
		}
		return nil
	case *ast.StarExpr:
		return notType(e.X)
	case *ast.ParenExpr:
		return notType(e.X)
	case *ast.ArrayType:
		if _, ok := e.Len.(*ast.Ellipsis); ok {
			return e.Len
		}
		return notType(e.Elt)
	case *ast.MapType:
		return first(e.Key, e.Value)
	case *ast.ChanType:
		return notType(e.Value)
	case *ast.IndexExpr:
		return first(e.X, e.Index)
	case *ast.IndexListExpr:
		return first(append([]ast.Expr{e.X}, e.Indices...)...)
	case *ast.FuncType, *ast.InterfaceType, *ast.StructType:
		return nil
	default:
		return e
	}
}
