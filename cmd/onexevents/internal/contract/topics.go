package contract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// topic is a topic that the contract says the node publishes to.
type topic struct {
	value
	kind, producer, event string
	version               int
}

var (
	eventTopic = regexp.MustCompile(`^onex\.(evt)\.([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.v([1-9][0-9]{0,5})$`)
	otherTopic = regexp.MustCompile(`^onex\.(cmd|dlq|intent|snapshot)\.([a-z0-9-]+)\.([a-z0-9._-]+)\.v([1-9][0-9]{0,5})$`)
	categories = []string{"EVENT", "COMMAND", "INTENT"}
)

// topic reads the name of a topic.
func (v value) topic() (topic, bool) {
	text := v.text()
	for _, pattern := range []*regexp.Regexp{eventTopic, otherTopic} {
		if m := pattern.FindStringSubmatch(text); m != nil {
			version, _ := strconv.Atoi(m[4])
			return topic{v, m[1], m[2], m[3], version}, true
		}
	}
	if v.isThere() && v.node.Tag == "!!str" {
		v.report(v.pos(), "%q is no topic; write onex.evt.<producer>.<event-name>.v1, in lower-case words joined by -", text)
	}
	return topic{}, false
}

// topicsOf returns the topics that the node publishes to, each once, and the
// others that show its service.
func topicsOf(root value) (list, others []topic) {
	hear := func(v value) {
		if t, ok := v.topic(); ok {
			others = append(others, t)
		}
	}
	add := func(v value) {
		t, ok := v.topic()
		same := func(other topic) bool { return other.node.Value == v.node.Value }
		if ok && !slices.ContainsFunc(list, same) {
			list = append(list, t)
		}
	}
	bus := root.key("event_bus")
	if bus.isMapping() {
		bus.key("version").isMapping()
		for _, v := range bus.key("publish_topics").items() {
			add(v)
		}
		for _, key := range []string{"subscribe_topics", "dlq_topics"} {
			for _, v := range bus.key(key).items() {
				hear(v)
			}
		}
	}
	for _, v := range root.key("published_events").items() {
		name, category := v.key("topic"), v.key("message_category")
		if !v.isMapping() {
			continue
		}
		if !name.isThere() {
			v.wrong("has no topic; add one")
		} else {
			add(name)
		}
		v.key("event_type").text()
		if text := category.text(); text != "" && !slices.Contains(categories, strings.ToUpper(text)) {
			category.report(category.pos(), "unknown message_category %q; write EVENT", text)
		}
	}
	if v := root.key("terminal_event"); v.isThere() {
		hear(v)
	}
	return list, others
}

var stages = []string{"-started", "-completed", "-failed"}

// events finds out what the node's events are, by the topics that it publishes
// to. Others only show what its service is, if need be.
func (c *Contract) events(topics, others []topic, service string) {
	own := func(t topic) bool { return c.isOwn(t) && strings.HasPrefix(t.event, c.Type.Text+"-") }
	anyOf := func(topic) bool { return true }
	for _, from := range []struct {
		topics []topic
		is     func(topic) bool
	}{{topics, own}, {topics, c.isOwn}, {slices.Concat(topics, others), anyOf}} {
		if i := slices.IndexFunc(from.topics, from.is); i >= 0 && c.Service.Text == "" {
			c.Service = Text{from.topics[i].producer, from.topics[i].pos()}
		}
	}
	if service != "" {
		c.Service = Text{Text: service}
	}
	producer := strings.ReplaceAll(c.Service.Text, "_", "-")
	exact := false // the contract is about events as they are here
	for _, t := range topics {
		name, here := strings.CutPrefix(t.event, c.Type.Text+"-")
		switch {
		case t.kind != "evt":
			c.note(t, "is no topic of events, and the node does not publish to it by itself")
			continue
		case t.producer != producer:
			c.note(t, "is of another producer than %s, and the node does not publish to it", producer)
			continue
		case !c.isOwn(t):
			c.note(t, "is of no operation's, state's or metric's event, and the node does not publish to it")
			continue
		}
		exact = exact || here
		switch {
		case here && name == "state-changed":
			c.State = true
		case here && name == "metric-recorded":
			c.Metric = true
		default:
			c.operation(t, name)
			if !here {
				c.note(t, "becomes onex.evt.%s.%s-%s.v%d, as onexevents has the node's type in a topic", producer, c.Type.Text, t.event, t.version)
			}
		}
	}
	if !exact {
		c.State, c.Metric = c.States != nil, true
	}
	if !c.State {
		c.States = nil
	}
}

// isOwn tells topics that a node of the contract's type has, or would have with
// its type in front.
func (c *Contract) isOwn(t topic) bool {
	name, here := strings.CutPrefix(t.event, c.Type.Text+"-")
	if here && (name == "state-changed" || name == "metric-recorded") {
		return t.version == 1
	}
	return t.kind == "evt" && slices.ContainsFunc(stages, func(stage string) bool { return len(name) > len(stage) && strings.HasSuffix(name, stage) })
}

// operation adds the operation of an event.
func (c *Contract) operation(t topic, name string) {
	for _, stage := range stages {
		name = strings.TrimSuffix(name, stage)
	}
	op := Operation{Name: strings.ReplaceAll(name, "-", "_"), Version: t.version, Pos: t.pos()}
	if op.Version == 1 {
		op.Version = 0
	}
	c.add(op)
}

// add adds an operation that has a name and is not known yet.
func (c *Contract) add(op Operation) {
	same := func(other Operation) bool { return other.Name == op.Name && other.Version == op.Version }
	if op.Name != "" && !slices.ContainsFunc(c.Operations, same) {
		c.Operations = append(c.Operations, op)
	}
}

func (c *Contract) note(t topic, format string, args ...any) {
	d := document{file: t.file}
	d.report(t.pos(), t.node.Value+" "+format, args...)
	c.Notes = append(c.Notes, d.diags...)
}
