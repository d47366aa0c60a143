package emit_test

import (
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// A larger generator has its own source of what nodes there are to be, and gets
// a whole package of each.
func ExampleNewPackage() {
	var ops []annotate.Operation
	for _, name := range []string{"stamp", "verify"} { // from wherever it knows them
		ops = append(ops, annotate.Operation{
			Name:   name,
			Input:  &annotate.Type{Source: "Document"},
			Result: &annotate.Type{Source: "*" + emit.GoName(name) + "Result"},
		})
	}
	files, err := emit.NewPackage(emit.Starter{
		Node: &annotate.Node{Name: "Stamper", Type: "effect", Service: "stamping", Operations: ops, NoMetric: true},
		States: []emit.StarterState{
			{Name: "open", Next: []string{"closed"}},
			{Name: "closed"},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("types may be of", emit.StarterImports()[0].Path, "and others")
	for _, f := range files { // and writes them where they belong
		fmt.Println(f.Name)
	}
	node, _, _ := strings.Cut(string(files[0].Source), "\n// NewStamper ")
	fmt.Print(node)
	// Output:
	// types may be of encoding/json and others
	// node.go
	// types.go
	// states.go
	// node_test.go
	// main.go
	// stamper_events_gen.go
	// package main
	//
	// import (
	// 	"context"
	// 	"sync"
	//
	// 	onex "github.com/omninode-ai/onexevents/runtime"
	// )
	//
	// //go:generate onexevents
	//
	// // Stamper is an effect node of service stamping.
	// //
	// //onex:operations type=effect service=stamping state=StamperState metric=false
	// //onex:operations stamp(Document,*StampResult)
	// //onex:operations verify(Document,*VerifyResult)
	// type Stamper struct {
	// 	events *StamperEvents
	//
	// 	mu    sync.Mutex // guards state
	// 	state StamperState
	// }
}

// Whatever is wrong with a node, no package comes of it.
func TestNewPackageRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*emit.Starter)
		want   string
	}{
		{"a type of node", func(s *emit.Starter) { s.Node.Type = "efect" }, `node Stamper: unknown node type "efect"; did you mean effect?`},
		{"no operation", func(s *emit.Starter) { s.Node.Operations = nil }, "node Stamper: no operation is listed; add at least one"},
		{"a type with arguments", func(s *emit.Starter) { s.Node.Operations[0].Input.Source = "[]List[int]" }, "List has type arguments, and what it is to be is not known; name a type without any"},
		{"a type called as a constant", func(s *emit.Starter) { s.Node.Operations[0].Input.Source = "StamperStateIdle" }, "something else is called StamperStateIdle in the new package; name the type or the node otherwise"},
		{"a type called as what is generated", func(s *emit.Starter) { s.Node.Operations[0].Input.Source = "StamperCatalog" }, "something else is called StamperCatalog in the new package; name the type or the node otherwise"},
		{"another package", func(s *emit.Starter) {
			s.Node.Operations[0].Input = &annotate.Type{Source: "fmt.Row", Imports: []annotate.Import{{Name: "fmt", Path: "example.com/fmt"}}}
		}, "fmt is fmt in the new package, and not example.com/fmt; name that otherwise"},
		{"a state that is not there", func(s *emit.Starter) { s.States = []emit.StarterState{{"a", []string{"b"}}} }, `the state "a" leads to "b", which is none of the node's states; add it, or lead elsewhere`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := emit.Starter{Node: stamper()}
			s.Node.Operations = slices.Clone(s.Node.Operations)
			s.Node.Operations[0].Input = &annotate.Type{Source: "Document"}
			test.change(&s)
			files, err := emit.NewPackage(s)
			if len(files) > 0 || err == nil || err.Error() != test.want {
				t.Errorf("%d files, %v; want %s", len(files), err, test.want)
			}
		})
	}
}

// The node that was given stays as it was, and the packages of its types are imported.
func TestNewPackageTakesACopy(t *testing.T) {
	n := stamper()
	before := fmt.Sprintf("%+v", n)
	files, err := emit.NewPackage(emit.Starter{Node: n})
	if err != nil || !strings.Contains(string(files[0].Source), "\n\t\"example.com/api\"\n") {
		t.Fatalf("%v in\n%s", err, files[0].Source)
	}
	if after := fmt.Sprintf("%+v", n); after != before {
		t.Errorf("%s is now %s", before, after)
	}
}
