package breaking

import (
	"slices"

	"github.com/omninode-ai/onexevents/emit/internal/catalog"
)

// takenOver compares operations of nodes that publish to a topic of the old
// catalog, to which the nodes that they were before did not: what reads the topic
// reads their events now.
func (c *comparison) takenOver(before, now catalog.Document, pairs []*catalog.Node) {
	type publisher struct {
		node *catalog.Node
		group
	}
	old := map[string][]publisher{} // by the first of their topics
	for i := range before.Nodes {
		for _, g := range groups(&before.Nodes[i]) {
			old[g.topics[0]] = append(old[g.topics[0]], publisher{pairs[i], g})
		}
	}
	for i := range now.Nodes {
		n := &now.Nodes[i]
		for _, is := range groups(n) {
			were := old[is.topics[0]]
			if slices.ContainsFunc(were, func(p publisher) bool { return p.node == n }) {
				continue // it is compared with itself
			}
			// Of several, the one that it is most alike may be where it comes from.
			var least []Change
			for j, was := range were {
				var one comparison
				one.operation(n, was.group, is)
				if j == 0 || losses(one.changes) < losses(least) {
					least = one.changes
				}
			}
			c.changes = append(c.changes, least...)
		}
	}
}

// losses counts the changes that are no additions.
func losses(changes []Change) int {
	n := 0
	for _, change := range changes {
		if change.Rule != "" {
			n++
		}
	}
	return n
}
