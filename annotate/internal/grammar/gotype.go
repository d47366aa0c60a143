package grammar

import (
	"fmt"
	"go/ast"
	"go/parser"
	goscanner "go/scanner"
	"go/token"
	"go/types"
	"strings"
)

const typeRemedy = "write one as in this file, such as Request, *api.Request or []string"

// GoType parses src, which has to be a Go type: if it is not, what says so,
// and offset where in src.
func GoType(src string) (expr ast.Expr, fset *token.FileSet, offset int, what string) {
	fset = token.NewFileSet()
	expr, err := parser.ParseExprFrom(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		if list, ok := err.(goscanner.ErrorList); ok && len(list) > 0 {
			offset = min(list[0].Pos.Offset, len(src))
		}
		what := "is not a Go type"
		if offset == len(src) {
			what = "is not a whole Go type"
		}
		return nil, nil, offset, fmt.Sprintf("%q %s; %s", src, what, remedyFor(src))
	}
	if wrong := notType(expr); wrong != nil {
		return nil, nil, fset.PositionFor(wrong.Pos(), false).Offset, fmt.Sprintf("%q is not a Go type; %s", src, remedyFor(src))
	}
	return expr, fset, 0, ""
}

// remedyFor is what to write instead of src, which is no type.
func remedyFor(src string) string {
	if meant := MeantType(src); meant != "" {
		return "write " + meant
	}
	return typeRemedy
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
	named := func(e ast.Expr) ast.Expr {
		switch e.(type) {
		case *ast.Ident, *ast.SelectorExpr:
			return notType(e)
		}
		return e
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
		if wrong := named(e.X); wrong != nil {
			return e
		}
		return notType(e.Index)
	case *ast.IndexListExpr:
		if wrong := named(e.X); wrong != nil {
			return e
		}
		return first(e.Indices...)
	case *ast.FuncType:
		return inFields(e.Params, e.Results)
	case *ast.StructType:
		return inFields(e.Fields)
	case *ast.InterfaceType:
		return inMethods(e)
	default:
		return e
	}
}

func inFields(lists ...*ast.FieldList) ast.Expr {
	for _, list := range lists {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			typ := field.Type
			if rest, ok := typ.(*ast.Ellipsis); ok && rest.Elt != nil {
				typ = rest.Elt // of a variadic function
			}
			if wrong := notType(typ); wrong != nil {
				return wrong
			}
		}
	}
	return nil
}

// inMethods leaves the unions that only a constraint can have to [Check].
func inMethods(e *ast.InterfaceType) ast.Expr {
	for _, field := range e.Methods.List {
		if IsUnion(field.Type) {
			continue
		}
		if wrong := notType(field.Type); wrong != nil {
			return wrong
		}
	}
	return nil
}

// IsUnion tells what only a constraint can have among its methods.
func IsUnion(expr ast.Expr) bool {
	switch e := expr.(type) {
	case *ast.BinaryExpr:
		return e.Op == token.OR
	case *ast.UnaryExpr:
		return e.Op == token.TILDE
	}
	return false
}

// Check tells what Go refuses in a type, whatever the names in it that Go does
// not declare stand for: a slice as the key of a map, a field twice, comparable
// as the type of a value. declares tells the types that the package declares
// under names of Go's own. An empty what means nothing.
func Check(src string, expr ast.Expr, fset *token.FileSet, declares func(name string) bool) (offset int, what string) {
	c := checker{scope: types.NewPackage("p", "p"), declares: declares}
	params := []*ast.Field{{Type: c.known(expr)}}
	for _, argument := range c.arguments {
		params = append(params, &ast.Field{Type: argument})
	}
	fn := &ast.FuncType{Params: &ast.FieldList{List: params}}
	err, ok := types.CheckExpr(fset, c.scope, token.NoPos, fn, nil).(types.Error)
	if !ok {
		return 0, ""
	}
	if strings.Contains(err.Msg, "outside a type constraint") {
		err.Msg = "only a type parameter can have a constraint"
	}
	return fset.PositionFor(err.Pos, false).Offset, fmt.Sprintf("%q is not a Go type (%s); %s", src, err.Msg, typeRemedy)
}

// checker makes copies of types in which every name is known.
type checker struct {
	scope     *types.Package
	declares  func(name string) bool
	arguments []ast.Expr // of generic types that nothing is known of
}

