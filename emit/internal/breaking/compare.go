package breaking

import (
	"cmp"
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/emit/internal/catalog"
)

// Change is something that is otherwise in the new catalog. Rule is "" if it is
// an addition, of which nobody loses anything.
type Change struct {
	Rule     string
	Pos      token.Position // in the new source, or in the old catalog if that has nothing left of it
	What     string
	Remedy   string
	Topics   []string // that are concerned
	Excepted string   // why the change is allowed, "" if it is not
}

// Compare returns what has changed, by place, and then what was added.
func Compare(before, now catalog.Document) []Change {
	c := comparison{moved: map[string]int{}, old: map[string]bool{}, types: map[string]bool{}, topics: map[string]bool{}}
	pairs := match(before.Nodes, now.Nodes)
	for i := range before.Nodes {
		for _, topic := range before.Nodes[i].Topics {
			c.old[topic] = true
		}
	}
	for i := range now.Nodes {
		n := &now.Nodes[i]
		var had []string
		for j, match := range pairs {
			if match == n {
				had = before.Nodes[j].Topics
			}
		}
		for _, topic := range n.Topics {
			c.topics[topic] = true
			if !slices.Contains(had, topic) {
				c.moved[topic]++
			}
		}
		for _, typ := range slices.Concat(n.OperationLifecycle, n.StateEvents, n.MetricEvents) {
			c.types[typ] = true
		}
	}
	for i := range before.Nodes {
		o := &before.Nodes[i]
		if n := pairs[i]; n != nil {
			c.node(o, n)
		} else {
			c.gone(o)
		}
	}
	c.takenOver(before, now, pairs)
	for i := range now.Nodes {
		c.added(&now.Nodes[i])
	}
	return sorted(c.changes)
}

// match finds the nodes that are the same in both catalogs: by name and package,
// else by topics that both have, else by name and what else has stayed of them.
func match(before, now []catalog.Node) []*catalog.Node {
	pairs := make([]*catalog.Node, len(before))
	taken := map[*catalog.Node]bool{}
	for _, same := range []func(o, n *catalog.Node) bool{
		func(o, n *catalog.Node) bool {
			return o.Package == n.Package && o.Node == n.Node && o.Type == n.Type && o.Service == n.Service
		},
		func(o, n *catalog.Node) bool { return o.Package == n.Package && o.Node == n.Node },
		func(o, n *catalog.Node) bool { return o.Service == n.Service && haveInCommon(o, n) },
		func(o, n *catalog.Node) bool {
			return o.Node == n.Node && (o.Service == n.Service || haveInCommon(o, n))
		},
	} {
		for i := range before {
			for j := range now {
				if n := &now[j]; pairs[i] == nil && !taken[n] && same(&before[i], n) {
					pairs[i], taken[n] = n, true
				}
			}
		}
	}
	return pairs
}

// haveInCommon tells nodes that publish events of one type.
func haveInCommon(o, n *catalog.Node) bool {
	return slices.ContainsFunc(o.OperationLifecycle, func(typ string) bool { return slices.Contains(n.OperationLifecycle, typ) })
}

type comparison struct {
	moved   map[string]int  // how many nodes publish to a topic that did not before
	old     map[string]bool // the topics of the old catalog
	topics  map[string]bool // and of the new one
	types   map[string]bool // the event types of the new one
	changes []Change
}

// lost returns those of the topics that nobody has taken over.
func (c *comparison) lost(topics []string) []string {
	var lost []string
	for _, topic := range topics {
		if c.moved[topic] > 0 {
			c.moved[topic]--
			continue
		}
		lost = append(lost, topic)
	}
	return lost
}

// report adds a change of n, or of what is not in the new catalog if n is nil.
func (c *comparison) report(n *catalog.Node, change Change) {
	if n != nil {
		for _, e := range n.Exceptions {
			if e.Rule == change.Rule {
				change.Excepted = e.Why
			}
		}
	}
	c.changes = append(c.changes, change)
}

// gone reports what is lost with a node.
func (c *comparison) gone(o *catalog.Node) {
	for _, g := range groups(o) {
		c.groupGone(o, nil, o.Pos, g)
	}
}

func (c *comparison) groupGone(o, n *catalog.Node, pos token.Position, g group) {
	lost := slices.DeleteFunc(c.lost(g.topics), func(topic string) bool { return c.topics[topic] })
	if len(lost) == 0 {
		return
	}
	rule, what := eventTypeGone, "no node publishes "+braced(g.types)+" any more"+c.silent(lost)
	if slices.ContainsFunc(g.types, func(typ string) bool { return c.types[typ] }) {
		rule, what = topicGone, o.Node+" publishes "+braced(g.types)+" of service "+o.Service+" no more"+c.silent(lost)
	}
	remedy := "keep the node for those who read them, as long as they do"
	if n != nil {
		remedy = fmt.Sprintf("list %s again", g.says())
	}
	c.report(n, Change{Rule: rule, Pos: pos, What: what, Remedy: remedy, Topics: lost})
}

