package delivery

import "fmt"

// refuse takes an event out of its topic that Kafka has refused, alone, for its
// own sake. Its neighbours go on.
func (m *Machine) refuse(t *Topic, e *Event, a Answer, now Time) {
	if m.cfg.NoLetters {
		m.lose(e, LossRefused, a.Err)
		return
	}
	t.letters = append(t.letters, Letter{Topic: t, Event: e, Err: a.Err, Partition: a.Partition, since: now})
}

// bury sends the first of a topic's dead letters, one at a time.
func (m *Machine) bury(t *Topic, now Time) {
	switch {
	case len(t.letters) == 0 || t.burying != nil || m.cannotSend() || t.forgettingLetters:
		return
	case now < t.buryAt:
		m.alarms.set(t, t.buryAt)
		return
	}
	l := t.letters[0]
	l.at = now
	t.burying = &l
	m.isAsked(now)
	m.do(Bury{t.burying})
}

// Buried answers a Bury. What becomes of a dead letter that cannot be written is
// as with a topic's events, but for a topic of dead letters that takes none for
// long: its letters must not fill the memory. Buried tells whether the event is
// dead-lettered now.
func (m *Machine) Buried(l *Letter, a Answer, now Time) bool {
	t := l.Topic
	if t.burying != l {
		return false
	}
	t.burying = nil
	m.isAnswered()
	m.wake(t)
	verdict := a.Verdict
	if verdict == ClientFault && !m.blameClient(&t.poisoned, a.Err, now) {
		verdict = TopicFault
	}
	switch {
	case verdict == Delivered:
		m.ledger.DeadLettered++
		m.arrive(l.Event)
		m.hasArrived(now)
		t.nextLetter()
		return true
	case verdict == RecordFault, verdict == TopicFault && now-l.since >= letterPatience:
		m.lose(l.Event, LossLetter, fmt.Errorf("%w, after: %w", a.Err, l.Err))
		t.nextLetter()
		return false
	case a.Anew:
		t.forgettingLetters = true
		m.do(Forget{Topic: t, Letters: true})
	}
	if !m.renewing {
		t.refusals++
		t.buryAt = now + m.backoff(firstBackoff, senderBackoff, t.refusals)
	}
	return false
}

func (t *Topic) nextLetter() {
	t.letters = t.letters[1:]
	t.refusals, t.buryAt = 0, 0
}
