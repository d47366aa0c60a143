package catalog

import (
	"slices"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// Catalog is the nodes, with the events that each publishes.
type Catalog []node

type node struct {
	*annotate.Node
	path                     string // of its package
	lifecycle, state, metric []event
}

type event struct {
	naming.Event
	topic  string
	fields []field // of its envelope
	bus    bool    // it is published with Profile2
}

// placeholder stands in a topic for the namespace, which is the publisher's.
const placeholder = "{namespace}"

// Of returns the catalog of a package.
func Of(p *annotate.Package) Catalog {
	var c Catalog
	for _, n := range published(p.Nodes) {
		c = append(c, described(p, n))
	}
	return c
}

// published returns the nodes of a package as the catalog has them.
func published(nodes []*annotate.Node) []*annotate.Node {
	var list []*annotate.Node
	for _, n := range nodes {
		if naming.InTestFile(n) {
			continue
		}
		same := func(other *annotate.Node) bool {
			return naming.Variants(other, n) && other.Type == n.Type && other.Service == n.Service
		}
		if i := slices.IndexFunc(list, same); i >= 0 {
			list[i] = union(list[i], n)
		} else {
			list = append(list, n)
		}
	}
	return list
}

// union returns a with the events that only b has.
func union(a, b *annotate.Node) *annotate.Node {
	both := *a
	both.NoState = a.NoState && b.NoState
	both.NoMetric = a.NoMetric && b.NoMetric
	both.Exceptions = slices.Concat(a.Exceptions, b.Exceptions)
	both.Operations = slices.Clone(a.Operations)
	for _, op := range b.Operations {
		same := func(other annotate.Operation) bool { return other.Head() == op.Head() }
		if !slices.ContainsFunc(a.Operations, same) {
			both.Operations = append(both.Operations, op)
		}
	}
	return &both
}

func described(p *annotate.Package, n *annotate.Node) node {
	d := node{Node: n, path: p.Path}
	entry := func(e naming.Event, fields []field) event {
		return event{Event: e, topic: naming.Topic(placeholder, n, e), fields: fields}
	}
	for _, op := range n.Operations {
		for _, e := range naming.Lifecycle(n, op) {
			d.lifecycle = append(d.lifecycle, entry(e, lifecycleMessage(n, op, e)))
		}
	}
	for _, e := range naming.StateEvents(n) {
		d.state = append(d.state, entry(e, stateMessage(n, e)))
	}
	for _, e := range naming.MetricEvents(n) {
		d.metric = append(d.metric, entry(e, metricMessage(n, e)))
	}
	return d
}

// events returns all events of the node, in the order of its topics.
func (n node) events() []event {
	return slices.Concat(n.lifecycle, n.state, n.metric)
}

// events returns those of all nodes.
func (c Catalog) events() []event {
	var events []event
	for _, n := range c {
		events = append(events, n.events()...)
	}
	return events
}

// eventTypes returns the types of events, never nil.
func eventTypes(events []event) []string {
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = e.Literal
	}
	return list
}

// topics returns the topics of events, never nil.
func topics(events []event) []string {
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = e.topic
	}
	return list
}

// everywhere returns the events of a node in all profiles that have it.
func (c Catalog) everywhere(n node) []event {
	events := n.events()
	if c.fault2(n) != "" {
		return events
	}
	for _, e := range n.events() {
		events = append(events, event{Event: e.Event, topic: naming.Topic2(n.Node, e.Event), fields: message2(n.Node, e.Event, e.fields), bus: true})
	}
	return events
}

// typeOf returns the event type that the event has in its envelope.
func (n node) typeOf(e event) string {
	if e.bus {
		return naming.EventType2(n.Node, e.Event)
	}
	return e.Literal
}
