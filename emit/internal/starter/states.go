package starter

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// stateName returns the name of a state's constant.
func stateName(n *annotate.Node, state string) string {
	words := strings.FieldsFunc(state, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.ToLower(word)
	}
	if len(words) == 0 {
		return ""
	}
	return StateType(n) + naming.GoName(strings.Join(words, "_"))
}

// statesOf returns the states, each with the name of its constant.
func statesOf(s Starter) (map[string]string, annotate.Diagnostics) {
	if s.Node.NoState {
		return nil, nil
	}
	var diags annotate.Diagnostics
	report := func(format string, args ...any) {
		diags = append(diags, annotate.Diagnostic{Message: fmt.Sprintf(format, args...)})
	}
	if len(s.States) == 0 {
		report("the node has a state event and no states; name at least one")
	}
	names := map[string]string{}
	for _, state := range s.States {
		name := stateName(s.Node, state.Name)
		if name == "" {
			report("%q is no name for a state; use letters", state.Name)
		}
		for other, taken := range names {
			if taken == name {
				report("the states %q and %q are both %s in Go; rename one", other, state.Name, name)
			}
		}
		names[state.Name] = name
	}
	for _, state := range s.States {
		for _, next := range state.Next {
			if names[next] == "" {
				report("the state %q leads to %q, which is none of the node's states; add it, or lead elsewhere", state.Name, next)
			}
		}
	}
	return names, diags
}

const statesText = `package main

// $State is where $aNode stands.
type $State string

// The states of $aNode.
const (
$constants)

// nextStates has the states that can follow each.
var nextStates = map[$State][]$State{
$transitions}

// change takes the node to another state, if that can follow, and publishes the
// change.
func (n *$Node) change(ctx context.Context, to $State, reason string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(nextStates[n.state], to) {
		return fmt.Errorf("$aNode that is %s cannot become %s", n.state, to)
	}
	from := n.state
	n.state = to
	id, ok := onex.CorrelationFromContext(ctx)
	if !ok {
		id = uuid.New()
	}
	// A failure to report is no failure to change.
	_ = n.events.PublishStateChanged(ctx, id, from, to, reason)
	return nil
}
`

// declaredStates returns the file with the states, "" if there are none.
func (s Starter) declaredStates(names map[string]string) string {
	if s.Node.NoState {
		return ""
	}
	var constants, transitions strings.Builder
	for _, state := range s.States {
		fmt.Fprintf(&constants, "\t%s %s = %q\n", names[state.Name], StateType(s.Node), state.Name)
		if len(state.Next) == 0 {
			continue
		}
		var next []string
		for _, name := range state.Next {
			if !slices.Contains(next, names[name]) {
				next = append(next, names[name])
			}
		}
		fmt.Fprintf(&transitions, "\t%s: {%s},\n", names[state.Name], strings.Join(next, ", "))
	}
	return fill(statesText, map[string]string{
		"Node": s.Node.Name, "aNode": article(s.Node), "State": StateType(s.Node),
		"constants": constants.String(), "transitions": transitions.String(),
	})
}
