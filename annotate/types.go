package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"github.com/omninode-ai/onexevents/annotate/internal/buildtags"
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
	t, ok := f.resolve(Type{Source: src}, expr, at, f.typeFault)
	if !ok {
		return t, false
	}
	if offset, fault := grammar.Check(src, expr, fset, f.declaresType); fault != "" {
		f.report(pos+token.Pos(offset), "%s", fault)
		return Type{}, false
	}
	return t, true
}

// resolve gives t, whose syntax is expr, the imports that its qualifiers refer
// to. nameFault says what is wrong with a name in it that has so many type
// arguments.
func (f *sourceFile) resolve(t Type, expr ast.Expr, at func(token.Pos) token.Pos, nameFault func(name string, arguments int) string) (Type, bool) {
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
			if seen[x.Name] || inLength > 0 && !f.isPackage(x.Name) {
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
	typeNames(expr, func(name *ast.Ident, arguments int) {
		if fault := nameFault(name.Name, arguments); fault != "" {
			f.report(at(name.Pos()), "%s", fault)
			ok = false
		}
	})
	return t, ok
}

// nameFault is [nameFault] for a name in the constraint of a type parameter.
func (f *sourceFile) nameFault(name string, _ int) string {
	switch {
	case slices.Contains(f.typeParamNames, name):
		return ""
	case f.mayBeDotImported(name):
		return fmt.Sprintf("%s seems to come from a dot import; import its package under a name and write name.%s", name, name)
	default:
		return nameFault(name, f.constraint(), f.declaredAs(name))
	}
}

// typeFault is nameFault for a name in the type of a value.
func (f *sourceFile) typeFault(name string, arguments int) string {
	if slices.Contains(f.typeParamNames, name) {
		return ""
	}
	if !declaresType(name, f.declaredAs(name)) && f.isPackage(name) {
		return fmt.Sprintf("%s is a package and no type; write a type of it, %s.<Type>", name, name)
	}
	if fault := f.nameFault(name, arguments); fault != "" {
		return fault
	}
	return valueFault(name, arguments, f.constraint(), f.declaredAs(name))
}

// declaresType tells the types of the package and of the struct.
func (f *sourceFile) declaresType(name string) bool {
	return slices.Contains(f.typeParamNames, name) || declaresType(name, f.declaredAs(name))
}

func (f *sourceFile) constraint() string { return buildtags.Of(f.ast, f.name) }

// typeNames visits the names in a type that stand for types themselves, with
// the number of their type arguments: not those of packages and fields, and
// none in the length of an array.
func typeNames(expr ast.Expr, visit func(name *ast.Ident, arguments int)) {
	var inspect func(ast.Node) bool
	generic := func(x ast.Expr, arguments ...ast.Expr) {
		if name, ok := x.(*ast.Ident); ok {
			visit(name, len(arguments))
		}
		for _, argument := range arguments {
			ast.Inspect(argument, inspect)
		}
	}
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
		case *ast.IndexExpr:
			generic(n.X, n.Index)
			return false
		case *ast.IndexListExpr:
			generic(n.X, n.Indices...)
			return false
		case *ast.Ident:
			visit(n, 0)
		}
		return true
	}
	ast.Inspect(expr, inspect)
}

// Names calls visit with each name in t that stands for a type by itself, one of
// the package or of Go's own, and the number of its type arguments.
func (t Type) Names(visit func(name string, arguments int)) {
	if expr, _, _, fault := grammar.GoType(t.Source); fault == "" {
		typeNames(expr, func(name *ast.Ident, arguments int) { visit(name.Name, arguments) })
	}
}
