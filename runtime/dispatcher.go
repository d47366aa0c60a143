package onex

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// How much goes to the client at a time. A group bounds what comes back if one
// of its events is refused; the loaded events bound the memory that a spool of
// many topics takes.
const (
	groupEvents  = 2000
	loadedEvents = 5000
)

// dispatcher brings events from the intake to the client, lane by lane, and
// takes back what the client could not deliver. It is one goroutine, which
// never waits for Kafka or the disk.
type dispatcher struct {
	cfg      Config
	intake   *intake
	producer *producer
	spooler  *spooler // nil without a spool
	reporter *reporter
	monitor  *monitor

	sent     bool      // the client waits to be told to send something
	telling  pace      // and may be told; it looks at all partitions then
	alarm    time.Time // when to look at all lanes again
	around   pace      // and may be looked at
	rest     time.Time // nothing goes to the client before
	failed   int       // clients that failed in a row
	replaced time.Time // when the client was last replaced
	watched  time.Time // since when Kafka has had something to answer
	down     bool      // Kafka has not answered for a while; see checkProgress
	ending   chan struct{}
	isEnding bool
	ended    chan struct{}
}

// run brings events on their way until the end.
func (d *dispatcher) run() {
	defer close(d.ended)
	d.telling.longest, d.around.longest = linger, time.Second
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var lanes []*lane
	for {
		around := false
		timer.Reset(d.untilNext())
		select {
		case <-d.intake.woken:
		case <-timer.C:
			around = d.lookAround()
		case <-d.ending:
			d.end()
			return
		}
		begun := time.Now()
		lanes = d.intake.takeReady(lanes)
		for _, l := range lanes {
			d.look(l)
		}
		clear(lanes)
		if around {
			d.around.took(begun, time.Now())
		}
		if !d.kick() {
			d.end()
			return
		}
	}
}

// untilNext returns how long the dispatcher may sleep if nobody wakes it.
func (d *dispatcher) untilNext() time.Duration {
	next := time.Hour
	if !d.alarm.IsZero() {
		next = max(time.Until(d.alarm), time.Until(d.around.next))
	}
	return max(0, next)
}

// lookAround makes all lanes ready to be looked at, if it is time for that.
func (d *dispatcher) lookAround() bool {
	if now := time.Now(); d.alarm.IsZero() || now.Before(d.alarm) || !d.around.isDue(now) {
		return false
	}
	d.alarm = time.Time{}
	d.checkProgress()
	d.checkStalls()
	d.intake.wakeAll()
	return true
}

// kick tells the client to send what it has been given. Then it waits until that
// may be done again, because what the client is given it has to be told of at once
// (see producer.kick); or until the end, which it returns.
func (d *dispatcher) kick() (goOn bool) {
	if !d.sent {
		return true
	}
	d.sent = false
	begun := time.Now()
	d.producer.kick()
	now := time.Now()
	d.telling.took(begun, now)
	if d.telling.isDue(now) {
		return true
	}
	select {
	case <-time.After(d.telling.next.Sub(now)):
		return true
	case <-d.ending:
		return false
	}
}

// alarmAt makes the dispatcher look at all lanes at t, or before.
func (d *dispatcher) alarmAt(t time.Time) {
	if d.alarm.IsZero() || t.Before(d.alarm) {
		d.alarm = t
	}
}

// look brings a lane as far as it can get now.
func (d *dispatcher) look(l *lane) {
	failures, outstanding := d.intake.takeFailures(l)
	if outstanding > 0 {
		d.spill(l, true)
		return
	}
	if len(failures) > 0 {
		if d.judge(l, failures) { // something is with the client again
			d.spill(l, true)
			return
		}
	}
	if d.intake.takeReturned(l) {
		return // the lane is ready when that has ended
	}
	if d.resting(l) {
		d.spill(l, true)
		return
	}
	if len(l.front) == 0 {
		d.fill(l)
	}
	if len(l.front) > 0 {
		d.send(l)
	}
	d.spill(l, true)
}

// resting tells whether nothing may go to the client now.
func (d *dispatcher) resting(l *lane) bool {
	now := time.Now()
	until := d.rest
	if l.until.After(until) {
		until = l.until
	}
	if now.Before(until) {
		d.alarmAt(until)
		return true
	}
	return d.intake.isPurging(l) // the lane is ready when that has ended
}

