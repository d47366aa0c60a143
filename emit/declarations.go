package emit

import (
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
)

// guards keep the file from compiling with a runtime or a struct that it does
// not suit.
func (f *file) guards() {
	f.doc(`This file was generated for version 1 of what the runtime offers generated code. Where the next line does not compile, the runtime in go.mod is older than the generator, or too new for this file; run

	go get github.com/omninode-ai/onexevents@latest
	go generate ./...`)
	f.line("const _ = %s\n", f.onex("GeneratedVersion1"))
	f.doc(`It was generated for the struct %s. Where the next line does not compile, the struct has another name now, or is gone; run

	go generate ./...`, f.node.Name)
	if len(f.params) == 0 {
		f.line("var _ *%s\n", f.node.Name)
	} else {
		f.line("func _%s(*%s%s) {}\n", f.typeParamList(), f.node.Name, f.typeArguments())
	}
}

// sourceName is what the comments call the node's file.
func (f *file) sourceName() string {
	if f.node.File == "" {
		return "the node's file"
	}
	return filepath.Base(f.node.File)
}

// typeGuards name each type of the directive once, before anything else does,
// so that the compiler complains there first of one that does not exist. An
// operation without such a type has its place among them too, so that changes
// in neighbours merge.
func (f *file) typeGuards() {
	var guards goSource
	found := false
	guard := func(comment string, types ...*annotate.Type) {
		if guards.Len() > 0 {
			guards.line("")
		}
		guards.line("\t// %s", comment)
		seen := ""
		for _, t := range types {
			if t != nil && t.Source != seen && f.mayBeWrong(*t) {
				guards.line("\t_ %s", f.typ(*t))
				seen, found = t.Source, true
			}
		}
	}
	for _, op := range f.node.Operations {
		guard(runName(op)+": "+op.String(), op.Input, op.Result)
	}
	if f.node.State.Source != "" && !f.node.NoState {
		guard("PublishStateChanged: state="+f.node.State.Source, &f.node.State)
	}
	if !found {
		return
	}
	f.doc(`The types that the directive on %s in %s names, below the words that name them. Where one of these lines does not compile, correct that word, or declare the type, and run

	go generate ./...`, f.node.Name, f.sourceName())
	f.line("type _%s struct {", f.typeParamList())
	f.Write(guards.Bytes())
	f.line("}\n")
}

// mayBeWrong tells whether a type has a name in it that Go itself does not
// declare, and the struct neither.
func (f *file) mayBeWrong(t annotate.Type) bool {
	for word := range identifiers(t.Source) {
		if word.qualifies || !annotate.IsPredeclared(word.name) && !f.isParam(word.name) {
			return true
		}
	}
	return false
}

func (f *file) isParam(name string) bool {
	for _, p := range f.node.TypeParams {
		if p.Name == name {
			return true
		}
	}
	return false
}

// stringerGuard keeps a file from compiling whose states have no text.
func (f *file) stringerGuard() {
	if !f.node.StateNeedsString || f.node.NoState {
		return
	}
	f.doc("The states of %s are no strings, and so need a method String with the receiver %s. Where the next line does not compile, write that method, or have stringer generate it.", f.node.Name, f.node.State.Source)
	f.line("func _(s %s) interface{ String() string } { return s }\n", f.typ(f.node.State))
}

// constants declares the event types, as literals that a search can find.
func (f *file) constants() {
	f.doc("The types of the events that %s publishes.", article(f.node.Name))
	f.line("const (")
	for i, e := range allEvents(f.node) {
		if i > 0 {
			f.line("")
		}
		f.comment("\t//", "%s says that %s.", e.constant, e.says)
		f.line("\t%s = %q", e.constant, e.literal)
	}
	f.line(")\n")
}

func (f *file) catalog() {
	var operations [][]event
	for _, op := range f.node.Operations {
		operations = append(operations, lifecycle(f.node, op))
	}
	f.doc("%s lists the event types that %s publishes.", f.names.catalog, article(f.node.Name))
	f.line("var %s = %s{", f.names.catalog, f.onex("Catalog"))
	f.constantList("OperationLifecycle", operations...)
	f.line("")
	f.constantList("StateEvents", stateEvents(f.node))
	f.line("")
	f.constantList("MetricEvents", metricEvents(f.node))
	f.line("}\n")
}

