package annotate

import (
	"errors"
	"go/ast"
	"go/parser"
	goscanner "go/scanner"
	"go/token"
	"strconv"
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
	ast.Inspect(expr, func(n ast.Node) bool {
		sel, isSel := n.(*ast.SelectorExpr)
		if !isSel {
			return true
		}
		if x, isIdent := sel.X.(*ast.Ident); isIdent && !seen[x.Name] {
			seen[x.Name] = true
			path, found := f.importPath(x.Name, at(x.Pos()))
			t.Imports = append(t.Imports, Import{Name: x.Name, Path: path})
			ok = ok && found
		}
		return false
	})
	return t, ok
}

// importPath returns the path that a qualifier at pos refers to, by the
// imports of the file: the one with that name, or the one of those without a
// name whose package is called so. It reports a qualifier of no import.
func (f *sourceFile) importPath(qualifier string, pos token.Pos) (string, bool) {
	var unnamed []string
	for _, spec := range f.ast.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		switch {
		case err != nil:
		case spec.Name == nil:
			unnamed = append(unnamed, path)
		case spec.Name.Name == qualifier:
			return path, true
		}
	}
	if qualifier == "C" {
		f.report(pos, "a type of C cannot be named in another file; declare a Go type for it")
		return "", false
	}
	for _, path := range unnamed {
		if assumedName(path) == qualifier {
			return path, true
		}
	}
	path, err := f.names.find(qualifier, unnamed)
	if err != nil {
		f.report(pos, "no import of this file is known to be package %s: %v; name it in the import declaration: %s \"<path>\"", qualifier, err, qualifier)
		return "", false
	}
	if path == "" {
		f.report(pos, "no import of this file is called %s; import the package, or correct the name", qualifier)
		return "", false
	}
	return path, true
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
