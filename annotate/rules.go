package annotate

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"unicode"

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
	if meant := tidied(strings.ToLower(value), "-", servicePat); meant != "" {
		remedy = "write " + meant
	}
	return fmt.Sprintf("%q is not a service name; %s", value, remedy)
}

func operationFault(name string) string {
	if operationPat.MatchString(name) {
		return ""
	}
	remedy := "use lower-case words joined by _, such as stamp or query_index"
	if !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		remedy = "remove it, or " + remedy
	}
	var several []string
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(";|&+", r) }) {
		several = append(several, tidied(grammar.SnakeCase(word), "_", operationPat))
	}
	if len(several) > 0 && !slices.Contains(several, "") {
		remedy = "write " + strings.Join(several, " ")
	}
	return fmt.Sprintf("%q is not an operation name; %s", name, remedy)
}

// tidied returns a name that matches pat, of the words of another one, or "" if
// that needs more than another separator between them.
func tidied(name, separator string, pat *regexp.Regexp) string {
	if pat.MatchString(name) {
		return name
	}
	words := strings.FieldsFunc(name, func(r rune) bool {
		return r < 0x80 && unicode.IsPunct(r) && r != '"' && r != '\'' || r == '$' || r == '~'
	})
	if name = strings.Join(words, separator); pat.MatchString(name) {
		return name
	}
	return ""
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
	case !declares && noState(name.Name):
		return false, fmt.Sprintf("there is no type %s; write state=false if the node has no state event", name.Name)
	case !declares:
		return false, ""
	}
	return !isString(name.Name, declared, nil), ""
}

// noState tells what people write for a node without states.
func noState(value string) bool {
	return slices.Contains([]string{"none", "no", "off", "never", "false", "nil", "null", "0", "-", "disabled"}, strings.ToLower(value))
}

// isGoType tells the types that Go itself declares.
func isGoType(name string) bool {
	_, ok := types.Universe.Lookup(name).(*types.TypeName)
	return ok
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
