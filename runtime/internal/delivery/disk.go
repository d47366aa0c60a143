package delivery

import (
	"errors"
	"slices"
)

// ErrEvicted is what a durable event gets that the disk has dropped at once.
var ErrEvicted = errors.New("the spool has no room for the event")

// store sends to disk what has to be there, and what would have to wait. What is
// with the client goes there as a copy.
func (m *Machine) store(t *Topic, now Time) {
	if !m.cfg.HasDisk || t.op != idle {
		return
	}
	if m.down || t.suffering {
		t.copying = t.unstoredWithClient()
	}
	switch {
	case t.unstored == 0 && len(t.copying) == 0:
		return
	case t.needsDisk > 0 && !m.diskFailed, t.hasDurable(), m.ending:
	case !m.wantsDisk(t):
		return
	case now < m.diskAt:
		t.copying = nil
		m.alarms.set(t, m.diskAt)
		return
	}
	t.writing, t.op = m.takeUnstored(t), storing
	m.do(Store{t, merge(t.copying, t.writing)})
}

// takeUnstored takes out what waits and is not on disk.
func (m *Machine) takeUnstored(t *Topic) []*Event {
	events := make([]*Event, 0, t.unstored)
	kept := t.waiting[:0:0]
	for _, e := range t.waiting {
		if e.onDisk {
			kept = append(kept, e)
			continue
		}
		m.unlist(e)
		events = append(events, e)
	}
	t.waiting = kept
	return events
}

// unstoredWithClient returns what the client has that is not on disk.
func (t *Topic) unstoredWithClient() (events []*Event) {
	note := func(e *Event) {
		if !e.onDisk && e.past == isHere {
			events = append(events, e)
		}
	}
	for _, l := range t.letters {
		note(l.Event)
	}
	if t.group != nil {
		for _, e := range t.group.Events {
			note(e)
		}
	}
	return events
}

func (t *Topic) hasDurable() bool {
	return t.needsDisk > 0 && slices.ContainsFunc(t.waiting, func(e *Event) bool { return e.Durable })
}

// wantsDisk tells whether a topic's events would have to wait for Kafka, or for
// others that are on disk.
func (m *Machine) wantsDisk(t *Topic) bool {
	return m.down || t.suffering || t.unread > 0 || t.needsDisk > 0 || m.isCrowded() && t.group != nil
}

func (m *Machine) isCrowded() bool {
	return m.held.events > m.cfg.MaxEvents/4*3 || m.held.bytes > m.cfg.MaxBytes/4*3
}

// Stored answers Stores that were carried out as one: all are on disk, or none.
// dropped are events that are not there any more, of whatever topic.
func (m *Machine) Stored(stores []Store, dropped []Dropped, err error, now Time) {
	m.noteHang(err)
	if m.diskFailed = err != nil; err != nil {
		m.diskAt = now + diskBackoff
	}
	for _, s := range stores {
		t := s.Topic
		events, copies := t.writing, t.copying
		t.op, t.writing, t.copying = idle, nil, nil
		late := t.late
		t.late = nil
		if err != nil {
			m.notStored(t, events, err)
			m.areLate([]Store{{t, late}})
		} else {
			m.areCopied(t, copies)
			dropped = m.areStored(t, events, dropped)
		}
		m.wake(t)
	}
	for _, d := range dropped {
		m.evict(d)
	}
}

func (m *Machine) notStored(t *Topic, events []*Event, err error) {
	back := events[:0:0]
	for _, e := range events {
		switch {
		case e.Durable:
			m.withdraw(e, err)
		case m.ending:
			m.lose(e, LossClosed, err)
		default:
			back = append(back, e)
		}
	}
	m.putBack(t, back)
}

// areCopied notes that events are on disk that are in memory too, unless they have
// left it meanwhile.
func (m *Machine) areCopied(t *Topic, events []*Event) {
	for _, e := range events {
		if e.past == hasLeft {
			t.isGone(e.Seq)
			continue
		}
		if _, waits := slices.BinarySearchFunc(t.waiting, e, compareSeq); waits {
			m.unlist(e)
		}
		m.leave(e)
		m.ledger.Spooled++
		e.onDisk = true
	}
}

