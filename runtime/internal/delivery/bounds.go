package delivery

import "slices"

// This file says for which events there is room, and which of those that wait have to make
// it.

// makeRoom makes room for another event of a topic by dropping others, if that
// is wanted, and tells whether there is room now. If that would not be enough,
// it drops none.
func (m *Machine) makeRoom(t *Topic, e *Event) bool {
	if m.hasRoom(t, e) {
		return true
	}
	// Nothing is dropped while too many losses wait to be reported.
	if !m.cfg.DropOldest || m.unreported >= m.cfg.MaxEvents || !m.couldHaveRoom(t, e) {
		return false
	}
	for !m.hasRoom(t, e) {
		d := m.leastImportant(t, e)
		if d == nil || m.unreported >= 2*m.cfg.MaxEvents {
			return false
		}
		m.drop(d)
	}
	return true
}

// HeldBytes returns how many bytes the events have that are in memory only.
func (m *Machine) HeldBytes() int64 { return m.held.bytes }

// HasSpare tells whether less than half of the room is taken, and more may come.
func (m *Machine) HasSpare() bool {
	return !m.ending && m.held.events < (m.cfg.MaxEvents+1)/2 && m.held.bytes < m.cfg.MaxBytes/2
}

func (m *Machine) hasRoom(t *Topic, e *Event) bool {
	return m.fits(m.held, e) && !m.hasItsShare(t, t.held, e)
}

func (m *Machine) fits(held tally, e *Event) bool {
	return held.events < m.cfg.MaxEvents && held.bytes+e.size() <= m.cfg.MaxBytes
}

// hasItsShare tells whether a topic that holds so much has all that it may have.
// One that suffers, or of which it is not known whether events can be written to
// it while others can, may take half of the room, so that the others go on.
func (m *Machine) hasItsShare(t *Topic, held tally, e *Event) bool {
	suspect := t.suffering || t.op == storing || !t.proved && m.ledger.Delivered > 0
	return suspect && (held.events >= (m.cfg.MaxEvents+1)/2 || held.bytes+e.size() > m.cfg.MaxBytes/2)
}

// couldHaveRoom tells whether there would be room if all events were dropped
// that may have to go for e: none of them more important.
func (m *Machine) couldHaveRoom(t *Topic, e *Event) bool {
	all, own := m.held, t.held
	for r := range e.mayPush() {
		all.events, all.bytes = all.events-m.droppable[r].events, all.bytes-m.droppable[r].bytes
		own.events, own.bytes = own.events-t.droppable[r].events, own.bytes-t.droppable[r].bytes
	}
	return m.fits(all, e) && !m.hasItsShare(t, own, e)
}

// mayPush returns the lowest rank that does not have to make room for e.
func (e *Event) mayPush() Rank { return e.Rank + 1 }

// leastImportant returns the event that has to go first for e: the oldest of the
// lowest rank. A topic that has its share already makes its own go.
func (m *Machine) leastImportant(t *Topic, e *Event) *Event {
	greedy := m.hasItsShare(t, t.held, e)
	for r := range e.mayPush() {
		switch {
		case greedy && t.droppable[r].events > 0:
			i := slices.IndexFunc(t.waiting, func(x *Event) bool { return x.links != nil && x.Rank == r })
			return t.waiting[i]
		case !greedy && m.droppable[r].events > 0:
			return m.droppable[r].first
		}
	}
	return nil
}

// drop loses an event that waits, in favour of another one.
func (m *Machine) drop(e *Event) {
	t := e.topic
	m.unlist(e)
	i, _ := slices.BinarySearchFunc(t.waiting, e, compareSeq)
	t.waiting = cutAt(t.waiting, i)
	m.leave(e)
	e.past = hasLeft
	m.count(Lose{Topic: t, Event: e, Reason: LossDropped})
}

// list and unlist note that an event waits in memory only, and that it no longer
// does. hint is as of [queue.put].

func (m *Machine) list(e, hint *Event) *Event {
	t := e.topic
	t.unstored++
	if e.needsDisk() {
		t.needsDisk++
	}
	if !m.cfg.DropOldest || e.needsDisk() {
		return hint
	}
	t.droppable[e.Rank].add(e)
	return m.droppable[e.Rank].put(e, hint)
}

func (m *Machine) unlist(e *Event) {
	t := e.topic
	t.unstored--
	if e.needsDisk() {
		t.needsDisk--
	}
	if e.links != nil {
		t.droppable[e.Rank].subtract(e)
		m.droppable[e.Rank].remove(e)
	}
}

// putBack puts events back where they belong.
func (m *Machine) putBack(t *Topic, events []*Event) {
	t.waiting = merge(events, t.waiting)
	var hints [ranks]*Event
	for _, e := range events {
		if !e.onDisk {
			hints[e.Rank] = m.list(e, hints[e.Rank])
		}
	}
}
