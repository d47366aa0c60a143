package health

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// This file has what the client's answers and those of the disk tell.

// Sent is told that the client has been given records of a topic, and Answered
// that it has said of each what has become of it, and Kafka had a part in that.
func (m *Monitor) Sent(topic string) {
	m.use(topic).waits.CompareAndSwap(0, int64(m.elapsed()))
}

// Answered: see [Monitor.Sent].
func (m *Monitor) Answered(topic string) { m.use(topic).waits.Store(0) }

// Refused is told that Kafka has refused a record for its own sake, which is an
// answer, and nothing to worry about.
func (m *Monitor) Refused() {
	m.settled.Store(int64(m.elapsed()))
	if m.calm.Load() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silence, m.trouble = fault{}, trouble{}
	m.recomposeLocked()
}

// Failed is told that a record of a topic came back for another reason. An error
// that says nothing of why, such as the end of a client, changes nothing.
func (m *Monitor) Failed(topic string, err error) {
	c, ok := CauseOf(err)
	_, answered := errors.AsType[*kerr.Error](err)
	switch {
	case answered && !ok:
		c = Other
	case !ok, !answered && c != Other:
		return // the connection's fault, which the hooks see better
	}
	m.suffers(topic, fault{c, err})
}

// Stalled is told that a topic's records are not acknowledged, while others' are.
func (m *Monitor) Stalled(topic string) {
	m.suffers(topic, isStalled)
}

var isStalled = fault{Timeout, errors.New("no acknowledgement, while other topics get some")}

func (m *Monitor) suffers(topic string, f fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.use(topic)
	u.well.Store(false)
	m.topicsNew = m.topics.set(topic, u.letters, f) || m.topicsNew
	m.recomposeLocked()
}

// acknowledged is told that a node has acknowledged records of a topic.
func (m *Monitor) acknowledged(topic string, node int32) {
	m.settled.Store(int64(m.elapsed()))
	u := m.use(topic)
	if m.calm.Load() && u.well.Load() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	u.well.Store(true)
	m.topicsNew = m.topics.drop(topic, u.letters) || m.topicsNew
	m.advertised, m.producerID = fault{}, fault{}
	if !m.throttle.came(node) {
		m.throttle = throttle{}
	}
	m.silence, m.trouble = fault{}, trouble{}
	m.recomposeLocked()
}

// ProducerID is told how it went to get a producer id, without which nothing at
// all can be sent.
func (m *Monitor) ProducerID(err error) {
	c, ok := CauseOf(err)
	_, answered := errors.AsType[*kerr.Error](err)
	switch {
	case answered && !ok:
		c = Other
	case err != nil && !answered:
		return // the connection's fault, which the hooks see better
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.producerID = fault{}
	if err != nil {
		m.producerID = fault{c, fmt.Errorf("the brokers give no producer id: %w", err)}
	}
	m.recomposeLocked()
}

// NoClient is told that a new client cannot be made, which is tried again. It is
// over when one has its producer id.
func (m *Monitor) NoClient(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.producerID = fault{Other, fmt.Errorf("a new Kafka client cannot be made: %w", err)}
	m.recomposeLocked()
}

// Tick lets time pass: what lasts for too long shows, and what is over ends.
func (m *Monitor) Tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.elapsed()
	m.throttle.end(now)
	m.listenLocked(now)
	m.hang = fault{}
	if d := m.disking.Load(); d != nil && now-d.since > DiskHangs.after() {
		m.hang = fault{DiskHangs, fmt.Errorf("%s has taken longer than %v", d.what, DiskHangs.after())}
	}
	m.recomposeLocked()
}

// listenLocked finds out whether what is with the client has waited for too long.
func (m *Monitor) listenLocked(now time.Duration) {
	settled := time.Duration(m.settled.Load())
	if settled > m.silentAt {
		m.silence = fault{}
	}
	patience := max(m.cfg.SpoolAfter+Timeout.after(), m.slowLocked(settled))
	oldest, waits := now, false
	m.inUse.Range(func(name, value any) bool {
		topic, u := name.(string), value.(*use)
		since := time.Duration(u.waits.Load())
		if _, suffers := m.topics.suffer[topic]; since == 0 || suffers {
			return true
		}
		since = max(since, m.throttle.until) // before, the client could not send it
		oldest, waits = min(oldest, since), true
		if u.letters && settled > since && now-since > patience { // of others somebody else tells
			m.topicsNew = m.topics.set(topic, true, isStalled) || m.topicsNew
		}
		return true
	})
	quiet := now - max(oldest, settled)
	switch {
	case !waits:
		m.silence = fault{}
	case m.silence.isNone() && quiet < patience:
	case m.trouble.cause != "":
		m.silence, m.silentAt = m.trouble.fault, now
	case m.silence.isNone():
		m.silence, m.silentAt = fault{Timeout, fmt.Errorf("brokers have acknowledged nothing for %v", quiet.Round(time.Second))}, now
	}
}

// slowLocked returns how long brokers may take that are known to be slow, which is no
// news. A client that is new has several things to ask one after the other.
func (m *Monitor) slowLocked(settled time.Duration) time.Duration {
	latency := time.Duration(m.latency.Load())
	if settled < m.born {
		return 6 * latency
	}
	return 2 * latency
}

// diskCall is a call of the spool's that has not returned.
type diskCall struct {
	what  string
	since time.Duration
}

// Disk is told that the spool is asked for something, one thing at a time, and
// calls back how it went. That something was written shows that nothing is wrong.
func (m *Monitor) Disk(what string, writes bool) (end func(error)) {
	call := &diskCall{what, m.cfg.Elapsed()}
	m.disking.Store(call)
	return func(err error) {
		m.disking.CompareAndSwap(call, nil)
		if err == nil && m.diskWell.Load() {
			return
		}
		c, ok := causeOf(err, true)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.hang = fault{}
		switch {
		case err == nil && writes:
			m.disk = fault{}
		case err == nil:
		case c == DiskFull || c == DiskMissing:
			m.disk = fault{c, err}
		case ok:
			m.disk = fault{Other, fmt.Errorf("%s: %w", what, err)}
		}
		m.recomposeLocked()
	}
}