// node compares a node with what it was.
func (c *comparison) node(o, n *catalog.Node) {
	was, is := groups(o), groups(n)
	renamed := false
	for _, r := range []struct{ rule, option, old, new string }{
		{serviceRenamed, "service", o.Service, n.Service}, {typeRenamed, "type", o.Type, n.Type},
	} {
		if r.old == r.new {
			continue
		}
		if lost := c.lost(o.Topics); len(lost) > 0 || renamed {
			c.report(n, Change{
				Rule: r.rule, Pos: n.Pos, Topics: lost,
				What:   fmt.Sprintf("the %s of %s was %s and is %s%s", r.option, n.Node, r.old, r.new, c.silent([]string{fmt.Sprintf("{namespace}.%s.%s.…", o.Service, o.Type)})),
				Remedy: fmt.Sprintf("write %s=%s, and list another struct with %s=%s beside it", r.option, r.old, r.option, r.new),
			})
		}
		renamed = true
	}
	if len(o.RecordKey) > 0 && !slices.Equal(o.RecordKey, n.RecordKey) {
		c.report(n, Change{
			Rule: keyChanged, Pos: n.Pos, Topics: o.Topics,
			What:   fmt.Sprintf("the key of %s's records was the first of %s, and is the first of %s", n.Node, strings.Join(o.RecordKey, ", "), strings.Join(n.RecordKey, ", ")),
			Remedy: "let those who rely on the order of a key read all of the old records first",
		})
	}
	c.profile2(o, n)
	for i, g := range was {
		switch same := slices.IndexFunc(is, func(other group) bool {
			return other.kind == g.kind && other.operation == g.operation && other.version == g.version
		}); {
		case same >= 0:
			if !renamed {
				c.topicsOf(n, g, is[same])
			}
			c.operation(n, g, is[same])
		case g.kind != operation:
			c.off(o, n, g, renamed)
		case !renamed:
			c.operationGone(o, n, g, was, is, i)
		default:
			c.report(n, Change{
				Rule: eventTypeGone, Pos: n.Pos, Topics: g.topics,
				What: n.Node + " does not publish the events of " + g.says() + " any more", Remedy: "list " + g.says() + " again",
			})
		}
	}
}

// off reports events of a state or of metrics that are turned off.
func (c *comparison) off(o, n *catalog.Node, g group, renamed bool) {
	rule, option := stateOff, "state"
	if g.kind == metric {
		rule, option = metricOff, "metric"
	}
	lost := g.topics
	if !renamed { // else they are counted already
		lost = c.lost(g.topics)
	}
	if len(lost) > 0 {
		c.report(n, Change{
			Rule: rule, Pos: n.Pos, Topics: lost,
			What: o.Node + " does not publish " + braced(g.types) + " any more" + c.silent(lost), Remedy: "remove " + option + "=false",
		})
	}
}

// topicsOf compares the topics of what is called the same.
func (c *comparison) topicsOf(n *catalog.Node, was, is group) {
	for _, topic := range was.topics {
		if !slices.Contains(is.topics, topic) {
			c.report(n, Change{
				Rule: topicRenamed, Pos: positionOf(n, is), Topics: []string{topic},
				What: fmt.Sprintf("%s goes to another topic than %s", braced(was.types), topic), Remedy: "read both topics for a time",
			})
		}
	}
}

// operationGone finds out what has become of an operation that is not listed as
// it was.
func (c *comparison) operationGone(o, n *catalog.Node, g group, was, is []group, at int) {
	has := func(list []group, name string) bool {
		return slices.ContainsFunc(list, func(other group) bool { return other.kind == operation && other.operation == name })
	}
	if has(is, g.operation) {
		if lost := c.lost(g.topics); len(lost) > 0 {
			i := slices.IndexFunc(is, func(other group) bool { return other.kind == operation && other.operation == g.operation })
			c.report(n, Change{
				Rule: versionGone, Pos: positionOf(n, is[i]), Topics: lost,
				What: fmt.Sprintf("version %d of %s is not published any more%s", g.version, braced(g.types), c.silent(lost)), Remedy: "list " + g.says() + " beside " + is[i].says(),
			})
		}
		return
	}
	for i, other := range is {
		if other.kind != operation || has(was, other.operation) || other.version != g.version || !alike(g, other) && i != at {
			continue
		}
		if lost := c.lost(g.topics); len(lost) > 0 {
			c.report(n, Change{
				Rule: operationRenamed, Pos: positionOf(n, other), Topics: lost,
				What: fmt.Sprintf("%s seems to be called %s now%s", g.says(), other.says(), c.silent(lost)), Remedy: "list " + g.says() + " too",
			})
		}
		return
	}
	c.groupGone(o, n, n.Pos, g)
}

