package delivery

import (
	"errors"
	"slices"
)

// operations are those that durable events have begun and nothing has ended, by
// the key that their first and last events have in common.
type operations map[string][]string

// link finds the operation that an event ends among them, or adds the one that
// it begins.
func (o operations) link(x *Extra) {
	switch ids := o[x.Operation]; {
	case x.Operation == "":
	case x.Starts != "":
		o[x.Operation] = append(ids, x.Starts)
	case len(ids) > 0:
		x.Ends = ids[len(ids)-1]
		o.set(x.Operation, ids[:len(ids)-1])
	}
}

// unlink undoes link for an event that is not accepted after all.
func (o operations) unlink(x *Extra) {
	switch {
	case x == nil || x.Operation == "":
	case x.Starts != "":
		o.set(x.Operation, slices.DeleteFunc(o[x.Operation], func(id string) bool { return id == x.Starts }))
	case x.Ends != "":
		o[x.Operation] = append(o[x.Operation], x.Ends)
	}
}

func (o operations) set(key string, ids []string) {
	if o[key] = ids; len(ids) == 0 {
		delete(o, key)
	}
}

// Operations returns of how many operations durable events have told the
// beginning, and nothing the end. While there are none, the last events of others
// need not say whose they are.
func (m *Machine) Operations() int { return len(m.operations) }

// finish notes that an operation's last event has arrived without having been
// on disk, where that would have been noted with it.
func (m *Machine) finish(e *Event) {
	if id := e.ends(); id != "" && !e.onDisk {
		m.finished = append(m.finished, id)
	}
}

// Abandon forgets an operation that nobody is going to end, and tells whether there was one.
func (m *Machine) Abandon(key, id string) bool {
	ids := m.operations[key]
	left := slices.DeleteFunc(slices.Clone(ids), func(x string) bool { return x == id })
	m.operations.set(key, left)
	return len(left) < len(ids)
}

// Forfeit ends an operation of which nothing can be said.
func (m *Machine) Forfeit(id string) { m.finished = append(m.finished, id) }

// finishOperations has the disk told of all that have ended.
func (m *Machine) finishOperations(now Time) {
	if len(m.finished) == 0 || m.finishing != nil || now < m.finishAt {
		return
	}
	m.finishing, m.finished = m.finished, nil
	m.do(Finish{m.finishing})
}

// Finished answers a Finish.
func (m *Machine) Finished(err error, now Time) {
	m.noteHang(err)
	if !m.ending || err == nil {
		m.finishTries = 0
	}
	for _, id := range m.finishing {
		if c, ok := m.unbegun[id]; ok {
			m.do(c)
			delete(m.unbegun, id)
		}
	}
	if err != nil && (!m.ending || m.finishTries < endTries && !errors.Is(err, ErrHangs)) {
		m.finishTries++
		m.finished = append(m.finishing, m.finished...)
		m.finishAt = now + diskBackoff
	}
	m.finishing = nil
}

// endTries is how often an operation's end is tried to be noted when nothing
// else is left to be done.
const endTries = 5
