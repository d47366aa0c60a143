package starter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// newType is a type that the package is to have.
type newType struct{ name, doc string }

// types returns the types that the operations name and Go does not know. They
// must not be called as the constants of states are.
func (s Starter) types(states []string) ([]newType, annotate.Diagnostics) {
	n := s.Node
	var list []newType
	var diags annotate.Diagnostics
	others := slices.Concat(taken(n), states, naming.Declarations(n, naming.Events(n)))
	add := func(op annotate.Operation, t *annotate.Type, what string) {
		if t == nil {
			return
		}
		t.Names(func(name string, arguments int) {
			known := slices.ContainsFunc(list, func(other newType) bool { return other.name == name })
			switch {
			case known || annotate.IsPredeclared(name):
			case arguments > 0:
				diags = append(diags, annotate.Diagnostic{Pos: op.Pos, Message: name + " has type arguments, and what it is to be is not known; name a type without any"})
			case slices.Contains(others, name):
				diags = append(diags, annotate.Diagnostic{Pos: op.Pos, Message: "something else is called " + name + " in the new package; name the type or the node otherwise"})
			default:
				list = append(list, newType{name, fmt.Sprintf("%s is what the operation %s %s.", name, op.Name, what)})
			}
		})
	}
	for _, op := range n.Operations {
		add(op, op.Input, "takes")
		add(op, op.Result, "returns")
	}
	return list, diags
}

// declared returns the file with the types, "" if there are none.
func declared(types []newType) string {
	if len(types) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("package main\n")
	for _, t := range types {
		fmt.Fprintf(&b, "\n// %s\ntype %s struct {\n\tID string `json:\"id\"`\n}\n", t.doc, t.name)
	}
	return b.String()
}
