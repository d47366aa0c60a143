package spooltest

import (
	"cmp"
	"maps"
	"slices"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// model is what has to be in a spool, without bound.
type model struct {
	events     map[id]onex.Spooled
	unfinished map[string]onex.Spooled
	last       uint64
}

// id is what tells an event from others.
type id struct {
	topic string
	seq   uint64
}

func idOf(e onex.Spooled) id { return id{e.Topic, e.Seq} }

func newModel(last uint64) *model {
	return &model{events: map[id]onex.Spooled{}, unfinished: map[string]onex.Spooled{}, last: last}
}

func (m *model) clone() *model {
	return &model{maps.Clone(m.events), maps.Clone(m.unfinished), m.last}
}

func (m *model) put(events ...onex.Spooled) {
	for _, e := range events {
		m.events[idOf(e)] = e
		m.last = max(m.last, e.Seq)
		if e.Operation != "" {
			m.unfinished[e.Operation] = e
		}
		m.finish(e.Finishes)
	}
}

// take takes an event out and returns it.
func (m *model) take(e onex.Spooled) (known onex.Spooled, ok bool) {
	known, ok = m.events[idOf(e)]
	delete(m.events, idOf(e))
	return known, ok
}

func (m *model) remove(topic string, through uint64) {
	maps.DeleteFunc(m.events, func(i id, _ onex.Spooled) bool { return i.topic == topic && i.seq <= through })
}

func (m *model) finish(operations ...string) {
	for _, o := range operations {
		delete(m.unfinished, o)
	}
}

// where returns some of the events in order of Seq.
func (m *model) where(is func(onex.Spooled) bool) []onex.Spooled {
	var events []onex.Spooled
	for _, e := range m.events {
		if is(e) {
			events = append(events, e)
		}
	}
	slices.SortFunc(events, func(a, b onex.Spooled) int { return cmp.Or(bySeq(a, b), cmp.Compare(a.Topic, b.Topic)) })
	return events
}

// all returns the events of all topics.
func (m *model) all() []onex.Spooled { return m.where(func(onex.Spooled) bool { return true }) }

// topic returns the events of a topic.
func (m *model) topic(name string) []onex.Spooled {
	return m.where(func(e onex.Spooled) bool { return e.Topic == name })
}

func (m *model) started() []onex.Spooled { return slices.SortedFunc(maps.Values(m.unfinished), bySeq) }

// backlog returns the backlog without bytes, which each spool counts as it likes.
func (m *model) backlog() onex.Backlog {
	topics := map[string]onex.TopicBacklog{}
	for _, e := range m.all() {
		t, known := topics[e.Topic]
		if !known {
			t = onex.TopicBacklog{Topic: e.Topic, FirstSeq: e.Seq, Oldest: e.At}
		}
		t.Events++
		topics[e.Topic] = t
	}
	b := onex.Backlog{LastSeq: m.last}
	for _, name := range slices.Sorted(maps.Keys(topics)) {
		b.Topics = append(b.Topics, topics[name])
	}
	return b
}
