package delivery

import "errors"

// What Accept answers if it does not take an event.
var (
	ErrClosed = errors.New("the machine is closed")
	ErrFull   = errors.New("there is no room for the event")
	ErrLarge  = errors.New("there is never room for the event while its topic cannot be written to")
)

// Accept takes responsibility for an event, or says why not. The events that
// have to make room for it are lost.
func (m *Machine) Accept(t *Topic, e *Event) error {
	switch {
	case m.closed:
		return ErrClosed
	case !m.makeRoom(t, e):
		if m.hasItsShare(t, tally{}, e) {
			return ErrLarge
		}
		return ErrFull
	}
	m.Admit(t, e)
	return nil
}

// Admit is [Machine.Accept] without bounds, for what has been accepted before.
func (m *Machine) Admit(t *Topic, e *Event) {
	m.seq++
	e.Seq, e.topic = m.seq, t
	m.ledger.Accepted++
	m.enter(e)
	if e.Extra != nil {
		m.operations.link(e.Extra)
	}
	t.waiting = append(t.waiting, e)
	m.list(e, nil)
	if t.group == nil || m.cfg.HasDisk && m.wantsDisk(t) {
		m.wake(t) // else the answers will
	}
}

// HasWork tells whether there is something that does not wait for the time that
// Next has said.
func (m *Machine) HasWork() bool {
	return len(m.ready)+len(m.effects) > 0 || m.renewing && !m.renewDone && !m.ending ||
		len(m.finished) > 0 && m.finishing == nil || len(m.asked) > 0 && m.isStalled(m.asked[0])
}

// Begin says which Seq was the last that any event ever had, on disk.
func (m *Machine) Begin(last uint64) { m.seq = max(m.seq, last) }

// Inherit counts what an earlier process has left of a topic on disk.
func (m *Machine) Inherit(t *Topic, events int64, first uint64) {
	m.addUnread(t, events)
	t.first = first
	m.ledger.Accepted += events
	m.ledger.Spooled += events
	m.wake(t)
}

// Flush returns the last Seq, for [Machine.IsFlushed].
func (m *Machine) Flush() (seq uint64) {
	m.flush.begin(m.seq)
	return m.seq
}

// IsFlushed tells whether none of the events up to seq is in flight.
func (m *Machine) IsFlushed(seq uint64) bool { return m.flush.done(seq) }

// Settled tells whether something has ended since it was last asked that
// somebody may wait for: a flush, all deliveries, all reports, or the end.
func (m *Machine) Settled() bool {
	settled := m.settled || m.ending
	m.settled = false
	return settled
}

// Close refuses further events.
func (m *Machine) Close() { m.closed = true }

// End is told that the client has been ended for good. What is in memory only
// goes to disk, or is lost.
func (m *Machine) End(now Time) {
	m.closed, m.ending = true, true
	m.recall(now)
	m.wakeAll()
}

// IsDone tells whether nothing is under way any more, and nothing left to be
// done after [Machine.End].
func (m *Machine) IsDone() bool {
	if m.ledger.InFlight > 0 || m.unreported > 0 || len(m.finishing)+len(m.finished) > 0 {
		return false
	}
	for _, t := range m.all {
		if t.op != idle || t.removable() > 0 && !t.isLeft {
			return false
		}
	}
	return true
}

// Next returns what is to be done now, and when to ask again if nothing
// happens before; 0 if there is nothing to wait for. The effects are valid until
// the next call.
func (m *Machine) Next(now Time) (effects []Effect, again Time) {
	if m.broken == nil {
		if m.broken = m.holds(); m.broken != nil {
			m.notice(Notice{What: NoteBroken, Err: m.broken})
		}
	}
	m.checkClient(now)
	m.alarms.ring(now, m.wake)
	m.finishOperations(now)
	for len(m.ready) > 0 {
		m.ready, m.spare = m.spare[:0], m.ready
		for _, t := range m.spare {
			t.ready = false
			m.advance(t, now)
		}
	}
	again = m.alarms.first()
	again = earliest(again, m.clientAlarm())
	if len(m.finished) > 0 && m.finishing == nil {
		again = earliest(again, m.finishAt)
	}
	effects, m.effects = m.effects, nil
	return effects, again
}
