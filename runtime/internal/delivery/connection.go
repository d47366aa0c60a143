package delivery

import (
	"slices"
	"time"
)

// How long a client is left in peace after a failure, and how long one may stay
// that says nothing. What it has is on disk by then, if there is one; another
// client only has to begin anew, but this one may be lost in a way of its own.
const (
	firstClientBackoff = 100 * time.Millisecond
	clientBackoff      = 10 * time.Second
	clientPatience     = 5 * time.Minute
)

// Batch is told how many bytes of records fit into one batch of the client, even
// if all have the same partition.
func (m *Machine) Batch(bytes int64) { m.batch = bytes }

func (m *Machine) cannotSend() bool { return m.renewing || m.ending }

func (m *Machine) isAsked(now Time) {
	if m.open++; m.open == 1 {
		m.since = now
	}
}

// isAnswered notes that a group or a dead letter has been answered for.
func (m *Machine) isAnswered() {
	m.open--
	for len(m.asked) > 0 && m.asked[0].Topic.group != m.asked[0] {
		m.unask()
	}
}

// unask forgets the first group that was asked for.
func (m *Machine) unask() {
	m.asked[0] = nil
	m.asked = m.asked[1:]
}

func (m *Machine) isStalled(g *Group) bool { return m.lastAck-g.at > m.cfg.SpoolAfter }

// hasArrived notes that Kafka has acknowledged something.
func (m *Machine) hasArrived(now Time) {
	m.lastAck, m.since = now, now
	m.renewals = 0
	if m.down {
		m.down = false
		m.wakeAll()
	}
}

// blameClient has the client replaced that has failed. If it fails with the same
// events again, while Kafka acknowledges others, it is not the client.
func (m *Machine) blameClient(before *Time, err error, now Time) bool {
	works := *before > 0 && m.lastAck > *before
	if *before = now; !works {
		m.renew(err)
	}
	return !works
}

func (m *Machine) renew(err error) {
	if !m.renewing && !m.ending {
		m.renewing, m.renewErr = true, err
	}
}

// checkClient finds out whether Kafka acknowledges anything, and which topics
// wait while others do not.
func (m *Machine) checkClient(now Time) {
	for len(m.asked) > 0 && m.isStalled(m.asked[0]) {
		if g := m.asked[0]; g.Topic.group == g {
			m.stall(g.Topic)
		}
		m.unask()
	}
	if !m.down && m.open > 0 && now-m.since >= m.cfg.SpoolAfter {
		m.down = true
		m.notice(Notice{What: NoteDown, For: now - m.since})
		m.wakeAll()
	}
	if m.open > 0 && now >= m.since+clientPatience {
		m.since = now
		m.renew(nil)
	}
	if m.renewing && !m.renewDone && !m.ending && now >= m.renewAt {
		m.renewDone = true
		m.renewals++
		m.renewAt = now + m.backoff(firstClientBackoff, clientBackoff, m.renewals)
		m.do(Renew{m.renewErr})
	}
}

// stall notes that a topic waits while others do not. What the client has stays
// with it: to get that back would cost the others their client.
func (m *Machine) stall(t *Topic) {
	if !t.suffering {
		t.suffering = true
		m.notice(Notice{What: NoteStalled, Topic: t})
		m.wake(t)
	}
}

// clientAlarm returns when checkClient has to be called again.
func (m *Machine) clientAlarm() (at Time) {
	if m.renewing && !m.renewDone && !m.ending {
		at = m.renewAt
	}
	if m.open > 0 {
		at = earliest(at, m.since+clientPatience)
	}
	if !m.down && m.open > 0 {
		at = earliest(at, m.since+m.cfg.SpoolAfter)
	}
	return at
}

// Renewed answers a Renew: whether there is another client. What the old one has
// not answered for comes back.
func (m *Machine) Renewed(err error, now Time) {
	m.renewDone = false
	m.recall(now)
	if err != nil {
		return // and it is tried again
	}
	m.client++
	m.renewing = false
	m.wakeAll()
}

// recall takes back what a client has that has been ended.
func (m *Machine) recall(now Time) {
	for _, t := range m.all {
		if g := t.group; g != nil {
			t.group, t.proven = nil, 0
			m.isAnswered()
			m.putBack(t, g.undelivered())
		}
		if t.burying != nil {
			t.burying = nil
			m.isAnswered()
		}
		if m.ending {
			m.withdrawLetters(t)
		}
		m.wake(t)
	}
	clear(m.asked)
	m.asked = m.asked[:0]
}

// undelivered returns the events of a group of which nothing is known.
func (g *Group) undelivered() []*Event {
	return slices.DeleteFunc(slices.Clone(g.Events), func(e *Event) bool { return e.past == hasLeft })
}

// withdrawLetters puts a topic's dead letters back among its events, at the end.
func (m *Machine) withdrawLetters(t *Topic) {
	for _, l := range t.letters {
		m.putBack(t, []*Event{l.Event})
	}
	t.letters = nil
}
