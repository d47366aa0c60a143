package source

import (
	"path/filepath"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// guards keep the file from compiling with a runtime or a struct that it does
// not suit.
func (f *file) guards() {
	f.declare(doc(`This file was generated for version 1 of what the runtime offers generated code. Where the next line does not compile, the runtime in go.mod is older than the generator, or too new for this file; run

	go get github.com/omninode-ai/onexevents@latest
	go generate ./...`),
		jen.Const().Id("_").Op("=").Add(f.onex("GeneratedVersion1")))
	f.declare(doc(`It was generated for the struct %s. Where the next line does not compile, the struct has another name now, or is gone; run

	go generate ./...`, f.node.Name),
		f.structGuard())
}

// structGuard names the node's struct, with all of its type parameters.
func (f *file) structGuard() jen.Code {
	node := jen.Id(f.node.Name)
	if len(f.params) == 0 {
		return jen.Var().Id("_").Add(pointer(node))
	}
	return jen.Func().Add(call(f.generic("_"), pointer(jen.Custom(tight, node, f.typeArguments())))).Block()
}

// sourceName is what the comments call the node's file.
func (f *file) sourceName() string {
	if f.node.File == "" {
		return "the node's file"
	}
	return filepath.Base(f.node.File)
}

// typeGuards name each type of the directive once, before anything else does,
// so that the compiler complains there first of one that does not exist. Every
// operation has its place among them, also without such a type, so that two
// branches that give types to two operations merge.
func (f *file) typeGuards() {
	var guards []jen.Code
	guard := func(what, words string, types ...*annotate.Type) {
		fields := []jen.Code{jen.Commentf("// %s: %s", what, words)}
		seen := ""
		for _, t := range types {
			if t != nil && t.Source != seen && f.mayBeWrong(t) {
				fields = append(fields, jen.Id("_").Add(f.typ(t)))
				seen = t.Source
			}
		}
		guards = append(guards, jen.Custom(rows, fields...))
	}
	for _, op := range f.node.Operations {
		guard(naming.RunName(op), op.String(), op.Input, op.Result)
	}
	if f.node.State.Source != "" && !f.node.NoState {
		guard("PublishStateChanged", "state="+f.node.State.Source, &f.node.State)
	}
	f.declare(doc(`The types that the directive on %s in %s names, below the words that name them. Where one of these lines does not compile, correct that word, or declare the type, and run

	go generate ./...`, f.node.Name, f.sourceName()),
		jen.Type().Add(f.generic("_"), jen.Custom(structure, guards...)))
}

// mayBeWrong tells whether a type has a name in it that Go itself does not
// declare, and the struct neither.
func (f *file) mayBeWrong(t *annotate.Type) bool {
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
	f.declare(doc("The states of %s are no strings, and so need a method String with the receiver %s. Where the next line does not compile, write that method, or have stringer generate it.", f.node.Name, f.node.State.Source),
		jen.Func().Add(
			call(jen.Id("_"), jen.Id("s").Add(f.typ(&f.node.State))),
			jen.Custom(inInterface, call(jen.Id("String")).String()),
			jen.Custom(onOneLine, jen.Return(jen.Id("s"))),
		))
}

// constants declares the event types, and beside each what Profile2 makes of it, as
// literals that a search can find.
func (f *file) constants() {
	var list []jen.Code
	constant := func(name, literal, format string, args ...any) {
		list = append(list, jen.Custom(rows,
			jen.Comment(comment("\t//", name+" "+format, args...)),
			jen.Id(name).Op("=").Lit(literal)))
	}
	refused := naming.Mistaken2(f.node) != "" // by a publisher with Profile2
	for _, e := range f.events {
		constant(e.Constant, e.Literal, "says that %s.", e.Says)
		if !refused {
			constant(naming.Constant2(e.Constant), naming.EventType2(f.node, e), "is the same with Profile2.")
		}
	}
	f.declare(doc("The types of the events that %s publishes.", naming.Article(f.node.Name)),
		jen.Const().Custom(definitions, list...))
}

func (f *file) catalog() {
	var operations [][]naming.Event
	for _, op := range f.operations {
		operations = append(operations, op.events)
	}
	f.declare(doc("%s lists the event types that %s publishes.", f.names.Catalog, naming.Article(f.node.Name)),
		jen.Var().Id(f.names.Catalog).Op("=").Custom(tight, f.onex("Catalog"), jen.Custom(literal,
			constantList("OperationLifecycle", operations...),
			constantList("StateEvents", naming.StateEvents(f.node)),
			constantList("MetricEvents", naming.MetricEvents(f.node)),
		)))
}

// constantList lists events as the value of a field, in groups.
func constantList(field string, groups ...[]naming.Event) jen.Code {
	var list []jen.Code
	for _, group := range groups {
		var constants []jen.Code
		for _, e := range group {
			constants = append(constants, jen.Id(e.Constant))
		}
		if len(constants) > 0 {
			list = append(list, jen.Custom(values, constants...))
		}
	}
	elements := noValues
	if len(list) > 0 {
		elements = jen.Custom(innerLiteral, list...)
	}
	return keyed(field).Custom(tight, textList, elements)
}

// keyed is the key of a value in a literal.
func keyed(field string) *jen.Statement { return jen.Custom(tight, jen.Id(field), jen.Op(":")) }

// companion declares the type that has the publish methods.
func (f *file) companion() {
	fields := []jen.Code{jen.Id("node").Add(pointer(f.onex("Node")))}
	for _, op := range f.operations {
		fields = append(fields, jen.Id(naming.OpField(op.Operation)).Add(pointer(f.ofOperation("Operation", op))))
	}
	f.declare(doc(`%s publishes the events of one %s: %s of service %s.

The Publish methods hand an event to the publisher and return; they do not wait for Kafka. A nil error means that the publisher has taken responsibility for the event, any other that it has not, and why. A correlationID of [%s.Nil] stands for ctx's.

The Run methods run a function between its events. The events carry the correlation id of ctx, or a new one; the ctx that the function gets carries it on, and names the run as the cause of what is published under it. A panic counts as a failure and goes on. An event that cannot be published is logged, and changes nothing of what the function returns.

A nil %s has no publisher: its Run methods run their functions, and its Publish methods return [%s.ErrNoPublisher].

Several goroutines may call the methods at once.`,
		f.names.Companion, f.node.Name, naming.Article(f.node.Type), f.node.Service, f.imports.names[uuidPath], f.names.Companion, f.imports.names[runtimePath]),
		jen.Type().Add(f.generic(f.names.Companion), jen.Custom(structure, fields...)))
}

func (f *file) constructor() {
	// The types of operations are named in its body, where its own names must
	// not hide them.
	inUse := f.identifiers()
	pub := firstFree(inUse, []string{"pub", "publisher"})
	nodeID := firstFree(inUse, []string{"nodeID", "idOfNode"})
	events := firstFree(inUse, []string{"e", "events"})
	e := jen.Id(events)
	node := dots(e, jen.Id("node"))
	statements := []jen.Code{jen.Custom(rows,
		jen.Add(e).Op(":=").Add(f.newCompanion()),
		jen.Add(node).Op("=").Add(call(f.onex("NewNode"), jen.Id(pub), jen.Id(nodeID), f.nodeSpec())))}
	for _, op := range f.operations {
		statements = append(statements, dots(e, jen.Id(naming.OpField(op.Operation))).Op("=").
			Add(f.newOperation(op, node)))
	}
	statements = append(statements, jen.Return(e))
	f.declare(doc(`%s returns what publishes the events of the %s called %s through %s. It never fails: if %s is nil or %s is empty, the publish methods say so.`,
		f.names.Constructor, f.node.Name, nodeID, pub, pub, nodeID),
		jen.Func().Add(
			call(f.generic(f.names.Constructor), jen.Id(pub).Add(pointer(f.onex("Publisher"))), jen.Id(nodeID).String()),
			pointer(f.companionType()),
			jen.Custom(body, statements...),
		))
}

func (f *file) newOperation(op operation, node jen.Code) jen.Code {
	if op.Version > 0 {
		return call(f.ofOperation("NewOperationVersion", op), node, jen.Lit(op.Name), jen.Lit(op.Version))
	}
	return call(f.ofOperation("NewOperation", op), node, jen.Lit(op.Name))
}

func (f *file) nodeSpec() jen.Code {
	fields := []string{"Type", "Service"}
	is := map[string]jen.Code{"Type": jen.Lit(f.node.Type), "Service": jen.Lit(f.node.Service), "NoState": jen.True(), "NoMetric": jen.True()}
	if f.node.NoState {
		fields = append(fields, "NoState")
	}
	if f.node.NoMetric {
		fields = append(fields, "NoMetric")
	}
	width := 0
	for _, field := range fields {
		width = max(width, len(field))
	}
	var list []jen.Code
	for _, field := range fields {
		padding := jen.Op(strings.Repeat(" ", width-len(field)))
		list = append(list, jen.Custom(tight, keyed(field), padding).Add(is[field]))
	}
	return jen.Custom(tight, f.onex("NodeSpec"), jen.Custom(innerLiteral, jen.Custom(values, list...)))
}

// orNone declares what makes every method work on nil.
func (f *file) orNone() {
	f.method(doc("orNone returns e, and for a nil e one without a publisher."), "orNone", nil, pointer(f.companionType()),
		call(f.imports.qualified(cmpPath, "Or"), jen.Id("e"), f.newCompanion()))
}

// newCompanion is a companion that knows nothing yet.
func (f *file) newCompanion() jen.Code {
	return jen.Custom(tight, jen.Op("&"), f.companionType(), noValues)
}
