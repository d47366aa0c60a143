package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// topic is one topic with all nodes that publish to it.
type topic struct {
	name  string // of its message, in a document
	event event  // of the first of them
	nodes []node
	all   []event // of each of them
}

// topics returns those of the catalog, in the order of its nodes.
func (c Catalog) topics() []*topic {
	var list []*topic
	byName := map[string]*topic{}
	taken := map[string]int{}
	for _, n := range c {
		for _, e := range c.everywhere(n) {
			t := byName[e.topic]
			if t == nil {
				t = &topic{event: e, name: messageName(n, e)}
				if taken[t.name]++; taken[t.name] > 1 { // a-b and a_b are one word there
					t.name = fmt.Sprintf("%sN%d", t.name, taken[t.name])
				}
				byName[e.topic] = t
				list = append(list, t)
			}
			t.nodes, t.all = append(t.nodes, n), append(t.all, e)
		}
	}
	return list
}

// fields returns the fields of the envelope. What only some of the nodes promise
// of a summary is no promise.
func (t *topic) fields() []field {
	fields := slices.Clone(t.event.fields)
	for _, other := range t.all[1:] {
		for i := range fields {
			fields[i] = fields[i].common(other.fields[i])
		}
	}
	return fields
}

// common returns the field without what the other does not say.
func (f field) common(other field) field {
	if f.typ == summaryType && !sameFields(f.fields, other.fields) {
		f.fields, f.value = nil, anySummary
		return f
	}
	if f.typ == objectType && len(f.fields) == len(other.fields) {
		f.fields = slices.Clone(f.fields)
		for i := range f.fields {
			f.fields[i] = f.fields[i].common(other.fields[i])
		}
	}
	return f
}

func sameFields(a, b []field) bool {
	return (a == nil) == (b == nil) && slices.EqualFunc(a, b, func(x, y field) bool {
		return x.key == y.key && x.value == y.value && x.fixed == y.fixed && x.optional == y.optional && x.pattern == y.pattern
	})
}

// doc returns what the comments of the nodes say, as Markdown.
func (t *topic) doc() string {
	var docs []string
	for _, n := range t.nodes {
		if text := literally(n.Doc); text != "" && !slices.Contains(docs, text) {
			docs = append(docs, text)
		}
	}
	return strings.Join(docs, "\n\n")
}

// messageName is what an event is called in a document, by a name that other
// languages can take as well.
func messageName(n node, e event) string {
	words := strings.FieldsFunc(channelKey(n, e), func(r rune) bool { return r == '.' || r == '_' || r == '-' })
	for i, word := range words {
		words[i] = naming.Capitalized(word)
	}
	if e.bus {
		words = append(words, profile2)
	}
	return strings.Join(words, "")
}

// profile2 ends the names of messages with Profile2.
const profile2 = "Profile2"

// label returns the type of the topic's events, with a later version.
func (t *topic) label() string {
	label := t.nodes[0].typeOf(t.event)
	if t.event.Version > 0 {
		label += fmt.Sprintf("@%d", t.event.Version)
	}
	return label
}