// constantList lists events in groups, with a blank line between two, so that
// changes in neighbours merge.
func (f *file) constantList(field string, groups ...[]event) {
	if len(groups) == 1 && len(groups[0]) == 0 {
		f.line("\t%s: []string{},", field)
		return
	}
	f.line("\t%s: []string{", field)
	for i, group := range groups {
		if i > 0 {
			f.line("")
		}
		for _, e := range group {
			f.line("\t\t%s,", e.constant)
		}
	}
	f.line("\t},")
}

// companion declares the type that has the publish methods.
func (f *file) companion() {
	f.doc(`%s publishes the events of one %s: %s of service %s.

The Publish methods hand an event to the publisher and return; they do not wait for Kafka. A nil error means that the publisher has taken responsibility for the event, any other that it has not, and why.

The Run methods run a function between its events. The events carry the correlation id of ctx, or a new one; the ctx that the function gets carries it on, and names the run as the cause of what is published under it. A panic counts as a failure and goes on. An event that cannot be published is logged, and changes nothing of what the function returns.

A nil %s has no publisher: its Run methods run their functions, and its Publish methods return [%s].

Several goroutines may call the methods at once.`,
		f.names.companion, f.node.Name, article(f.node.Type), f.node.Service, f.names.companion, f.onex("ErrNoPublisher"))
	f.line("type %s%s struct {", f.names.companion, f.typeParamList())
	f.line("\tnode *%s", f.onex("Node"))
	for _, op := range f.node.Operations {
		f.line("\n\t%s *%s", opField(op), f.onex("Operation", f.orNoneType(op.Input), f.orNoneType(op.Result)))
	}
	f.line("}\n")
}

func (f *file) constructor() {
	// The types of operations are named in its body, where its own names must
	// not hide them.
	inUse := f.identifiers()
	pub := firstFree(inUse, []string{"pub", "publisher"})
	nodeID := firstFree(inUse, []string{"nodeID", "idOfNode"})
	events := firstFree(inUse, []string{"e", "events"})
	f.doc(`%s returns what publishes the events of the %s called %s through %s. It never fails: if %s is nil or %s is empty, the publish methods say so.`,
		f.names.constructor, f.node.Name, nodeID, pub, pub, nodeID)
	f.line("func %s%s(%s *%s, %s string) *%s {", f.names.constructor, f.typeParamList(), pub, f.onex("Publisher"), nodeID, f.companionType())
	f.line("\t%s := &%s{}", events, f.companionType())
	f.line("\t%s.node = %s(%s, %s, %s{", events, f.onex("NewNode"), pub, nodeID, f.onex("NodeSpec"))
	f.nodeSpec()
	f.line("\t})")
	for _, op := range f.node.Operations {
		f.line("\n\t%s.%s = %s(%s.node, %q)", events, opField(op),
			f.onex("NewOperation", f.orNoneType(op.Input), f.orNoneType(op.Result)), events, op.Name)
	}
	f.line("\n\treturn %s", events)
	f.line("}\n")
}

func (f *file) nodeSpec() {
	fields := [][2]string{{"Type", quoted(f.node.Type)}, {"Service", quoted(f.node.Service)}}
	if f.node.NoState {
		fields = append(fields, [2]string{"NoState", "true"})
	}
	if f.node.NoMetric {
		fields = append(fields, [2]string{"NoMetric", "true"})
	}
	width := 0
	for _, field := range fields {
		width = max(width, len(field[0]))
	}
	for _, field := range fields {
		f.line("\t\t%s:%s %s,", field[0], strings.Repeat(" ", width-len(field[0])), field[1])
	}
}

// orNone declares what makes every method work on nil.
func (f *file) orNone() {
	f.doc("orNone returns e, and for a nil e one without a publisher.")
	f.line("func (%s) orNone() *%s {", f.receiver, f.companionType())
	f.line("\treturn %s(e, &%s{})", f.imports.qualified(cmpPath, "Or"), f.companionType())
	f.line("}\n")
}
