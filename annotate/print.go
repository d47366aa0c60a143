package annotate

import (
	"strconv"
	"strings"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// Directive returns the directive that says of the node what n does, with its
// types as the node's file spells them.
func (n *Node) Directive() string {
	words := []string{grammar.Whole, "type=" + n.Type, "service=" + n.Service}
	switch {
	case n.NoState:
		words = append(words, "state=false")
	case n.State.Source != "":
		words = append(words, "state="+n.State.Source)
	}
	if n.NoMetric {
		words = append(words, "metric=false")
	}
	for _, op := range n.Operations {
		words = append(words, op.String())
	}
	return strings.Join(words, " ")
}

// String returns the operation as a directive lists it.
func (op Operation) String() string {
	untyped := func(t *Type) bool { return t != nil && t.Source == Untyped.Source }
	switch {
	case untyped(op.Input) && untyped(op.Result):
		return op.Head()
	case op.Result == nil && op.Input == nil:
		return op.Head() + "()"
	case op.Result == nil:
		return op.Head() + "(" + op.Input.Source + ")"
	case op.Input == nil:
		return op.Head() + "(," + op.Result.Source + ")"
	default:
		return op.Head() + "(" + op.Input.Source + "," + op.Result.Source + ")"
	}
}

// Head returns the operation's name, with its version if that is not the first.
func (op Operation) Head() string {
	if op.Version == 0 {
		return op.Name
	}
	return op.Name + "@" + strconv.Itoa(op.Version)
}
