package annotate_test

import (
	"errors"
	"fmt"
	"log"
	"path/filepath"

	"github.com/omninode-ai/onexevents/annotate"
)

// A node that is built in Go is held to the rules of directives, and can be written as
// one.
func ExampleNode_Validate() {
	node := &annotate.Node{
		Package: "stamping", Name: "Stamper", Type: "effekt", Service: "stamping", NoState: true,
		Operations: []annotate.Operation{
			{Name: "stamp", Input: &annotate.Type{Source: "Document"}, Result: &annotate.Type{Source: "Stamp"}},
			{Name: "stamp", Version: 2, Input: &annotate.Type{Source: "DocumentV2"}},
		},
	}
	fmt.Println(node.Validate())

	node.Type = annotate.NodeTypes[0]
	if err := node.Validate(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(node.Directive())
	for _, op := range node.Operations {
		fmt.Println(op.Head())
	}
	// Output:
	// node Stamper: unknown node type "effekt"; did you mean effect?
	// //onex:operations type=effect service=stamping state=false stamp(Document,Stamp) stamp@2(DocumentV2)
	// stamp
	// stamp@2
}

// All mistakes are found by one run, and are told in the order of the source.
func ExampleDiagnostics() {
	var found annotate.Diagnostics
	for _, line := range []int{9, 4, 9} {
		var d annotate.Diagnostic
		d.Pos.Filename, d.Pos.Line, d.Pos.Column = "stamper.go", line, 1
		d.Message = "this is no operation; remove it"
		found = append(found, d)
	}
	err := found.Err()
	fmt.Println(err)

	var mistakes annotate.Diagnostics
	fmt.Println(errors.As(err, &mistakes), len(mistakes))
	fmt.Println(annotate.Diagnostics{}.Err())
	// Output:
	// stamper.go:4:1: this is no operation; remove it
	// stamper.go:9:1: this is no operation; remove it
	// true 2
	// <nil>
}

// Whoever reads words of a directive can say what may have been meant.
func ExampleDidYouMean() {
	fmt.Println(annotate.DidYouMean("efect", annotate.NodeTypes))
	fmt.Println(annotate.DidYouMean("server", annotate.NodeTypes))
	// Output:
	// did you mean effect?
	// write one of effect, compute, reducer, orchestrator
}

// Operations have names in snake case, and Go's own names cannot be those of types.
func ExampleSnakeCase() {
	for _, name := range []string{"QueryIndex", "HTTPGateway", "string"} {
		fmt.Println(annotate.SnakeCase(name), annotate.IsPredeclared(name))
	}
	// Output:
	// query_index false
	// http_gateway false
	// string true
}

// A directive need not stand in a file: a program that makes nodes reads its own. What
// its types name, that program may have to declare.
func ExampleParseDirective() {
	node, err := annotate.ParseDirective("type=effect service=stamping stamp([]Document,map[string]Stamp)")
	if err != nil {
		log.Fatal(err)
	}
	for _, op := range node.Operations {
		for _, typ := range []*annotate.Type{op.Input, op.Result} {
			typ.Names(func(name string, _ int) { fmt.Println(op.Name, name) })
		}
	}
	_, err = annotate.ParseDirective("type=effect service=stamping stamp stamp")
	var diags annotate.Diagnostics
	if errors.As(err, &diags) {
		fmt.Printf("column %d: %s\n", diags[0].Pos.Column, diags[0].Message)
	}
	// Output:
	// stamp Document
	// stamp string
	// stamp Stamp
	// column 36: operation "stamp" is listed twice; remove one
}

// Folders says where to look for changes, to load packages again.
func ExampleFolders() {
	module, err := filepath.Abs(annotate.ModuleDir("../example/stamping"))
	if err != nil {
		log.Fatal(err)
	}
	folders, err := annotate.Folders("../example", "./stamping", "./tally")
	if err != nil {
		log.Fatal(err)
	}
	for _, folder := range folders {
		name, err := filepath.Rel(module, folder)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(filepath.ToSlash(name))
	}
	// Output:
	// .
	// example/stamping
	// example/tally
}

// What is declared for another system does not get in the way of a node.
func ExampleDeclaration_MeetsNode() {
	node := &annotate.Node{Name: "Disk", Constraint: "linux"}
	for _, constraint := range []string{"", "linux && amd64", "windows"} {
		d := annotate.Declaration{Name: "DiskEvents", Kind: "type", Constraint: constraint}
		fmt.Printf("%q %t\n", constraint, d.MeetsNode(node))
	}
	// Output:
	// "" true
	// "linux && amd64" true
	// "windows" false
}
