package emit

import (
	"github.com/dave/jennifer/jen"
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
func (f *file) structGuard() *jen.Statement {
	if len(f.params) == 0 {
		return jen.Var().Id("_").Op("*").Id(f.node.Name)
	}
	return f.typeParamList(jen.Func().Id("_")).Params(jen.Op("*").Id(f.node.Name).TypesFunc(f.typeArguments)).Block()
}

// constants declares the event types, as literals that a search can find.
func (f *file) constants() {
	f.declare(doc("The types of the events that %s publishes.", article(f.node.Name)),
		jen.Const().DefsFunc(func(g *jen.Group) {
			for i, e := range allEvents(f.node) {
				if i > 0 {
					g.Line()
				}
				for _, line := range doc("%s says that %s.", e.constant, e.says) {
					g.Comment(line)
				}
				g.Id(e.constant).Op("=").Lit(e.literal)
			}
		}))
}

func (f *file) catalog() {
	var operations []event
	for _, op := range f.node.Operations {
		operations = append(operations, lifecycle(f.node, op)...)
	}
	f.declare(doc("%s lists the event types that %s publishes.", f.names.catalog, article(f.node.Name)),
		jen.Var().Id(f.names.catalog).Op("=").Add(f.onex("Catalog")).Values(
			jen.Line().Id("OperationLifecycle").Op(":").Add(constantList(operations)),
			jen.Line().Id("StateEvents").Op(":").Add(constantList(stateEvents(f.node))),
			jen.Line().Id("MetricEvents").Op(":").Add(constantList(metricEvents(f.node))),
			jen.Line(),
		))
}

func constantList(events []event) jen.Code {
	return jen.Index().String().ValuesFunc(func(g *jen.Group) {
		if len(events) == 0 {
			return
		}
		for _, e := range events {
			g.Line().Id(e.constant)
		}
		g.Line()
	})
}

// companion declares the type that has the publish methods.
func (f *file) companion() {
	f.declare(doc(`%s publishes the events of one %s: %s of service %s.

The Publish methods hand an event to the publisher and return; they do not wait for Kafka. A nil error means that the publisher has taken responsibility for the event, any other that it has not, and why.

The Run methods run a function between its events. The events carry the correlation id of ctx, or a new one; the ctx that the function gets carries it on, and names the run as the cause of what is published under it. A panic counts as a failure and goes on. An event that cannot be published is logged, and changes nothing of what the function returns.

Several goroutines may call the methods at once.`,
		f.names.companion, f.node.Name, article(f.node.Type), f.node.Service),
		f.typeParamList(jen.Type().Id(f.names.companion)).StructFunc(func(g *jen.Group) {
			g.Id("node").Op("*").Add(f.onex("Node"))
			for _, op := range f.node.Operations {
				g.Id(opField(op.Name)).Op("*").Add(f.operationType(op))
			}
		}))
}

func (f *file) constructor() {
	// The types of operations are named in its body, where its own names must
	// not hide them.
	inUse := f.identifiers()
	pub := firstFree(inUse, []string{"pub", "publisher"})
	nodeID := firstFree(inUse, []string{"nodeID", "idOfNode"})
	node := firstFree(inUse, []string{"node", "onexNode"})
	f.declare(doc(`%s returns what publishes the events of the %s called %s through %s. It never fails: if %s is nil or %s is empty, the publish methods say so.`,
		f.names.constructor, f.node.Name, nodeID, pub, pub, nodeID),
		f.typeParamList(jen.Func().Id(f.names.constructor)).
			Params(jen.Id(pub).Op("*").Add(f.onex("Publisher")), jen.Id(nodeID).String()).
			Op("*").Add(f.companionType()).
			Block(
				jen.Id(node).Op(":=").Add(f.onex("NewNode")).Call(jen.Id(pub), jen.Id(nodeID), f.nodeSpec()),
				jen.Return(jen.Op("&").Add(f.companionType()).ValuesFunc(func(g *jen.Group) {
					g.Line().Id("node").Op(":").Id(node)
					for _, op := range f.node.Operations {
						g.Line().Id(opField(op.Name)).Op(":").Add(f.newOperation(op, node))
					}
					g.Line()
				})),
			))
}

func (f *file) nodeSpec() jen.Code {
	return f.onex("NodeSpec").ValuesFunc(func(g *jen.Group) {
		g.Line().Id("Type").Op(":").Lit(f.node.Type)
		g.Line().Id("Service").Op(":").Lit(f.node.Service)
		if f.node.NoState {
			g.Line().Id("NoState").Op(":").True()
		}
		if f.node.NoMetric {
			g.Line().Id("NoMetric").Op(":").True()
		}
		g.Line()
	})
}
