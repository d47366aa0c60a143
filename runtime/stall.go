package onex

import "time"

// A client goes on trying by itself where it may help, as when a topic has too
// few replicas, and says nothing meanwhile. A topic that waits alone for so long
// that its events should be on disk is treated as one that suffers: its health
// says so, further events go to the spool, and it cannot take all of the room. What the
// client has stays with it, because to get that back would cost the others their
// client.

// checkStalls finds such topics, and looks again as long as anything is with
// the client.
func (d *dispatcher) checkStalls() {
	stalled, waiting := d.intake.takeStalled(d.producer.lastProgress(), d.cfg.SpoolAfter)
	for _, l := range stalled {
		l.attempts = 0
		d.monitor.stalled(l.topic)
		d.reporter.warn("Kafka acknowledges no events for a topic, while it does for others", "topic", l.topic)
	}
	if waiting {
		d.alarmAt(time.Now().Add(d.cfg.SpoolAfter / 4))
	}
}

// takeStalled parks the lanes that have waited alone for too long, and returns
// them; waiting says that others may come to that. last is when Kafka last
// acknowledged an event.
func (in *intake) takeStalled(last time.Time, tooLong time.Duration) (stalled []*lane, waiting bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	now := time.Now()
	for _, l := range in.lanes {
		switch {
		case l.outstanding == 0 || l.parked:
			continue
		case !last.After(l.asked): // all topics wait alike
		case l.passed.IsZero():
			l.passed = now
		case last.After(l.passed) && now.Sub(l.passed) > tooLong:
			l.parked = true
			stalled = append(stalled, l)
			continue
		}
		waiting = true
	}
	return stalled, waiting
}

// ask notes that a lane begins to wait for an acknowledgement. It is called with
// the lock held.
func (l *lane) ask() { l.asked, l.passed = time.Now(), time.Time{} }

// stalled is told that a topic's events are not acknowledged, while others' are.
func (m *monitor) stalled(topic string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.suffers(topic, CauseTimeout)
	m.recompose()
}
