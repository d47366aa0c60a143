package annotate_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
)

// What a directive may not say, a node that is built in Go may not hold.
func TestValidate(t *testing.T) {
	untyped := annotate.Untyped
	valid := annotate.Node{
		Package: "p", Name: "Node", Type: "effect", Service: "s-1", Constraint: "linux && !cgo",
		TypeParams: []annotate.TypeParam{{Name: "_", Constraint: annotate.Type{Source: "~int | api.T", Imports: []annotate.Import{{Name: "api", Path: "example.com/api"}}}}},
		State:      annotate.Type{Source: "Phase"},
		Operations: []annotate.Operation{{Name: "x", Input: &untyped}, {Name: "y"}},
	}
	valid.TypeParams = slices.Repeat(valid.TypeParams, 2)
	if err := valid.Validate(); err != nil {
		t.Fatalf("a valid node: %v", err)
	}
	typed := func(source string, imports ...annotate.Import) []annotate.Operation {
		return []annotate.Operation{{Name: "x", Input: &annotate.Type{Source: source, Imports: imports}}}
	}
	named := annotate.TypeParam{Name: "T", Constraint: annotate.Type{Source: "any"}}
	for _, tt := range []struct {
		change func(*annotate.Node)
		want   string
	}{
		{func(n *annotate.Node) { n.Name = "a b" }, `"a b" is no name for a node; use a Go identifier`},
		{func(n *annotate.Node) { n.Name = "" }, `"" is no name for a node; use a Go identifier`},
		{func(n *annotate.Node) { n.Name = "__" }, `node __: __ is no name for a node; use letters`},
		{func(n *annotate.Node) { n.Package = "func" }, `"func" is no package for a node; use a Go identifier`},
		{func(n *annotate.Node) { n.Type = "EFFECT" }, `node Node: unknown node type "EFFECT"; did you mean effect?`},
		{func(n *annotate.Node) { n.Service = "s\"\nfunc init() {}" }, `node Node: "s\"\nfunc init() {}" is not a service name; use lower-case letters and digits in words joined by _ or -`},
		{func(n *annotate.Node) { n.Constraint = "a\nb" }, `node Node: its build constraint is wrong: not a build constraint; write what follows //go:build`},
		{func(n *annotate.Node) { n.TypeParams[0].Name = "1" }, `node Node: "1" is no name for a type parameter; use a Go identifier`},
		{func(n *annotate.Node) { n.TypeParams[0].Constraint.Source = "any]" }, `node Node: "any]" is no constraint; write one such as any or ~int | ~string`},
		{func(n *annotate.Node) { n.Operations = nil }, `node Node: no operation is listed; add at least one`},
		{func(n *annotate.Node) { n.Operations[0].Name = "QueryIndex" }, `node Node: "QueryIndex" is not an operation name; write query_index`},
		{func(n *annotate.Node) { n.Operations[0].Name = "y" }, `node Node: operation "y" is listed twice; remove one`},
		{func(n *annotate.Node) { n.State.Source = "1" }, `node Node: "1" is not a Go type; write one as in this file, such as Request, *api.Request or []string`},
		{func(n *annotate.Node) { n.Operations = typed("int) { evil() }; func (") }, `node Node: "int) { evil() }; func (" is not a Go type; write one as in this file, such as Request, *api.Request or []string`},
		{func(n *annotate.Node) { n.Operations = typed("[3]*api.T") }, `node Node: [3]*api.T names package api, and its Imports do not; add it`},
		{func(n *annotate.Node) { n.Operations = typed("map[string]nil") }, `node Node: nil is no type; write one, or nothing as in name(In) and name(,Out)`},
		{func(n *annotate.Node) {
			n.Declared = []annotate.Declaration{{Name: "any", Kind: "var"}}
			n.Operations = typed("any")
		}, `node Node: any is a var and no type; write the name of a type`},
		{func(n *annotate.Node) { n.TypeParams = []annotate.TypeParam{named, named} }, `node Node: type parameter T is listed twice; rename one`},
		{func(n *annotate.Node) { n.Operations = typed("C.int", annotate.Import{Name: "C", Path: "C"}) }, `node Node: a type of C cannot be named in another file; declare a Go type for it`},
		{func(n *annotate.Node) { n.Operations = typed("b.T", annotate.Import{Name: "b", Path: "a b"}) }, `node Node: "b" "a b" is no import for b.T; give it a name and a path`},
		{func(n *annotate.Node) { n.Operations = typed("T", annotate.Import{Name: "a b", Path: "x"}) }, `node Node: "a b" "x" is no import for T; give it a name and a path`},
	} {
		n := valid
		n.TypeParams = append([]annotate.TypeParam{}, valid.TypeParams...)
		n.Operations = append([]annotate.Operation{}, valid.Operations...)
		tt.change(&n)
		if err := n.Validate(); fmt.Sprint(err) != tt.want {
			t.Errorf("error\n     %v\nwant %s", err, tt.want)
		}
	}
}

// A directive that is printed says what was read.
func TestDirective(t *testing.T) {
	for _, directive := range []string{
		"//onex:operations type=effect service=s x",
		"//onex:operations type=reducer service=s-1 state=Phase metric=false x(A,*B) y(,map[string]int) z(func(a, b int) error) w()",
		"//onex:operations type=compute service=s state=false x(map[string]any)",
	} {
		n := nodeOf(t, directive)
		if got := n.Directive(); got != directive {
			t.Errorf("printed\n     %s\nwant %s", got, directive)
		}
		if again := nodeOf(t, n.Directive()); !reflect.DeepEqual(again.Operations, n.Operations) {
			t.Errorf("%s: operations %v, and then %v", directive, n.Operations, again.Operations)
		}
	}
}

func nodeOf(t *testing.T, directive string) *annotate.Node {
	t.Helper()
	dir := module(t, map[string]string{"a.go": "package a\n\n" + directive + "\ntype A struct{}\n"})
	pkgs, err := annotate.Load(t.Context(), annotate.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	n := pkgs[0].Nodes[0]
	for i := range n.Operations {
		n.Operations[i].Pos.Filename = "" // another folder each time
	}
	return n
}
