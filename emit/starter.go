package emit

import (
	"slices"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
	"github.com/omninode-ai/onexevents/emit/internal/starter"
)

// Starter is a node package to begin with.
type Starter struct {
	// Node is the node. What says where its source is, and what its package
	// declares, is set by [NewPackage]; the type of its states is that of States.
	Node *annotate.Node

	// States are those of the node, unless it has no state event. The first is
	// where it begins. None are idle and running.
	States []StarterState

	// Generate is the command behind //go:generate; "" means onexevents.
	Generate string
}

// StarterState is a state of a node, and those that can follow it.
type StarterState struct {
	Name string
	Next []string
}

// NewPackage returns the files of a package main: the node's struct with its
// directive and its operations, the types that these name, its states, what is
// generated for it, a test, and a program that runs it. All but what is generated
// is its author's from then on. The package compiles and passes its test in a
// module that requires onexevents. If anything is wrong with the node, the error is
// [annotate.Diagnostics].
func NewPackage(s Starter) ([]GeneratedFile, error) {
	n := *s.Node
	n.Package, n.File, n.Declared, n.Constraint = "main", starter.NodeFile, nil, ""
	n.State = annotate.Type{}
	if err := n.Validate(); err != nil {
		return nil, err
	}
	if len(s.States) == 0 {
		s.States = []StarterState{{"idle", []string{"running"}}, {"running", []string{"idle"}}}
	}
	begin := starter.Starter{Node: &n, Generate: s.Generate}
	if s.Generate == "" {
		begin.Generate = "onexevents"
	}
	for _, state := range s.States {
		begin.States = append(begin.States, starter.State(state))
	}
	own, diags := starter.Files(begin)
	if len(diags) > 0 {
		return nil, diags.Err()
	}
	var files []GeneratedFile
	for _, f := range own {
		files = append(files, GeneratedFile{Name: f.Name, Source: f.Source, Node: &n})
	}
	if !n.NoState {
		n.State = annotate.Type{Source: starter.StateType(&n)}
	}
	generated, err := Package(&annotate.Package{Nodes: []*annotate.Node{&n}})
	return append(files, generated...), err
}

// StarterImports returns the packages that the types of a [Starter]'s operations
// may be of, beside its own.
func StarterImports() []annotate.Import { return slices.Clone(starter.OfTypes) }

// GoName turns lower-case words joined by _ into a Go name, as for an operation:
// "http_get" into HTTPGet.
func GoName(snake string) string { return naming.GoName(snake) }
