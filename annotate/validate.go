package annotate

import (
	"cmp"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// Validate returns what keeps n from being a node, as [Diagnostics], or nil:
// what a directive may not say, a node that was built in Go may not hold
// either. The nodes of [Load] are valid.
func (n *Node) Validate() error {
	v := validator{node: n}
	v.identifier("name", n.Name)
	v.identifier("package", n.Package)
	if strings.Trim(n.Name, "_") == "" && n.Name != "" {
		v.fault(n.Pos, n.Name+" is no name for a node; use letters")
	}
	v.fault(n.Pos, typeFault(n.Type))
	v.fault(n.Pos, serviceFault(n.Service))
	v.constraint()
	v.typeParams()
	v.operations()
	if n.State.Source != "" {
		v.typ(n.Pos, n.State)
		_, what := stateFault(n.State, n.Declared)
		v.fault(n.Pos, what)
	}
	return v.diags.Err()
}

// validator collects what is wrong with a node.
type validator struct {
	node  *Node
	diags Diagnostics
}

func (v *validator) fault(pos token.Position, what string) {
	if what == "" {
		return
	}
	if pos.Filename == "" && v.node.Name != "" {
		what = "node " + v.node.Name + ": " + what
	}
	v.diags.add(pos, "%s", what)
}

func (v *validator) identifier(what, name string) {
	if !token.IsIdentifier(name) || name == "_" {
		v.diags.add(v.node.Pos, "%q is no %s for a node; use a Go identifier", name, what)
	}
}

func (v *validator) constraint() {
	if v.node.Constraint == "" {
		return
	}
	if _, err := constraint.Parse("//go:build " + v.node.Constraint); err != nil {
		v.fault(v.node.Pos, "its build constraint is wrong: "+err.Error()+"; write what follows //go:build")
	}
}

func (v *validator) typeParams() {
	seen := map[string]bool{}
	for _, p := range v.node.TypeParams {
		if seen[p.Name] {
			v.fault(v.node.Pos, "type parameter "+p.Name+" is listed twice; rename one")
		}
		seen[p.Name] = p.Name != "_"
		if !token.IsIdentifier(p.Name) {
			v.fault(v.node.Pos, "\""+p.Name+"\" is no name for a type parameter; use a Go identifier")
		}
		expr, err := parser.ParseExpr(p.Constraint.Source)
		if err != nil {
			v.fault(v.node.Pos, "\""+p.Constraint.Source+"\" is no constraint; write one such as any or ~int | ~string")
			continue
		}
		v.imports(v.node.Pos, p.Constraint, expr)
	}
}

func (v *validator) operations() {
	if len(v.node.Operations) == 0 {
		v.fault(v.node.Pos, "no operation is listed; add at least one")
	}
	seen := map[string]bool{}
	for _, op := range v.node.Operations {
		v.fault(op.Pos, headFault(op.Head()))
		if seen[op.Head()] {
			v.fault(op.Pos, "operation \""+op.Head()+"\" is listed twice; remove one")
		}
		seen[op.Head()] = true
		for _, t := range []*Type{op.Input, op.Result} {
			if t != nil {
				v.typ(op.Pos, *t)
			}
		}
	}
}

func (v *validator) typ(pos token.Position, t Type) {
	expr, fset, _, what := grammar.GoType(t.Source)
	if what != "" {
		v.fault(pos, what)
		return
	}
	v.imports(pos, t, expr)
	before := len(v.diags)
	typeNames(expr, func(name *ast.Ident, arguments int) {
		isParam := func(p TypeParam) bool { return p.Name == name.Name }
		if !slices.ContainsFunc(v.node.TypeParams, isParam) {
			declared := v.declaredAs(name.Name)
			fault := nameFault(name.Name, v.node.Constraint, declared)
			v.fault(pos, cmp.Or(fault, valueFault(name.Name, arguments, v.node.Constraint, declared)))
		}
	})
	if _, what := grammar.Check(t.Source, expr, fset, v.declaresType); len(v.diags) == before {
		v.fault(pos, what)
	}
}

func (v *validator) declaredAs(name string) []Declaration {
	return v.node.index.declaredAs(v.node.Declared, name)
}

func (v *validator) declaresType(name string) bool {
	isParam := func(p TypeParam) bool { return p.Name == name }
	return slices.ContainsFunc(v.node.TypeParams, isParam) || declaresType(name, v.declaredAs(name))
}

// imports checks that every import of a type can be written, and that there is
// one for every package that the type names.
func (v *validator) imports(pos token.Position, t Type, expr ast.Expr) {
	for _, i := range t.Imports {
		switch {
		case i.Path == "C":
			v.fault(pos, ofC)
		case !token.IsIdentifier(i.Name) || i.Name == "_" || module.CheckImportPath(i.Path) != nil:
			v.fault(pos, "\""+i.Name+"\" \""+i.Path+"\" is no import for "+t.Source+"; give it a name and a path")
		}
	}
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ArrayType:
			ast.Inspect(n.Elt, visit) // its length may have the fields of a variable in it
			return false
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			named := func(i Import) bool { return ok && i.Name == x.Name }
			if ok && !slices.ContainsFunc(t.Imports, named) {
				v.fault(pos, t.Source+" names package "+x.Name+", and its Imports do not; add it")
			}
			return false
		}
		return true
	}
	ast.Inspect(expr, visit)
}
