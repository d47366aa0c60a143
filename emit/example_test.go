package emit_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
)

// stamping is a package with a node of these operations.
func stamping(operations ...string) *annotate.Package {
	node := &annotate.Node{Package: "stamping", Name: "Stamper", Type: "effect", Service: "stamping", NoState: true, NoMetric: true}
	for _, name := range operations {
		node.Operations = append(node.Operations, annotate.Operation{Name: name})
	}
	return &annotate.Package{Path: "example.com/stamping", Nodes: []*annotate.Node{node}}
}

// Which files of a folder are the generator's own, and what has happened to them, can
// be told from their names and bytes.
func ExamplePackage() {
	files, err := emit.Package(stamping("stamp"))
	if err != nil {
		log.Fatal(err)
	}
	src := files[0].Source
	fmt.Println(files[0].Name, emit.IsFileName(files[0].Name), emit.HasHeader(src), emit.IsEdited(src))

	edited := bytes.Replace(src, []byte("has started"), []byte("has begun"), 1)
	fmt.Println("edited by hand:", emit.IsEdited(edited))
	fmt.Println("left by a crash:", emit.IsDamaged(src[:20]))

	licensed := append([]byte("// Copyright somebody.\n\n"), src...)
	before, own := emit.CutHeader(licensed)
	fmt.Println("with a licence:", emit.IsComment(before), bytes.Equal(own, src), emit.IsEdited(licensed))
	// Output:
	// stamper_events_gen.go true true false
	// edited by hand: true
	// left by a crash: true
	// with a licence: true true false
}

// A catalog has other forms beside JSON. Forms knows them by name, and by what they
// look like.
func ExampleCatalog() {
	catalog, err := emit.NewCatalog(stamping("stamp"))
	if err != nil {
		log.Fatal(err)
	}
	for _, render := range []func() ([]byte, error){catalog.JSON, catalog.Markdown, catalog.AsyncAPI, catalog.Contract, catalog.HTML} {
		text, err := render()
		if err != nil {
			log.Fatal(err)
		}
		for _, form := range []string{"asyncapi", "contract", "html", "json", "markdown"} {
			if emit.Forms[form].Recognises(text) {
				fmt.Println(form)
			}
		}
	}
	// Output:
	// json
	// markdown
	// asyncapi
	// contract
	// html
}

// A page can show what happened in a run, which onexctl tail -json prints.
func ExampleCatalog_WithRun() {
	catalog, err := emit.NewCatalog(stamping("stamp"))
	if err != nil {
		log.Fatal(err)
	}
	_, err = catalog.WithRun([]byte("\nnot an event\n"))
	var diags annotate.Diagnostics
	if errors.As(err, &diags) {
		fmt.Println("line", diags[0].Pos.Line)
	}
	// Output:
	// line 2
}

// For a schema registry there is a schema for each message.
func ExampleCatalog_Schemas() {
	catalog, err := emit.NewCatalog(stamping("stamp"))
	if err != nil {
		log.Fatal(err)
	}
	schemas, err := catalog.Schemas()
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range schemas {
		fmt.Println(s.Topic, "in", s.FileName(), emit.IsSchema(s.Source))
	}
	// Output:
	// {namespace}.stamping.effect.stamp.started.v1 in stamping.effect.stamp.started.schema.json true
	// {namespace}.stamping.effect.stamp.completed.v1 in stamping.effect.stamp.completed.schema.json true
	// {namespace}.stamping.effect.stamp.failed.v1 in stamping.effect.stamp.failed.schema.json true
	// onex.evt.stamping.effect-stamp-started.v1 in stamping.effect-stamp-started.schema.json true
	// onex.evt.stamping.effect-stamp-completed.v1 in stamping.effect-stamp-completed.schema.json true
	// onex.evt.stamping.effect-stamp-failed.v1 in stamping.effect-stamp-failed.schema.json true
}

// What consumers would lose is told before it is published.
func ExampleCatalog_Changes() {
	before, err := emit.NewCatalog(stamping("stamp", "verify"))
	if err != nil {
		log.Fatal(err)
	}
	committed, err := before.JSON()
	if err != nil {
		log.Fatal(err)
	}
	old, err := emit.ReadRecord("events.json", committed)
	if err != nil {
		log.Fatal(err)
	}

	now, err := emit.NewCatalog(stamping("stamp", "sign"))
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range now.Changes(old) {
		fmt.Printf("%s: %s\n", c.Rule, c.What)
	}
	fmt.Println(len(before.Changes(before.Record())), "changes from a catalog to itself")
	fmt.Println(strings.Join(emit.Rules(), " "))
	// Output:
	// operation-renamed: verify seems to be called sign now, and nothing comes to {namespace}.stamping.effect.verify.{started,completed,failed}.v1
	// : Stamper publishes effect.sign.{started,completed,failed}
	// 0 changes from a catalog to itself
	// event-type-gone input-changed input-gone key-changed metric-off operation-renamed profile2-refused result-changed result-gone service-renamed state-off summary-key-changed summary-key-gone topic-gone topic-renamed type-renamed version-gone
}
