package delivery

import "time"

// recordOverhead is what a record in a batch takes beyond key and value, at the
// most.
const recordOverhead = 64

// advance does all that can be done for a topic now.
func (m *Machine) advance(t *Topic, now Time) {
	m.bury(t, now)
	m.store(t, now)
	m.remove(t, now)
	m.send(t, now)
	m.load(t, now)
	if m.ending && !m.cfg.HasDisk {
		for _, e := range m.takeUnstored(t) {
			m.lose(e, LossClosed, nil)
		}
	}
}

// send gives the client the next group.
func (m *Machine) send(t *Topic, now Time) {
	if t.group != nil || t.forgetting || len(t.waiting) == 0 || m.cannotSend() {
		return
	}
	at := t.sendAt
	if t.burying != nil && t.refusals == 0 {
		at = max(at, t.burying.at+m.cfg.SpoolAfter) // its answer comes, and tells more
	}
	if now < at {
		m.alarms.set(t, at)
		return
	}
	n := m.groupOf(t)
	if n == 0 {
		return
	}
	g := &Group{Topic: t, Events: t.waiting[:n:n], client: m.client, at: now}
	if t.waiting = t.waiting[n:]; len(t.waiting) == 0 {
		t.waiting = nil
	}
	for _, e := range g.Events {
		if !e.onDisk {
			m.unlist(e)
		}
	}
	t.group = g
	m.isAsked(now)
	m.asked = append(m.asked, g)
	m.do(Send{g})
}

// groupOf returns how many of the waiting events the next group has.
func (m *Machine) groupOf(t *Topic) (n int) {
	barrier, limit, bytes := t.barrier(), m.cfg.GroupEvents, m.batch
	if t.proven != m.client {
		limit = 1
	}
	for n < min(limit, len(t.waiting)) {
		e := t.waiting[n]
		bytes -= e.size() + recordOverhead
		if e.Seq >= barrier || m.goesToDiskFirst(e) || bytes < 0 && n > 0 {
			break
		}
		n++
		if e.Seq <= t.alone {
			break
		}
	}
	return n
}

// goesToDiskFirst tells whether an event is not to be sent from memory. If the
// disk does not take it, that is better than not at all.
func (m *Machine) goesToDiskFirst(e *Event) bool {
	return !e.onDisk && m.cfg.HasDisk && (e.Durable || !m.diskFailed && (m.down || e.needsDisk()))
}

// Shorten is told that the client has taken only the first events of a group. The
// rest is as if it had not been sent.
func (m *Machine) Shorten(g *Group, taken int) {
	t := g.Topic
	rest := g.Events[taken:]
	g.Events = g.Events[:taken]
	if t.group == g {
		m.putBack(t, rest)
	}
}

// Answer answers a Send: what the client has said of each of the group's events.
// An answer of a client that has been ended, and of a group that has been
// answered for, changes nothing.
func (m *Machine) Answer(g *Group, answers []Answer, now Time) {
	t := g.Topic
	if t.group != g {
		return
	}
	t.group = nil
	m.isAnswered()
	var back []*Event
	var worst Answer
	for i, a := range answers {
		e := g.Events[i]
		switch {
		case e.past == hasLeft:
			continue
		case a.Verdict == Delivered:
			m.ledger.Delivered++
			m.arrive(e)
			continue
		}
		back = append(back, e)
		if worst.Verdict < a.Verdict {
			worst = a
		}
	}
	if len(back) < len(g.Events) {
		t.suffering, t.proved, t.failures, t.poisoned = false, true, 0, 0
		m.hasArrived(now)
	}
	t.proven = 0
	if len(back) == 0 {
		t.proven = g.client
	} else {
		m.judge(g, back, worst, now)
	}
	m.wake(t)
}

// Arrived is told that some events of a group have been delivered, while the
// others take longer. The group is yet to be answered for.
func (m *Machine) Arrived(g *Group, events []*Event, now Time) {
	if g.Topic.group != g {
		return
	}
	for _, e := range events {
		if e.past != hasLeft {
			m.ledger.Delivered++
			m.arrive(e)
		}
	}
	m.hasArrived(now)
}

// judge decides about the events of a group that have come back.
func (m *Machine) judge(g *Group, back []*Event, worst Answer, now Time) {
	t := g.Topic
	switch worst.Verdict {
	case RecordFault:
		if len(g.Events) == 1 {
			m.refuse(t, back[0], worst, now)
			return
		}
		t.alone = max(t.alone, back[len(back)-1].Seq)
	case ClientFault:
		if !m.blameClient(&t.poisoned, worst.Err, now) {
			m.pause(t, worst, topicBackoff, now)
		}
	case TopicFault:
		m.pause(t, worst, topicBackoff, now)
	case SenderFault:
		m.pause(t, worst, senderBackoff, now)
	default:
		if !m.renewing {
			t.failures++
			t.sendAt = now + m.backoff(firstBackoff/16, senderBackoff, t.failures)
		}
	}
	m.putBack(t, back)
}

// pause lets a topic rest to which nothing can be written now.
func (m *Machine) pause(t *Topic, a Answer, longest time.Duration, now Time) {
	t.suffering = true
	t.failures++
	wait := m.backoff(firstBackoff, longest, t.failures)
	t.sendAt = now + wait
	m.notice(Notice{What: NotePaused, Topic: t, For: wait, Err: a.Err})
	if a.Anew {
		t.forgetting = true // else the client goes on looking for the old one
		m.do(Forget{Topic: t})
	}
}

// Forgot answers a Forget.
func (m *Machine) Forgot(f Forget) {
	if f.Letters {
		f.Topic.forgettingLetters = false
	} else {
		f.Topic.forgetting = false
	}
	m.wake(f.Topic)
}