// withdraw forgets a durable event that is not accepted after all.
func (m *Machine) withdraw(e *Event, err error) {
	m.operations.unlink(e.Extra)
	m.ledger.Accepted--
	m.leave(e)
	e.past = wasWithdrawn
	if c := (Confirm{e, err}); e.Extra != nil && e.Extra.Starts != "" && err == ErrEvicted {
		m.finished = append(m.finished, e.Extra.Starts) // it has not begun
		m.unbegun[e.Extra.Starts] = c
	} else {
		m.do(c)
	}
}

// areStored takes events out of memory, unless they can go on from there. It returns
// the dropped ones but for durable events that were dropped at once: those are not
// accepted.
func (m *Machine) areStored(t *Topic, events []*Event, dropped []Dropped) (others []Dropped) {
	stay := len(dropped) == 0 && m.canStay(t, events)
	var staying []*Event
	for _, e := range events {
		if i := slices.IndexFunc(dropped, func(d Dropped) bool { return e.Durable && d.Topic == t && d.Event.Seq == e.Seq }); i >= 0 {
			dropped = slices.Delete(slices.Clone(dropped), i, i+1)
			m.withdraw(e, ErrEvicted)
			continue
		}
		m.leave(e)
		m.ledger.Spooled++
		if e.Durable {
			m.do(Confirm{e, nil})
		}
		if stay {
			e.isSafe()
			staying = append(staying, e)
			continue
		}
		if t.unread == 0 || e.Seq < t.first {
			t.first = e.Seq
		}
		m.addUnread(t, 1)
	}
	if stay {
		t.waiting = merge(staying, t.waiting)
	}
	return dropped
}

// canStay tells whether events that are on disk now need not be read from there, as
// Kafka takes what there is, and nothing is before them.
func (m *Machine) canStay(t *Topic, events []*Event) bool {
	return !m.down && !t.suffering && !m.ending && !m.isCrowded() && t.unread == 0 && len(t.waiting)-t.unstored+len(events) <= m.loadLimit()
}

// loadLimit returns how many events of a topic may be in memory that are on disk.
func (m *Machine) loadLimit() int {
	return min(max(m.cfg.LoadEvents/max(1, m.onDisk), 10), m.cfg.LoadEvents/10+1)
}

func (m *Machine) addUnread(t *Topic, n int64) {
	before := t.unread > 0
	t.unread += n
	if after := t.unread > 0; after && !before {
		m.onDisk++
	} else if before && !after {
		m.onDisk--
	}
}

// evict notes that an event is not on disk any more. One that is in memory goes
// on from there.
func (m *Machine) evict(d Dropped) {
	t, seq := d.Topic, d.Event.Seq
	if i, found := slices.BinarySearch(t.gone, seq); found {
		t.gone = slices.Delete(t.gone, i, i+1)
		return
	}
	e := t.find(seq)
	switch {
	case t.isBeingStored(d.Event):
		t.late = slices.DeleteFunc(t.late, func(e *Event) bool { return e.Seq == seq })
		return
	case e == nil:
		m.addUnread(t, -1)
		m.ledger.Spooled--
		m.count(Lose{Topic: t, Event: d.Event, Reason: LossEvicted})
	case e.onDisk:
		m.unspool(e)
		e.past = wasEvicted
		if _, waits := slices.BinarySearchFunc(t.waiting, e, compareSeq); waits {
			m.list(e, nil)
		}
	}
	m.wake(t)
	m.settled = true
}

// load reads what comes next from disk, when nothing in memory comes before.
func (m *Machine) load(t *Topic, now Time) {
	switch {
	case t.unread == 0 || t.op != idle || t.group != nil || m.ending || len(t.waiting) > 0 && t.waiting[0].Seq < t.first:
		return
	case now < max(t.sendAt, m.loadAt):
		m.alarms.set(t, max(t.sendAt, m.loadAt))
		return
	}
	t.op = loading
	m.do(Load{t, t.first - 1, m.loadLimit()})
}

