package health

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a Monitor has to know.
type Config struct {
	// SpoolAfter is how long Kafka may not answer before that matters.
	SpoolAfter time.Duration

	// IsLetters tells whether a topic is one for dead letters: that it can be
	// written to says nothing about the others. Nil: none is.
	IsLetters func(topic string) bool

	// Elapsed is a monotonic clock; nil: the machine's. All durations are by it.
	Elapsed func() time.Duration

	// Now is for Snapshot.Since alone; nil: time.Now.
	Now func() time.Time

	// Closed is the error of a closed publisher.
	Closed error
}

// Snapshot is the health at one moment.
type Snapshot struct {
	Up     bool
	Cause  Cause            // "" if up
	Since  time.Time        // when Up or Cause changed last, by the wall clock
	Err    error            // nil if up
	Topics map[string]Cause // that suffer, whether up or not; nil if none does
	Change uint64           // how many changes there have been that somebody has to act on
}

// Monitor works out the health. What can be wrong at once has each its own
// evidence and its own end:
//
//   - no broker answers: the watch has asked all of them; until one does
//   - a broker answers where the client begins, and none at the addresses that
//     brokers give themselves: until one of those answers
//   - the client gets no producer id: until it has one
//   - a broker makes the publisher wait: until that is over, or it does not
//   - nothing that is with the client is acknowledged: until something is
//   - a topic suffers alone: until a record is acknowledged there
//   - all topics that are in use suffer: until one does not
//   - the spool's disk refuses what is written, or does not answer: until it takes
//     something
//
// A single broker that fails proves nothing, because others may lead its
// partitions soon; it only makes the watch ask. Whatever calls a Monitor holds its
// lock for a moment only.
type Monitor struct {
	cfg Config

	mu         sync.Mutex
	connection fault // why no broker answers
	advertised fault // why none does at its own address
	producerID fault
	throttle   throttle
	silence    fault
	silentAt   time.Duration
	disk       fault
	hang       fault
	topics     topics
	closed     bool

	trouble trouble // with a connection, since Kafka has acknowledged something

	ping     ping
	answered bool          // a broker has answered at some time
	clients  int           // how many have been retired
	born     time.Duration // when the present one was made

	now       composed // what all that comes to
	topicsNew bool
	since     time.Time
	changes   uint64

	suspicious chan struct{} // wakes the watch
	changed    chan struct{} // wakes who tells

	// What is noted for each request while all is well takes no lock.
	inUse     sync.Map     // topic → *use
	used      atomic.Int64 // how many those are, but for dead letters
	settled   atomic.Int64 // when Kafka acknowledged or refused a record last
	latency   atomic.Int64 // of the last answer to a produce request
	calm      atomic.Bool  // nothing is wrong that an acknowledgement would end
	disking   atomic.Pointer[diskCall]
	diskWell  atomic.Bool
	heard     atomic.Bool // a broker has answered since the last ping began
	heardNode atomic.Bool // at the address that brokers give themselves
}

// use is how a topic is used.
type use struct {
	letters bool         // for dead letters
	waits   atomic.Int64 // since when something of it is with the client; 0: nothing is
	well    atomic.Bool  // it has been written to last
}

func (m *Monitor) use(topic string) *use {
	if u, ok := m.inUse.Load(topic); ok {
		return u.(*use)
	}
	u := &use{letters: m.cfg.IsLetters(topic)}
	if was, is := m.inUse.LoadOrStore(topic, u); is {
		return was.(*use)
	}
	if !u.letters {
		m.used.Add(1)
	}
	return u
}

// elapsed is never 0.
func (m *Monitor) elapsed() time.Duration { return m.cfg.Elapsed() + 1 }

// fault is one thing that is wrong; the zero value is none.
type fault struct {
	cause Cause
	err   error
}

func (f fault) isNone() bool { return f.cause == "" && f.err == nil }

// composed is a health without what is costly to put into words.
type composed struct {
	cause Cause
	errs  []error
	all   bool // the errors lack that all topics suffer
}

var errConnecting = errors.New("no broker has answered yet")

// New returns a Monitor that has seen nothing yet.
func New(cfg Config) *Monitor {
	if cfg.Elapsed == nil {
		begun := time.Now()
		cfg.Elapsed = func() time.Duration { return time.Since(begun) }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.IsLetters == nil {
		cfg.IsLetters = func(string) bool { return false }
	}
	if cfg.Closed == nil {
		cfg.Closed = errors.New("closed")
	}
	m := &Monitor{
		cfg:        cfg,
		connection: fault{Connecting, errConnecting},
		suspicious: make(chan struct{}, 1),
		changed:    make(chan struct{}, 1),
		since:      cfg.Now(),
	}
	m.now = m.composeLocked()
	return m
}

// Snapshot returns the present health.
func (m *Monitor) Snapshot() Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Snapshot{Up: m.now.cause == "", Cause: m.now.cause, Since: m.since, Change: m.changes, Topics: m.topics.causes()}
	errs := m.now.errs
	if m.now.all {
		errs = append([]error{m.topics.err()}, errs...)
	}
	switch {
	case len(errs) == 1:
		s.Err = errs[0]
	case len(errs) > 1:
		s.Err = errors.Join(errs...)
	}
	return s
}

