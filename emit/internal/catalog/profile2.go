package catalog

import (
	"fmt"
	"slices"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// Names may collide on the bus of Profile2, or mean something else there, that do
// not where V1 is written.

// fault2 says why a node's events have no topics of their own there, "" if they do.
func (c Catalog) fault2(n node) string {
	if mistaken := naming.Mistaken2(n.Node); mistaken != "" {
		return fmt.Sprintf("the events of a service called %s are taken for %s on the bus of Profile2; name the service otherwise", n.Service, mistaken)
	}
	producer := naming.Producer(n.Node)
	same := func(other node) bool { return other.Service != n.Service && naming.Producer(other.Node) == producer }
	if i := slices.IndexFunc(c, same); i >= 0 {
		return fmt.Sprintf("the services %s and %s have the same topics on the bus of Profile2; name one of them otherwise", n.Service, c[i].Service)
	}
	return ""
}

// check2 reports the nodes that the bus of Profile2 has no topics for, at the names
// of their services.
func (c Catalog) check2() error {
	var diags annotate.Diagnostics
	for _, n := range c {
		if fault := c.fault2(n); fault != "" {
			diags = append(diags, annotate.Diagnostic{Pos: n.ServicePos, Message: fault})
		}
	}
	return diags.Err()
}

// eventTypes2 returns the event types of the node there, never nil.
func (n node) eventTypes2() []string {
	list := []string{}
	for _, e := range n.events() {
		list = append(list, naming.EventType2(n.Node, e.Event))
	}
	return list
}

// topics2 returns the topics of the node there, never nil.
func (n node) topics2() []string {
	list := []string{}
	for _, e := range n.events() {
		list = append(list, naming.Topic2(n.Node, e.Event))
	}
	return list
}
