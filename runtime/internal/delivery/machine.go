package delivery

import (
	"errors"
	"math/rand/v2"
	"time"
)

// What Accept answers if it does not take an event.
var (
	ErrClosed = errors.New("the machine is closed")
	ErrFull   = errors.New("there is no room for the event")
)

// Time is a duration since the machine began.
type Time = time.Duration

// Config bounds a machine. All fields have to be set.
type Config struct {
	// What may be in memory and not on disk.
	MaxEvents int
	MaxBytes  int64

	// DropOldest: events that wait make room for others that are as important.
	DropOldest bool

	// What goes to the client at a time. A group bounds what comes back if one of
	// its events is refused. Its bytes fit into one batch; see [Machine.Batch].
	GroupEvents int

	// LoadEvents is how many events of all topics are to be in memory that are
	// on disk.
	LoadEvents int

	// HasDisk: there is one. NoLetters: there are no dead letters.
	HasDisk, NoLetters bool

	// SpoolAfter is how long Kafka may acknowledge nothing before events go to
	// disk.
	SpoolAfter time.Duration

	// Rand spreads the backoffs of many publishers.
	Rand *rand.Rand
}

// Ledger says what has become of the events.
//
//	Accepted == Delivered + DeadLettered + Spooled + InFlight + Lost
type Ledger struct{ Accepted, Delivered, DeadLettered, Spooled, InFlight, Lost int64 }

// Machine decides what becomes of all events. See the package's doc.
type Machine struct {
	cfg    Config
	ledger Ledger
	seq    uint64 // of the last event
	closed bool
	ending bool // nothing is given to the client any more

	topics  map[string]*Topic
	all     []*Topic // in the order in which they were made
	ready   []*Topic
	spare   []*Topic
	alarms  alarms
	effects []Effect

	held       tally // in memory and not on disk
	droppable  [ranks]queue
	flush      flushes
	unreported int // losses
	settled    bool
	broken     error // an invariant does not hold, which is said once

	operations  operations
	finished    []string           // operations, of which the disk is yet to be told
	finishing   []string           // of which it is being told
	unbegun     map[string]Confirm // of those, that have not begun after all, and what to say then
	finishAt    Time
	finishTries int // in vain, since the end

	onDisk     int  // topics with events there
	diskFailed bool // writing to it has failed last
	diskAt     Time // nothing is written before, but what has to be
	loadAt     Time // nothing is read before

	connection
}

// New returns a machine without topics.
func New(cfg Config) *Machine {
	return &Machine{cfg: cfg, topics: map[string]*Topic{}, operations: operations{}, unbegun: map[string]Confirm{}, connection: connection{client: 1, batch: 1 << 20}}
}

// Topic returns the topic of a name, which is made when it is first asked for.
func (m *Machine) Topic(name string) *Topic {
	t := m.topics[name]
	if t == nil {
		t = &Topic{Name: name}
		m.topics[name] = t
		m.all = append(m.all, t)
	}
	return t
}

// Topics returns all topics, in the order in which they were made.
func (m *Machine) Topics() []*Topic { return m.all }

// Ledger returns what has become of the events so far.
func (m *Machine) Ledger() Ledger { return m.ledger }

// Accept takes responsibility for an event, or says why not. The events that
// have to make room for it are lost.
func (m *Machine) Accept(t *Topic, e *Event) error {
	switch {
	case m.closed:
		return ErrClosed
	case !m.makeRoom(t, e):
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
	m.wake(t)
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

func (m *Machine) do(e Effect) { m.effects = append(m.effects, e) }

func (m *Machine) notice(n Notice) { m.do(n) }

// wake has a topic advanced at the next call of Next.
func (m *Machine) wake(t *Topic) {
	if !t.ready {
		t.ready = true
		m.ready = append(m.ready, t)
	}
}

func (m *Machine) wakeAll() {
	for _, t := range m.all {
		m.wake(t)
	}
}

// enter and leave count an event that is in memory and not on disk.

func (m *Machine) enter(e *Event) {
	m.ledger.InFlight++
	m.flush.enter(e.Seq)
	m.held.add(e)
	e.topic.held.add(e)
}

func (m *Machine) leave(e *Event) {
	m.ledger.InFlight--
	m.held.subtract(e)
	e.topic.held.subtract(e)
	if m.flush.leave(e.Seq) || m.ledger.InFlight+m.ledger.Spooled == 0 {
		m.settled = true
	}
}

// arrive takes an event out that has arrived.
func (m *Machine) arrive(e *Event) {
	m.finish(e)
	e.past = hasLeft
	if !e.onDisk {
		m.leave(e)
		return
	}
	m.ledger.Spooled--
	e.topic.isGone(e.Seq)
	if m.ledger.InFlight+m.ledger.Spooled == 0 {
		m.settled = true
	}
}

// lose gives an event up. It is in flight until that has been reported.
func (m *Machine) lose(e *Event, reason Loss, err error) {
	if e.onDisk {
		e.topic.isGone(e.Seq)
		m.unspool(e)
	}
	e.past = hasLeft
	m.unreported++
	m.do(Lose{Topic: e.topic, Event: e, Reason: reason, Err: err})
}

// count counts a loss at once.
func (m *Machine) count(l Lose) {
	m.ledger.Lost++
	m.unreported++
	l.counted = true
	m.do(l)
}

// Reported answers a Lose.
func (m *Machine) Reported(l Lose) {
	m.unreported--
	if !l.counted {
		m.ledger.Lost++
		m.leave(l.Event)
	}
	if m.unreported == 0 {
		m.settled = true
	}
}

// backoff is how long something is left in peace after so many failures in a
// row, at the longest. It is spread over a quarter, so that not everybody comes
// at once.
func (m *Machine) backoff(first, longest time.Duration, failures int) time.Duration {
	d := min(first<<min(failures-1, 16), longest)
	return d - time.Duration(m.cfg.Rand.Int64N(int64(d/4)))
}

func earliest(a, b Time) Time {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