// fill makes a front of what comes next: from disk, or from memory.
func (d *dispatcher) fill(l *lane) {
	if d.spooler == nil {
		l.front = d.intake.takePending(l, groupEvents)
		return
	}
	if l.removing > 0 { // nothing of it is on its way any more
		d.spooler.do(job{lane: l, remove: l.removing})
		l.removing = 0
	}
	d.spill(l, false)
	events, more := d.nextFromDisk(l)
	switch {
	case len(events) > 0:
		l.front = events
		l.removing = events[len(events)-1].seq
	case !more && !d.down:
		l.front = d.intake.takePending(l, groupEvents)
	}
}

// send gives the client the next group of the front.
func (d *dispatcher) send(l *lane) {
	group := l.front[:d.groupOf(l)]
	d.intake.group(l, len(group))
	begun := time.Now()
	d.producer.gate.close()
	for i, e := range group {
		now := time.Now()
		if i > 0 && now.Sub(begun) > linger/2 {
			// The client begins to send without being told to, and its answers wait.
			d.intake.shorten(l, len(group)-i)
			group = group[:i]
			break
		}
		d.producer.produce(l.topic, e, now, d.intake.extraOf(e).ctx, d.answer(l, e))
	}
	d.producer.gate.open()
	if l.front = l.front[len(group):]; len(l.front) == 0 {
		l.front = nil
	}
	d.sent = true
	d.watch()
}

// groupOf returns how many events the next group has: so many as fit into one
// batch even if all have the same partition.
func (d *dispatcher) groupOf(l *lane) int {
	if l.front[0].seq <= l.alone {
		return 1
	}
	room := d.producer.room()
	for i, e := range l.front[:min(len(l.front), groupEvents)] {
		if room -= e.size() + recordOverhead; room < 0 {
			return max(i, 1)
		}
	}
	return min(len(l.front), groupEvents)
}

// answer returns what is to be done when the client has said what has become
// of an event. It runs on the client's goroutine, which must not wait.
func (d *dispatcher) answer(l *lane, e *event) func(*kgo.Record, error) {
	return func(rec *kgo.Record, err error) {
		if err != nil {
			d.intake.failed(l, e, err)
			return
		}
		now := time.Now()
		d.producer.progress(now)
		d.finish(e)
		if d.reporter.debugs(now) {
			d.reporter.put(report{lane: l, event: e, record: rec})
			return
		}
		d.intake.delivered(l, e)
	}
}

// finish notes in the spool that an operation has ended whose last event has
// arrived and did not go through it.
func (d *dispatcher) finish(e *event) {
	if d.spooler == nil || !e.extra || e.onDisk {
		return
	}
	if ends := d.intake.extraOf(e).ends; ends != "" {
		d.spooler.do(job{finish: ends})
	}
}

// removeDelivered removes from disk what has been delivered of that which has
// been read: up to the first event that came back.
func (d *dispatcher) removeDelivered(l *lane) {
	through := l.removing
	for _, e := range l.front {
		through = min(through, e.seq-1)
	}
	if through > 0 {
		d.spooler.do(job{lane: l, remove: through})
	}
}

// end takes back what the client has not delivered, and what is not on disk
// goes there; where it cannot, it is lost.
func (d *dispatcher) end() {
	d.isEnding = true
	d.producer.close()
	in := d.intake
	in.waitFor(func(l *lane) bool { return l.outstanding == 0 && !l.writing })
	lanes := in.end()
	for _, l := range lanes {
		failures, _ := in.takeFailures(l)
		events := make([]*event, len(failures))
		for i, f := range failures {
			events[i] = f.event
		}
		in.takeReturned(l)
		l.front = append(events, l.front...)
		d.removeDelivered(l)
		l.front = append(l.front, in.takeRead(l)...)
		in.putBack(l, l.front)
		l.front = nil
		d.spill(l, false)
	}
	in.waitFor(func(l *lane) bool { return !l.writing })
	for _, l := range lanes {
		for _, e := range in.takeAll(l) {
			d.reporter.put(report{lane: l, event: e, reason: LossClosed, err: errClosedBefore})
		}
	}
}
