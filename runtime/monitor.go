package onex

import (
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// monitor knows the publisher's health. Four things can be wrong at once, each
// with its own evidence and its own end:
//
//   - no broker answers: the watch has asked all of them; until one does
//   - brokers answer and acknowledge nothing: until they acknowledge a record
//   - one topic suffers alone: until a record is acknowledged there
//   - the spool's disk does not take what is written: until it does
//
// A single broker that fails proves nothing, because others may lead its
// partitions soon; it only makes the watch ask. The client's hooks and
// promises come here, so whatever they call holds the lock for a moment only
// and calls nothing of the user's.
type monitor struct {
	clock func() time.Time

	mu         sync.Mutex
	connection fault            // why no broker answers
	producing  fault            // why none acknowledges
	topics     map[string]Cause // why one topic suffers
	topicsNew  bool             // that has changed since health was composed
	spool      fault            // why the disk takes nothing
	throttle   throttle         // while producing is CauseThrottled
	closed     bool
	health     Health // what all that comes to; its Topics are those above
	changes    uint64 // how often health has changed for somebody who has to act

	answered  bool      // a broker has answered at some time
	heard     bool      // and since the watch looked here last
	connect   fault     // of the last attempt to connect to any broker
	clients   int       // how many have been retired
	settled   time.Time // when Kafka acknowledged or refused a record last
	unsettled time.Time // when the first request since then was sent; zero if there is none

	suspicious chan struct{} // wakes the watch
	changed    chan struct{} // wakes the teller
}

// fault is one thing that is wrong; the zero value is none.
type fault struct {
	cause Cause
	err   error
}

func (f fault) isNone() bool { return f.cause == "" && f.err == nil }

// stall is how long brokers may answer without acknowledging anything.
const stall = 5 * time.Second

var errConnecting = errors.New("no broker has answered yet")

func newMonitor(clock func() time.Time) *monitor {
	m := &monitor{
		clock:      clock,
		connection: fault{CauseConnecting, errConnecting},
		suspicious: make(chan struct{}, 1),
		changed:    make(chan struct{}, 1),
	}
	m.health = m.compose()
	m.health.Since = clock()
	return m
}

// snapshot returns the health, and how often it has changed so far.
func (m *monitor) snapshot() (h Health, changes uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h = m.health
	h.Topics = maps.Clone(h.Topics)
	return h, m.changes
}

// close makes the health that of a closed publisher, for good.
func (m *monitor) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.recompose()
}

// observe is told what has become of a record that was for topic.
func (m *monitor) observe(topic string, err error) {
	if err == nil {
		m.acknowledged(topic, nobody)
		return
	}
	cause, ok := causeOf(err)
	m.mu.Lock()
	defer m.mu.Unlock()
	if is[*kerr.Error](err) {
		m.settle()
	}
	switch {
	case !ok:
		return
	case cause == CauseAuthorization && !errors.Is(err, kerr.TopicAuthorizationFailed):
		m.producing = fault{cause, err}
	case cause == CauseAuthorization, cause == CauseTopicMissing, cause == CauseOther:
		m.suffers(topic, cause)
	default:
		return // the connection's fault, which the hooks see better
	}
	m.recompose()
}

// suffers notes why events do not get to a topic. It is called with the lock
// held.
func (m *monitor) suffers(topic string, cause Cause) {
	if m.topics == nil {
		m.topics = map[string]Cause{}
	}
	m.topicsNew = m.topicsNew || m.topics[topic] != cause
	m.topics[topic] = cause
}

// acknowledged is told that a node has acknowledged records of a topic.
func (m *monitor) acknowledged(topic string, node int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settle()
	_, suffered := m.topics[topic]
	if !suffered && m.producing.cause == "" {
		return
	}
	delete(m.topics, topic)
	m.topicsNew = m.topicsNew || suffered
	if !m.isThrottled(node) { // else the answer came with the order to wait
		m.producing = fault{}
	}
	m.recompose()
}

func (m *monitor) settle() { m.settled, m.unsettled = m.clock(), time.Time{} }

// disk is told how writing to the spool went.
func (m *monitor) disk(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if cause, ok := causeOf(err); ok {
		if cause != CauseDiskFull {
			cause = CauseOther
		}
		m.spool = fault{cause, err}
	} else if err == nil {
		m.spool = fault{}
	}
	m.recompose()
}

// recompose works out the health anew after something that it consists of. There
// may be thousands of topics that suffer, so it does not look at all of them.
func (m *monitor) recompose() {
	old, now := m.health, m.compose()
	now.Since = old.Since
	if now.Up != old.Up || now.Cause != old.Cause {
		now.Since = m.clock()
	}
	m.health = now
	if now.Up != old.Up || now.Cause != old.Cause || m.topicsNew {
		m.topicsNew = false
		m.changes++
		wake(m.changed)
	}
}

func (m *monitor) compose() Health {
	if m.closed {
		return Health{Cause: CauseClosed, Err: ErrClosed}
	}
	h := Health{Up: true}
	// Without brokers the rest is history or a consequence.
	for _, f := range []fault{m.connection, m.producing, m.spool} {
		if f.cause == "" {
			continue
		}
		if h.Up {
			h.Up, h.Cause, h.Err = false, f.cause, f.err
		} else {
			h.Err = errors.Join(h.Err, f.err)
		}
	}
	if len(m.topics) > 0 {
		h.Topics = m.topics
	}
	return h
}

// wake leaves a token in a channel that has room for one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