// alike tells operations that take and return the same.
func alike(a, b group) bool {
	return a.about != nil && b.about != nil && typeOf(a.about.Input) == typeOf(b.about.Input) && typeOf(a.about.Result) == typeOf(b.about.Result)
}

func typeOf(v *catalog.Value) string {
	if v == nil {
		return ""
	}
	return v.Type
}

func positionOf(n *catalog.Node, g group) token.Position {
	if g.about != nil && g.about.Pos.IsValid() {
		return g.about.Pos
	}
	return n.Pos
}

// operation compares what goes in and comes out.
func (c *comparison) operation(n *catalog.Node, was, is group) {
	if was.about == nil || is.about == nil {
		return // it is of no operation, or the old catalog does not say
	}
	for _, v := range []struct {
		name, stage   string
		gone, changed string
		was, is       *catalog.Value
	}{
		{"input", "started", inputGone, inputChanged, was.about.Input, is.about.Input},
		{"result", "completed", resultGone, resultChanged, was.about.Result, is.about.Result},
	} {
		if v.was == nil {
			continue
		}
		what := Change{Pos: positionOf(n, is)}
		for i, typ := range is.types {
			if strings.HasSuffix(typ, "."+v.stage) {
				what.Topics = append(what.Topics, is.topics[i])
			}
		}
		of := fmt.Sprintf("the %s of %s", v.name, is.says())
		again := "in a later version: " + nextVersion(is)
		switch {
		case v.is == nil:
			what.Rule, what.What = v.gone, fmt.Sprintf("%s was of type %s and is gone", of, v.was.Type)
			what.Remedy = "name the type again, or change it " + again
			c.report(n, what)
		case v.was.Summary == nil:
			if v.was.Type != v.is.Type && !strings.HasPrefix(v.was.Type, "map[") {
				what.Rule, what.What = v.changed, fmt.Sprintf("%s was of type %s and is of type %s", of, v.was.Type, v.is.Type)
				what.Remedy = "name the type again, or change it " + again
				c.report(n, what)
			}
		default:
			c.summary(n, what, of, again, v.was, v.is)
		}
	}
}

// nextVersion is how a directive lists the version that follows.
func nextVersion(g group) string { return fmt.Sprintf("%s@%d(…)", g.operation, max(1, g.version)+1) }

// summary compares the keys of a summary.
func (c *comparison) summary(n *catalog.Node, base Change, of, again string, was, is *catalog.Value) {
	for _, key := range slices.Sorted(maps.Keys(was.Summary)) {
		change := base
		now, has := is.Summary[key]
		switch {
		case is.Summary == nil:
			change.Rule, change.What = summaryKeyGone, fmt.Sprintf("the summary of %s had the key %q, and what keys %s has is not known", of, key, is.Type)
			change.Remedy = "name a struct of the node's package that has the field, or change it " + again
		case !has:
			change.Rule, change.What = summaryKeyGone, fmt.Sprintf("the summary of %s has no key %q any more", of, key)
			change.Remedy = "keep the field, or change it " + again
		case !catalog.Covers(was.Summary[key], now):
			change.Rule, change.What = summaryKeyChanged, fmt.Sprintf("in the summary of %s, %q was %s and is %s", of, key, was.Summary[key], now)
			change.Remedy = "keep the type of the field, or change it " + again
		default:
			continue
		}
		c.report(n, change)
	}
	for key, typ := range is.Summary {
		if _, had := was.Summary[key]; !had {
			base.What = fmt.Sprintf("the summary of %s has the key %q, %s", of, key, typ)
			c.changes = append(c.changes, base)
		}
	}
}

// added lists the events that are new.
func (c *comparison) added(n *catalog.Node) {
	for _, g := range groups(n) {
		var topics []string
		for _, topic := range g.topics {
			if !c.old[topic] {
				topics = append(topics, topic)
			}
		}
		if len(topics) > 0 {
			what := n.Node + " publishes " + braced(g.types)
			if g.version > 1 {
				what += fmt.Sprintf(" in version %d", g.version)
			}
			c.changes = append(c.changes, Change{Pos: positionOf(n, g), What: what, Topics: topics})
		}
	}
}

// sorted returns the changes by their places, those that break first.
func sorted(changes []Change) []Change {
	rank := func(c Change) int {
		if c.Rule == "" {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.What, b.What))
	})
	return changes
}
