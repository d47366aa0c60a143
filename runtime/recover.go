package onex

import (
	"math/rand/v2"
	"time"
)

// rest is how long a topic or a client is left in peace after a failure: first
// after one, twice as long after each further one in a row, and no longer than
// longest.
type rest struct{ first, longest time.Duration }

var (
	topicRest  = rest{250 * time.Millisecond, 30 * time.Second}
	clientRest = rest{100 * time.Millisecond, 10 * time.Second}
)

func (r rest) after(failures int) time.Duration {
	d := min(r.first<<min(failures-1, 16), r.longest)
	return d - rand.N(d/4) // so that not everybody comes at once
}

// judge decides what becomes of the events that came back from the client,
// and returns whether one of them is with the client again. All of them come
// before whatever else the lane has.
func (d *dispatcher) judge(l *lane, failures []failure) bool {
	worst := failures[0]
	events := make([]*event, len(failures))
	for i, f := range failures {
		events[i] = f.event
		if judge(f.err) > judge(worst.err) {
			worst = f
		}
	}
	l.front = append(events, l.front...)
	switch judge(worst.err) {
	case unfit:
		if len(failures) == 1 {
			l.front = l.front[1:]
			d.deadLetter(l, worst)
			return true
		}
		// One of them is unfit. Alone, each shows whether it is.
		l.alone = max(l.alone, events[len(events)-1].seq)
	case suffering:
		d.monitor.observe(l.topic, worst.err)
		d.park(l, worst.err)
	case poisoned:
		d.monitor.observe(l.topic, worst.err)
		// What comes for one topic again, while others are written to, is not
		// the client's fault.
		if before := d.intake.poison(l); !before.IsZero() && d.producer.lastProgress().After(before) {
			d.park(l, worst.err)
			break
		}
		d.replaceClient("the Kafka client has failed and is replaced", worst.err)
	}
	return false
}

// park lets a topic rest that nothing can be written to now.
func (d *dispatcher) park(l *lane, err error) {
	if still := d.intake.park(l); !still {
		l.attempts = 0
	}
	l.attempts++
	again := topicRest.after(l.attempts)
	l.until = time.Now().Add(again)
	if isUnknown(err) {
		// Else the client would not notice a topic that was made anew.
		d.intake.purge(l, true)
		d.producer.forget(l.topic, func() { d.intake.purge(l, false) })
	}
	d.reporter.warn("Kafka takes no events for a topic", "topic", l.topic, "again_in", again, "error", err)
}

// poison notes that a client has failed with a topic's events, and returns when
// one last did, unless an event has been delivered there since.
func (in *intake) poison(l *lane) (before time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	before, l.poisoned = l.poisoned, time.Now()
	return before
}

// purge notes that the client is forgetting the lane's topic, or that it has.
func (in *intake) purge(l *lane, purging bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	l.purging = purging
	if !purging {
		in.wake(l)
	}
}

func (in *intake) isPurging(l *lane) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return l.purging
}

// replaceClient replaces the client, which gives back what it has, unless it
// has been replaced a moment ago.
func (d *dispatcher) replaceClient(why string, err error) {
	if time.Now().Before(d.rest) {
		return
	}
	if d.producer.lastProgress().After(d.replaced) {
		d.failed = 0
	}
	d.failed++
	d.replaced = time.Now()
	d.rest = d.replaced.Add(clientRest.after(d.failed))
	d.alarmAt(d.rest)
	d.reporter.warn(why, "error", err)
	if err := d.producer.replace(); err != nil {
		d.reporter.warn("a new Kafka client cannot be made", "error", err)
	}
}

// watch has a look at the progress after a while, as something is with the
// client now.
func (d *dispatcher) watch() {
	now := time.Now()
	if d.watched.IsZero() {
		d.watched = now
	}
	d.alarmAt(now.Add(d.cfg.SpoolAfter))
}

// checkProgress finds out whether Kafka answers. If it does not, what is only
// in memory goes to disk: what the client has it gives back when it is
// replaced.
func (d *dispatcher) checkProgress() {
	if d.spooler == nil {
		return
	}
	last := d.producer.lastProgress()
	if last.After(d.watched) {
		d.watched = last
		d.down = false
	}
	inMemory, inClient := d.intake.withClient()
	if !inClient {
		d.watched = time.Time{}
		return
	}
	quiet := time.Since(d.watched)
	if quiet < d.cfg.SpoolAfter {
		d.alarmAt(d.watched.Add(d.cfg.SpoolAfter))
		return
	}
	if !d.down {
		d.down = true
		d.reporter.warn("Kafka does not answer; events go to the spool", "for", quiet.Round(time.Millisecond))
	}
	// Where nothing can be written, the client would only have to begin anew. And
	// it has as much time to begin as it had to rest: else one that takes longer
	// than SpoolAfter would be replaced for ever.
	if inMemory && d.intake.canWrite() && time.Since(d.rest) >= d.rest.Sub(d.replaced) {
		d.replaceClient("the Kafka client is replaced to get back what it has", nil)
	}
	d.alarmAt(time.Now().Add(time.Second))
}

// withClient tells whether the client has events, and whether it has any that
// are in memory only.
func (in *intake) withClient() (inMemory, inClient bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, l := range in.lanes {
		if l.outstanding > 0 {
			inClient = true
			inMemory = inMemory || len(l.loaded) == 0
		}
	}
	return inMemory, inClient
}

// canWrite tells whether the spool has taken, as far as is known, what was last
// written to it.
func (in *intake) canWrite() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return !time.Now().Before(in.writeRests)
}
