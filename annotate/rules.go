package annotate

import (
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strings"

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