// Close makes the health that of a closed publisher, for good.
func (m *Monitor) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.recomposeLocked()
}

// recomposeLocked works out the health anew after something that it consists of.
// There may be thousands of topics that suffer, so it does not look at all of
// them.
func (m *Monitor) recomposeLocked() {
	old := m.now
	m.now = m.composeLocked()
	m.diskWell.Store(m.disk.isNone() && m.hang.isNone())
	m.calm.Store(!m.closed && m.connection.isNone() && m.producerID.isNone() && m.throttle.isNone() &&
		m.advertised.isNone() && m.silence.isNone() && m.trouble.isNone())
	if m.now.cause != old.cause {
		m.since = m.cfg.Now()
	}
	if m.now.cause != old.cause || m.topicsNew {
		m.topicsNew = false
		m.changes++
		wake(m.changed)
	}
}

func (m *Monitor) composeLocked() (c composed) {
	if m.closed {
		return composed{cause: Closed, errs: []error{m.cfg.Closed}}
	}
	// Without brokers the rest is history or a consequence; what is known for sure
	// comes before what is only inferred.
	all := m.topics.all(m.used.Load())
	connection, connecting := m.connection, fault{}
	if connection.cause == Connecting { // which everything says more than
		connection, connecting = fault{}, connection
	}
	for _, f := range []fault{connection, m.producerID, m.throttle.fault, m.advertised, {cause: all}, m.silence, connecting, m.disk, m.hang} {
		switch {
		case f.cause == "" && f.err == nil:
			continue
		case c.cause == "":
			c.cause = f.cause
			if f.err == nil {
				c.all = true // in the first place
				continue
			}
		case f.err == nil:
			continue // Topics tells it
		}
		c.errs = append(c.errs, f.err)
	}
	return c
}

// wake leaves a token in a channel that has room for one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// topics are those that suffer. Whatever is done with one costs the same however
// many there are, but for what is only asked for when the health changes.
type topics struct {
	suffer  map[string]fault
	count   map[Cause]int // of those
	letters int           // those for dead letters
}

// set notes what a topic suffers from, and tells whether that is new.
func (t *topics) set(name string, letters bool, f fault) (isNew bool) {
	if t.suffer == nil {
		t.suffer, t.count = map[string]fault{}, map[Cause]int{}
	}
	before := t.suffer[name].cause
	t.drop(name, letters)
	t.suffer[name] = f
	t.count[f.cause]++
	if letters {
		t.letters++
	}
	return before != f.cause
}

// drop notes that a topic suffers no longer, and tells whether it did.
func (t *topics) drop(name string, letters bool) (suffered bool) {
	f, suffered := t.suffer[name]
	if !suffered {
		return false
	}
	delete(t.suffer, name)
	if t.count[f.cause]--; t.count[f.cause] == 0 {
		delete(t.count, f.cause)
	}
	if letters {
		t.letters--
	}
	return true
}

// all returns what most topics suffer from, if all of those that are used suffer.
func (t *topics) all(used int64) (most Cause) {
	if used == 0 || int64(len(t.suffer)-t.letters) < used {
		return ""
	}
	return t.most()
}

func (t *topics) most() (most Cause) {
	for c, n := range t.count {
		if most == "" || n > t.count[most] || n == t.count[most] && c < most {
			most = c
		}
	}
	return most
}

// err puts into words that all topics suffer.
func (t *topics) err() error {
	most := t.most()
	var first error
	names := slices.Sorted(maps.Keys(t.suffer))
	for _, name := range names {
		if f := t.suffer[name]; f.cause == most && f.err != nil {
			first = f.err
			break
		}
	}
	return fmt.Errorf("no topic takes events: %s: %w", TopicsText(t.causes()), first)
}

func (t *topics) causes() map[string]Cause {
	if len(t.suffer) == 0 {
		return nil
	}
	causes := make(map[string]Cause, len(t.suffer))
	for name, f := range t.suffer {
		causes[name] = f.cause
	}
	return causes
}

// TopicsText says which topics suffer from what, and stays short: of each cause
// it names the first three topics and counts the others.
func TopicsText(topics map[string]Cause) string {
	const named = 3
	by := map[Cause][]string{}
	for name, c := range topics {
		by[c] = append(by[c], name)
	}
	var text []string
	for _, c := range slices.Sorted(maps.Keys(by)) {
		names := by[c]
		slices.Sort(names)
		rest := ""
		if n := len(names) - named; n > 0 {
			names, rest = names[:named], fmt.Sprintf(" and %d more", n)
		}
		text = append(text, fmt.Sprintf("%s: %s%s", c, strings.Join(names, ", "), rest))
	}
	return strings.Join(text, "; ")
}
