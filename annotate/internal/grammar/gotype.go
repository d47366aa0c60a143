package grammar

import (
	"fmt"
	"go/ast"
	"go/parser"
	goscanner "go/scanner"
	"go/token"
)

// GoType parses src, which has to be a Go type: if it is not, what says so,
// and offset where in src.
func GoType(src string) (expr ast.Expr, fset *token.FileSet, offset int, what string) {
	const remedy = "write one as in this file, such as Request, *api.Request or []string"
	fset = token.NewFileSet()
	expr, err := parser.ParseExprFrom(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		reason := err.Error()
		if list, ok := err.(goscanner.ErrorList); ok && len(list) > 0 {
			offset, reason = min(list[0].Pos.Offset, len(src)), list[0].Msg
		}
		return nil, nil, offset, fmt.Sprintf("%q is not a Go type: %s; %s", src, reason, remedy)
	}
	if wrong := notType(expr); wrong != nil {
		return nil, nil, fset.PositionFor(wrong.Pos(), false).Offset, fmt.Sprintf("%q is not a Go type; %s", src, remedy)
	}
	return expr, fset, 0, ""
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
		return blankIn(e)
	default:
		return e
	}
}

// blankIn returns a _ that stands in expr where a type belongs, or nil: it may
// only be the name of a field or a parameter.
func blankIn(expr ast.Expr) (blank ast.Expr) {
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			ast.Inspect(n.Type, visit)
			return false
		case *ast.Ident:
			if n.Name == "_" && blank == nil {
				blank = n
			}
		}
		return true
	}
	ast.Inspect(expr, visit)
	return blank
}
