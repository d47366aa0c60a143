package emit

import (
	"cmp"
	"errors"
	"slices"

	"github.com/omninode-ai/onexevents/annotate"
)

// Catalog lists nodes and the events that they publish. Its methods write it
// down in one form each: the same bytes for the same nodes, ending in a line
// end. The zero value lists nothing.
type Catalog struct {
	nodes []catalogNode
}

type catalogNode struct {
	*annotate.Node
	path                     string // of its package
	lifecycle, state, metric []catalogEvent
}

type catalogEvent struct {
	event
	topic  string
	fields []field // of its envelope
}

// placeholder stands in a topic for the namespace, which is the publisher's.
const placeholder = "{namespace}"

// NewCatalog returns the catalog of the packages: the nodes in order of the
// paths of their packages, and in a package in its order. Nodes of test files
// are left out, as no service runs them. The variants of a struct, for different
// build constraints, are one node with the events of all of them. If anything is
// wrong with any node, there is no catalog, and the error is what [Package] says
// of those packages.
func NewCatalog(pkgs ...*annotate.Package) (*Catalog, error) {
	byPath := func(a, b *annotate.Package) int { return cmp.Compare(a.Path, b.Path) }
	var c Catalog
	var all annotate.Diagnostics
	for _, p := range slices.SortedStableFunc(slices.Values(pkgs), byPath) {
		var diags annotate.Diagnostics
		if _, err := Package(p); err != nil && !errors.As(err, &diags) {
			return nil, err
		}
		all = append(all, diags...)
		for _, n := range published(p.Nodes) {
			c.nodes = append(c.nodes, described(p, n))
		}
	}
	if err := all.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}

// published returns the nodes of a package as the catalog has them.
func published(nodes []*annotate.Node) []*annotate.Node {
	var list []*annotate.Node
	for _, n := range nodes {
		if inTestFile(n) {
			continue
		}
		same := func(other *annotate.Node) bool {
			return variants(other, n) && other.Type == n.Type && other.Service == n.Service
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
	both.Operations = slices.Clone(a.Operations)
	for _, op := range b.Operations {
		same := func(other annotate.Operation) bool { return other.Name == op.Name }
		if !slices.ContainsFunc(a.Operations, same) {
			both.Operations = append(both.Operations, op)
		}
	}
	return &both
}

func described(p *annotate.Package, n *annotate.Node) catalogNode {
	d := catalogNode{Node: n, path: p.Path}
	entry := func(e event, fields []field) catalogEvent {
		return catalogEvent{e, topic(placeholder, n, e), fields}
	}
	for _, op := range n.Operations {
		for _, e := range lifecycle(n, op) {
			d.lifecycle = append(d.lifecycle, entry(e, lifecycleMessage(n, op, e)))
		}
	}
	for _, e := range stateEvents(n) {
		d.state = append(d.state, entry(e, stateMessage(n, e)))
	}
	for _, e := range metricEvents(n) {
		d.metric = append(d.metric, entry(e, metricMessage(n, e)))
	}
	return d
}

// events returns all events of the node, in the order of its topics.
func (n catalogNode) events() []catalogEvent {
	return slices.Concat(n.lifecycle, n.state, n.metric)
}

// events returns those of all nodes.
func (c *Catalog) events() []catalogEvent {
	var events []catalogEvent
	for _, n := range c.nodes {
		events = append(events, n.events()...)
	}
	return events
}

// eventTypes returns the types of events, never nil.
func eventTypes(events []catalogEvent) []string {
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = e.literal
	}
	return list
}

// topics returns the topics of events, never nil.
func topics(events []catalogEvent) []string {
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = e.topic
	}
	return list
}
