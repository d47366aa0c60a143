package delivery

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// This file has all that the machine knows, and the few ways in which that changes.

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

// Losses counts lost events by the reason.
type Losses [losses]int64

// Machine decides what becomes of all events. See the package's doc.
type Machine struct {
	cfg    Config
	ledger Ledger
	lost   Losses
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
	hangs      bool // the disk has something to do yet that was answered with ErrHangs
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

// Lost returns how many events were lost for which reason. Together they are
// Ledger.Lost.
func (m *Machine) Lost() Losses { return m.lost }

// connection is what the machine knows of the Kafka client, and of Kafka by what
// it acknowledges.
type connection struct {
	client    int   // which one it is, from 1
	batch     int64 // bytes of records that fit into one batch
	renewing  bool  // it is to be replaced, or is being
	renewDone bool  // that has been told
	renewErr  error
	renewAt   Time // not before
	renewals  int  // in a row, with nothing delivered

	open    int      // groups and dead letters with the client
	asked   []*Group // in the order in which they were sent, some of which are answered for
	since   Time     // Kafka has had something to acknowledge, and has not
	lastAck Time
	down    bool // Kafka acknowledges nothing
}

// Topic is the way of one topic's events to Kafka.
type Topic struct {
	Name string

	// Attached is the owner's; the machine does not look at it.
	Attached any

	ready bool // to be advanced
	alarm Time // when it will be, at the latest; 0 for never

	waiting   []*Event // in memory and with nobody, by Seq
	unstored  int      // of those, not on disk
	needsDisk int      // of those, that have to go there
	held      tally    // in memory and not on disk, wherever they are
	droppable [ranks]tally

	group     *Group   // with the client
	proven    int      // the client that has delivered the last group whole
	alone     uint64   // up to this Seq, events are sent one by one
	letters   []Letter // events that Kafka has refused for their own sake
	burying   *Letter  // the first of those, while it is with the client
	refusals  int      // of the first of those, in a row
	buryAt    Time     // and nothing is tried before
	proved    bool     // an event has been delivered
	suffering bool     // nothing can be written to it, as far as is known
	failures  int      // in a row
	sendAt    Time     // nothing is sent before
	poisoned  Time     // when a client last failed with its events, and with none since

	forgetting, forgettingLetters bool // the client is

	op       operation
	writing  []*Event // to disk, and out of memory then; by Seq
	copying  []*Event // to disk, and somewhere in memory all the same
	late     []*Event // of both, those that are on disk already; see Machine.Awake
	unread   int64    // on disk and not in memory
	first    uint64   // none of those is lower
	gone     []uint64 // on disk, and not needed there any more; sorted
	removeAt Time     // nothing is removed before
	isLeft   bool     // and nothing any more: the next process delivers it again
}

// Waiting and WithClient return how many events of a topic are in memory and with
// nobody, and how many are with the client.

func (t *Topic) Waiting() int { return len(t.waiting) }

func (t *Topic) WithClient() (n int) {
	if t.group != nil {
		n = len(t.group.Events)
	}
	if t.burying != nil {
		n++
	}
	return n
}

// isEmpty tells whether there is nothing that could be done for a topic, whatever
// happens.
func (t *Topic) isEmpty() bool {
	return len(t.waiting)+len(t.letters)+len(t.gone) == 0 && t.unread == 0 && t.group == nil
}

// operation is what the disk is doing for a topic: one thing at a time.
type operation uint8

const (
	idle operation = iota
	storing
	loading
	removing
)

// How long a topic is left in peace after a failure, and how long its dead
// letters may be refused.
const (
	firstBackoff   = 250 * time.Millisecond
	topicBackoff   = 30 * time.Second
	senderBackoff  = 5 * time.Second
	letterPatience = 5 * time.Second
)

// diskBackoff is how long a disk is left in peace after it has failed; only what
// has to be there is tried even so.
const diskBackoff = time.Second

// barrier is the lowest Seq that is not in memory.
func (t *Topic) barrier() uint64 {
	barrier := uint64(math.MaxUint64)
	if t.unread > 0 {
		barrier = t.first
	}
	if len(t.writing) > 0 {
		barrier = min(barrier, t.writing[0].Seq)
	}
	return barrier
}

// isGone notes that an event is not needed on disk any more.
func (t *Topic) isGone(seq uint64) {
	i, found := slices.BinarySearch(t.gone, seq)
	if !found {
		t.gone = slices.Insert(t.gone, i, seq)
	}
}

// find returns the event of a Seq if it is in memory.
func (t *Topic) find(seq uint64) *Event {
	of := func(events []*Event) *Event {
		i, found := slices.BinarySearchFunc(events, &Event{Seq: seq}, compareSeq)
		if !found {
			return nil
		}
		return events[i]
	}
	if e := of(t.waiting); e != nil {
		return e
	}
	if t.group != nil {
		if e := of(t.group.Events); e != nil && e.past != hasLeft {
			return e
		}
	}
	for _, l := range t.letters {
		if l.Event.Seq == seq {
			return l.Event
		}
	}
	return nil
}

func (m *Machine) do(e Effect) { m.effects = append(m.effects, e) }

func (m *Machine) notice(n Notice) { m.do(n) }

// wake has a topic advanced at the next call of Next, if it has anything.
func (m *Machine) wake(t *Topic) {
	if !t.ready && !t.isEmpty() {
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

// unspool makes an event one that is in memory only. The disk does not know its
// rank, so it makes room last.
func (m *Machine) unspool(e *Event) {
	m.ledger.Spooled--
	e.onDisk, e.Rank = false, RankEnded
	m.enter(e)
}

// count counts a loss at once.
func (m *Machine) count(l Lose) {
	m.isLost(l)
	m.unreported++
	l.counted = true
	m.do(l)
}

func (m *Machine) isLost(l Lose) {
	m.ledger.Lost++
	m.lost[l.Reason]++
}

// Reported answers a Lose.
func (m *Machine) Reported(l Lose) {
	m.unreported--
	if !l.counted {
		m.isLost(l)
		m.leave(l.Event)
	}
	if m.unreported == 0 {
		m.settled = true
	}
}

// holds says what is wrong if the ledger does not add up. It is cheap, and asked
// with every Next.
func (m *Machine) holds() error {
	g := m.ledger
	switch {
	case g.Accepted != g.Delivered+g.DeadLettered+g.Spooled+g.InFlight+g.Lost:
		return fmt.Errorf("the ledger does not add up: %+v", g)
	case g.InFlight != int64(m.held.events) || m.open < 0 || m.held.bytes < 0:
		return fmt.Errorf("%d events are in flight, of which %d are held, with %d bytes, and %d sent", g.InFlight, m.held.events, m.held.bytes, m.open)
	}
	return nil
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

// ErrHangs answers what the disk was asked for and has not done in time. It may
// do it yet; [Machine.Awake] says how that ended.
var ErrHangs = errors.New("the disk does not answer")

func (m *Machine) noteHang(err error) { m.hangs = m.hangs || errors.Is(err, ErrHangs) }
