package contract

import (
	"go/token"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
)

// Contract is what a contract says of its node, as far as that is a node's here.
type Contract struct {
	Name    string // "stamping_effect"; "" if it says none
	Doc     string
	Type    Text
	Service Text // the zero Text if no topic shows it

	Operations []Operation
	State      bool // it has a state event
	Metric     bool // it has a metric event
	States     []State

	// Notes are events of the contract that the node will not publish, or will
	// publish to another topic, and why.
	Notes annotate.Diagnostics

	name value
}

// Text is a text and where it stands.
type Text struct {
	Text string
	Pos  token.Position
}

// Operation is one operation in one version. Input and Result are names of types,
// and "" if the contract does not name them.
type Operation struct {
	Name          string
	Version       int // 0 is the first
	Input, Result string
	Pos           token.Position
}

// State is a state, and those that follow it. The first state is where the node
// begins.
type State struct {
	Name string
	Next []string
}

// Read reads a contract. The service is that of its events, unless it is given.
// What is wrong comes back as [annotate.Diagnostics]. Keys that say nothing of
// events are not looked at.
func Read(file string, src []byte, service string) (Contract, error) {
	root, d := parse(file, src)
	if len(d.diags) > 0 {
		return Contract{}, d.diags.Err()
	}
	c := Contract{Doc: root.key("description").text()}
	for _, key := range []string{"name", "node_name", "contract_name"} {
		if v := root.key(key); c.Name == "" {
			c.Name, c.name = tidied(v), v
		}
	}
	c.Type = nodeType(root)
	topics, others := topicsOf(root)
	handlers := handlersOf(root)
	if states := statesOf(root.key("state_machine")); states != nil {
		c.States = states
	}
	if len(d.diags) > 0 {
		return Contract{}, d.diags.Err()
	}
	c.events(topics, others, service)
	c.handled(root, handlers)
	return c, d.diags.Err()
}

// nodeType returns the type of the node.
func nodeType(root value) Text {
	v := root.key("node_type")
	if !v.isThere() {
		root.report(root.pos(), "node_type is missing; add one such as node_type: EFFECT_GENERIC")
		return Text{}
	}
	text := v.text()
	typ := strings.TrimSuffix(strings.ToLower(text), "_generic")
	if text != "" && !slices.Contains(annotate.NodeTypes, typ) {
		var allowed []string
		for _, t := range annotate.NodeTypes {
			allowed = append(allowed, strings.ToUpper(t)+"_GENERIC")
		}
		v.report(v.pos(), "unknown node_type %q; %s", text, annotate.DidYouMean(text, allowed))
	}
	return Text{typ, v.pos()}
}

// statesOf returns the states of a state machine, where the node begins first;
// nil if there is none.
func statesOf(machine value) []State {
	if !machine.isMapping() {
		return nil
	}
	var states []State
	index := func(name string) int {
		return slices.IndexFunc(states, func(s State) bool { return s.Name == name })
	}
	for _, v := range machine.key("states").items() {
		name := v
		if v.node.Tag != "!!str" {
			name = v.key("state_name")
		}
		switch text := name.text(); {
		case !name.isThere():
			v.wrong("has no state_name; add one")
		case index(text) >= 0:
			name.report(name.pos(), "the state %q is listed twice; remove one", text)
		default:
			states = append(states, State{Name: text})
		}
	}
	known := func(v value) int {
		text := v.text()
		i := index(text)
		if i < 0 && text != "" {
			v.report(v.pos(), "%s %q is none of the states; add it to them, or name another", v.path, text)
		}
		return i
	}
	for _, v := range machine.key("transitions").items() {
		if from := v.key("from_state"); from.isThere() && from.text() != "*" {
			if i, to := known(from), v.key("to_state"); i >= 0 && known(to) >= 0 {
				states[i].Next = append(states[i].Next, to.text())
			}
		} else if to := v.key("to_state"); from.isThere() && known(to) >= 0 {
			for i := range states {
				if states[i].Name != to.text() {
					states[i].Next = append(states[i].Next, to.text())
				}
			}
		}
	}
	if first := machine.key("initial_state"); first.isThere() {
		if i := known(first); i > 0 {
			begin := states[i]
			states = slices.Insert(slices.Delete(states, i, i+1), 0, begin)
		}
	}
	return states
}
