package annotate

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate/internal/buildtags"
	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
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
	return fmt.Sprintf("unknown node type %q; %s", value, grammar.DidYouMean(value, NodeTypes))
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
	if snake := grammar.SnakeCase(name); operationPat.MatchString(snake) {
		remedy = "write " + snake
	}
	return fmt.Sprintf("%q is not an operation name; %s", name, remedy)
}

// nameFault is about a name that stands for a type in a file under constraint,
// in a package that declares what declared lists. One that nothing is known of
// may yet be generated.
func nameFault(name, constraint string, declared []Declaration) string {
	what := ""
	for _, d := range declared {
		switch {
		case d.Name != name || d.Kind == "method" || d.Kind == "import":
		case d.Kind == "type":
			return ""
		case buildtags.Meet(d.Constraint, constraint):
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

func declaresType(name string, declared []Declaration) bool {
	return slices.ContainsFunc(declared, func(d Declaration) bool { return d.Name == name && d.Kind == "type" })
}

// valueFault is about a declared type of the package that is the type of a
// value, with so many type arguments.
func valueFault(name string, arguments int, constraint string, declared []Declaration) string {
	fault := ""
	for _, d := range declared {
		if d.Name != name || d.Kind != "type" || !buildtags.Meet(d.Constraint, constraint) {
			continue
		}
		switch {
		case d.IsConstraint:
			fault = fmt.Sprintf("%s (at %s) is a constraint, which no value has as its type; write a type that it allows", name, short(d.Pos))
		case d.TypeParams == arguments:
			return ""
		case d.TypeParams == 0:
			fault = fmt.Sprintf("%s (at %s) has no type parameters; write %s", name, short(d.Pos), name)
		default:
			fault = fmt.Sprintf("%s (at %s) has %s, not %d; write %s[%s]", name, short(d.Pos), counted(d.TypeParams, "type parameter"), arguments,
				name, strings.Join(slices.Repeat([]string{"<Type>"}, d.TypeParams), ","))
		}
	}
	return fault
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// stateFault is about a type of states: they are strings, or have a method
// String. needsString tells that it is a type of the package that has to have
// that method, and may yet get it.
func stateFault(t Type, declared []Declaration) (needsString bool, fault string) {
	const remedy = "; write a type that is a string or has a method String"
	expr, _, _, what := grammar.GoType(t.Source)
	if what != "" {
		return false, ""
	}
	name, isName := expr.(*ast.Ident)
	if !isName {
		switch expr.(type) {
		case *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.StructType:
			return false, t.Source + " cannot be the type of a state" + remedy
		}
		return false, ""
	}
	declares := declaresType(name.Name, declared)
	gos, isType := types.Universe.Lookup(name.Name).(*types.TypeName)
	switch {
	case !declares && isType && name.Name != "string" && name.Name != "any":
		return false, gos.Name() + " cannot be the type of a state" + remedy
	case !declares && slices.Contains([]string{"none", "no", "off", "never"}, strings.ToLower(name.Name)), !declares && strings.EqualFold(name.Name, "false"):
		return false, fmt.Sprintf("there is no type %s; write state=false if the node has no state event", name.Name)
	case !declares:
		return false, ""
	}
	return !isString(name.Name, declared, nil), ""
}

// isString tells whether a type of the package is a string underneath, or may be.
func isString(name string, declared []Declaration, seen []string) bool {
	if !declaresType(name, declared) {
		return name == "string"
	}
	if slices.Contains(seen, name) {
		return true // a circle, which the compiler reports
	}
	return slices.ContainsFunc(declared, func(d Declaration) bool {
		if d.Name != name || d.Kind != "type" {
			return false
		}
		// Of another package's type nothing is known.
		return d.IsOpaque || isString(d.Underlying, declared, append(seen, name))
	})
}