// isGos tells the names that stand for what Go itself declares.
func (c *checker) isGos(name string) bool {
	return types.Universe.Lookup(name) != nil && !c.declares(name)
}

// stand returns an identifier for a type that nothing is known of.
func (c *checker) stand(pos token.Pos, name string) *ast.Ident {
	if c.scope.Scope().Lookup(name) == nil {
		object := types.NewTypeName(token.NoPos, c.scope, name, nil)
		types.NewNamed(object, types.NewStruct(nil, nil), nil)
		c.scope.Scope().Insert(object)
	}
	return &ast.Ident{NamePos: pos, Name: name}
}

func (c *checker) known(expr ast.Expr) ast.Expr {
	switch e := expr.(type) {
	case *ast.Ident:
		if c.isGos(e.Name) {
			return e
		}
		return c.stand(e.Pos(), e.Name)
	case *ast.SelectorExpr:
		return c.stand(e.Pos(), types.ExprString(e))
	case *ast.StarExpr:
		return &ast.StarExpr{Star: e.Star, X: c.known(e.X)}
	case *ast.ParenExpr:
		return c.known(e.X)
	case *ast.ArrayType:
		length := e.Len
		if length != nil && hasName(length) {
			length = &ast.BasicLit{ValuePos: length.Pos(), Kind: token.INT, Value: "1"}
		}
		return &ast.ArrayType{Lbrack: e.Lbrack, Len: length, Elt: c.known(e.Elt)}
	case *ast.MapType:
		return &ast.MapType{Map: e.Map, Key: c.known(e.Key), Value: c.known(e.Value)}
	case *ast.ChanType:
		return &ast.ChanType{Begin: e.Begin, Arrow: e.Arrow, Dir: e.Dir, Value: c.known(e.Value)}
	case *ast.IndexExpr:
		return c.instance(e, e.X, e.Index)
	case *ast.IndexListExpr:
		return c.instance(e, e.X, e.Indices...)
	case *ast.Ellipsis:
		return &ast.Ellipsis{Ellipsis: e.Ellipsis, Elt: c.known(e.Elt)}
	case *ast.FuncType:
		return &ast.FuncType{Func: e.Func, Params: c.fields(e.Params), Results: c.fields(e.Results)}
	case *ast.StructType:
		return &ast.StructType{Struct: e.Struct, Fields: c.fields(e.Fields)}
	case *ast.InterfaceType:
		return &ast.InterfaceType{Interface: e.Interface, Methods: c.methods(e.Methods)}
	default:
		return e
	}
}

func (c *checker) instance(whole, generic ast.Expr, arguments ...ast.Expr) ast.Expr {
	if name, ok := generic.(*ast.Ident); ok && c.isGos(name.Name) {
		return whole // int[string]
	}
	for _, argument := range arguments {
		c.arguments = append(c.arguments, c.known(argument))
	}
	return c.stand(whole.Pos(), types.ExprString(generic))
}

func (c *checker) fields(list *ast.FieldList) *ast.FieldList {
	if list == nil {
		return nil
	}
	known := &ast.FieldList{Opening: list.Opening, Closing: list.Closing}
	for _, field := range list.List {
		known.List = append(known.List, &ast.Field{Names: field.Names, Type: c.known(field.Type), Tag: field.Tag})
	}
	return known
}

// methods leaves out what is embedded and not known: it may be an interface.
func (c *checker) methods(list *ast.FieldList) *ast.FieldList {
	known := &ast.FieldList{Opening: list.Opening, Closing: list.Closing}
	for _, field := range list.List {
		typ := field.Type
		if len(field.Names) == 0 && !IsUnion(typ) {
			name, ok := typ.(*ast.Ident)
			if !ok || !c.isGos(name.Name) {
				continue
			}
		} else if len(field.Names) > 0 {
			typ = c.known(typ)
		} else {
			typ = &ast.UnaryExpr{OpPos: typ.Pos(), Op: token.TILDE, X: ast.NewIdent("int")} // the like of it
			typ.(*ast.UnaryExpr).X.(*ast.Ident).NamePos = field.Type.Pos()
		}
		known.List = append(known.List, &ast.Field{Names: field.Names, Type: typ})
	}
	return known
}

// hasName tells whether an expression depends on what a name stands for.
func hasName(expr ast.Expr) (found bool) {
	ast.Inspect(expr, func(n ast.Node) bool {
		_, isName := n.(*ast.Ident)
		found = found || isName
		return !found
	})
	return found
}