// Loaded answers a Load. There may be more events than were known, if a spool
// that was damaged has found what had been removed; and none at all, if it has lost
// them.
func (m *Machine) Loaded(l Load, events []*Event, err error, now Time) {
	t := l.Topic
	t.op = idle
	m.noteHang(err)
	m.wake(t)
	switch {
	case err != nil:
		m.loadAt = now + diskBackoff
		return
	case len(events) == 0:
		m.damaged(t)
		return
	}
	var fresh []*Event
	for _, e := range events {
		t.first = e.Seq + 1
		if _, gone := slices.BinarySearch(t.gone, e.Seq); gone || t.find(e.Seq) != nil {
			continue
		}
		e.topic, e.onDisk = t, true
		fresh = append(fresh, e)
	}
	t.waiting = merge(t.waiting, fresh)
	if more := int64(len(fresh)) - t.unread; more > 0 {
		m.addUnread(t, more)
		m.ledger.Accepted += more
		m.ledger.Spooled += more
	}
	m.addUnread(t, -int64(len(fresh)))
}

// Discard gives up an event of the last [Machine.Loaded] that is not fit to be sent.
func (m *Machine) Discard(e *Event, why error) {
	t := e.topic
	if t == nil {
		return // it was in memory already, or is needed no more
	}
	i, _ := slices.BinarySearchFunc(t.waiting, e, compareSeq)
	t.waiting = cutAt(t.waiting, i)
	m.lose(e, LossForeign, why)
}

// damaged notes that the disk cannot read what it had of a topic.
func (m *Machine) damaged(t *Topic) {
	for range t.unread {
		m.ledger.Spooled--
		m.count(Lose{Topic: t, Reason: LossDamaged})
	}
	m.addUnread(t, -t.unread)
}

// remove takes from disk what is not needed there any more, not after each event.
func (m *Machine) remove(t *Topic, now Time) {
	through := t.removable()
	switch {
	case through == 0 || t.op != idle || t.isLeft:
		return
	case m.hangs: // what it may do yet is not to be removed unseen
		t.isLeft = m.ending
		return
	case t.lowestStored() > 0 && len(t.gone) < 1000 && !m.ending:
		return
	case now < t.removeAt:
		m.alarms.set(t, t.removeAt)
		return
	}
	t.op = removing
	m.do(Remove{t, through})
}

// removable returns up to which Seq nothing is needed on disk, 0 if there is
// nothing.
func (t *Topic) removable() (through uint64) {
	if len(t.gone) == 0 {
		return 0
	}
	through = t.gone[len(t.gone)-1]
	if t.unread > 0 {
		through = min(through, t.first-1)
	}
	if low := t.lowestStored(); low > 0 {
		through = min(through, low-1)
	}
	if through < t.gone[0] {
		return 0
	}
	return through
}

// lowestStored returns the lowest Seq that is in memory and on disk, 0 if there is
// none.
func (t *Topic) lowestStored() (low uint64) {
	note := func(e *Event) {
		if e.onDisk && (low == 0 || e.Seq < low) {
			low = e.Seq
		}
	}
	first := func(events []*Event) {
		if i := slices.IndexFunc(events, func(e *Event) bool { return e.onDisk && e.past != hasLeft }); i >= 0 {
			note(events[i])
		}
	}
	first(t.waiting)
	if t.group != nil {
		first(t.group.Events)
	}
	for _, l := range t.letters {
		note(l.Event)
	}
	return low
}

// Removed answers a Remove.
func (m *Machine) Removed(r Remove, err error, now Time) {
	t := r.Topic
	t.op = idle
	m.noteHang(err)
	if err != nil {
		t.removeAt = now + diskBackoff
		t.isLeft = m.ending
	} else {
		i, _ := slices.BinarySearch(t.gone, r.Through+1)
		t.gone = t.gone[i:]
	}
	m.wake(t)
}
