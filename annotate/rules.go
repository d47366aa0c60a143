package annotate

import (
	"fmt"
	"go/ast"
	"go/parser"
	goscanner "go/scanner"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// NodeTypes are the types that a node can have.
var NodeTypes = []string{"effect", "compute", "reducer", "orchestrator"}

var (
	servicePat   = regexp.MustCompile(`^[a-z][a-z0-9]*([_-][a-z0-9]+)*$`)
	operationPat = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// The fault functions say what is wrong with a value and what to write
// instead, or "".

func typeFault(value string) string {
	if slices.Contains(NodeTypes, value) {
		return ""
	}
	return fmt.Sprintf("unknown node type %q; %s", value, didYouMean(value, NodeTypes))
}

func serviceFault(value string) string {
	if servicePat.MatchString(value) {
		return ""
	}
	remedy := "use lower-case letters and digits in words joined by _ or -"
	if lower := strings.ToLower(value); servicePat.MatchString(lower) {
		remedy = "write " + lower
	}
	return fmt.Sprintf("%q is not a service name; %s", value, remedy)
}

func operationFault(name string) string {
	if operationPat.MatchString(name) {
		return ""
	}
	remedy := "use lower-case words joined by _, such as stamp or query_index"
	if snake := SnakeCase(name); operationPat.MatchString(snake) {
		remedy = "write " + snake
	}
	return fmt.Sprintf("%q is not an operation name; %s", name, remedy)
}

// nameFault is about a name that stands for a type in a package that declares
// what declared lists. One that nothing is known of may yet be generated.
func nameFault(name string, declared []Declaration) string {
	what := ""
	for _, d := range declared {
		switch {
		case d.Name != name || d.Kind == "method" || d.Kind == "import":
		case d.Kind == "type":
			return ""
		case !d.Excluded:
			what = "a " + d.Kind
			if d.Pos.IsValid() {
				what += " (at " + short(d.Pos) + ")"
			}
		}
	}
	if what != "" {
		return fmt.Sprintf("%s is %s and no type; write the name of a type", name, what)
	}
	gos := types.Universe.Lookup(name)
	if _, isType := gos.(*types.TypeName); gos != nil && !isType {
		return name + " is no type; write one, or nothing as in name(In) and name(,Out)"
	}
	return ""
}

// goType parses src, which has to be a Go type: if it is not, what says so,
// and offset where in src.
func goType(src string) (expr ast.Expr, fset *token.FileSet, offset int, what string) {
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
