package health

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// This file has what the client's answers and those of the disk tell.

// Sent is told that the client has been given records of a topic.
func (m *Monitor) Sent(topic string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, already := m.waiting[topic]; !already {
		m.waiting[topic] = m.cfg.Elapsed()
	}
}

// Failed is told that records of a topic came back. An error that says nothing
// of why, such as the end of a client, changes nothing: they wait still.
func (m *Monitor) Failed(topic string, err error) {
	c, ok := CauseOf(err)
	m.mu.Lock()
	defer m.mu.Unlock()
	if isAny(err, ownSake...) {
		m.settleLocked(topic)
		m.recomposeLocked()
		return
	}
	if !ok {
		return
	}
	if _, answered := errors.AsType[*kerr.Error](err); !answered && c != Other || c == Authentication {
		return // the connection's fault, which the hooks see better
	}
	delete(m.waiting, topic)
	m.topicsNew = m.topics.set(topic, fault{c, err}) || m.topicsNew
	m.recomposeLocked()
}

// Stalled is told that a topic's records are not acknowledged, while others' are.
func (m *Monitor) Stalled(topic string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.topicsNew = m.topics.set(topic, fault{Timeout, errors.New("no acknowledgement, while other topics get some")}) || m.topicsNew
	m.recomposeLocked()
}

// Acknowledged is told that Kafka has acknowledged records of a topic.
func (m *Monitor) Acknowledged(topic string) { m.acknowledged(topic, nobody) }

func (m *Monitor) acknowledged(topic string, node int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settleLocked(topic)
	if m.cfg.IsLetters(topic) {
		m.topicsNew = m.topics.drop(topic) || m.topicsNew
	} else {
		m.topicsNew = m.topics.set(topic, fault{}) || m.topicsNew
	}
	m.advertised, m.producerID = fault{}, fault{}
	if !m.throttle.came(node) {
		m.throttle = throttle{}
	}
	m.recomposeLocked()
}

// settleLocked notes that Kafka has said something of a topic's records.
func (m *Monitor) settleLocked(topic string) {
	m.settled = m.cfg.Elapsed()
	delete(m.waiting, topic)
	m.silence, m.trouble = fault{}, trouble{}
}

// ProducerID is told how it went to get a producer id, without which nothing at
// all can be sent.
func (m *Monitor) ProducerID(err error) {
	c, ok := CauseOf(err)
	m.mu.Lock()
	defer m.mu.Unlock()
	_, answered := errors.AsType[*kerr.Error](err)
	switch {
	case err == nil:
		m.producerID = fault{}
	case ok && answered:
		m.producerID = fault{c, fmt.Errorf("the brokers give no producer id: %w", err)}
	default:
		return // the connection's fault, which the hooks see better
	}
	m.recomposeLocked()
}

// Tick lets time pass: what lasts for too long shows, and what is over ends.
func (m *Monitor) Tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.cfg.Elapsed()
	m.throttle.end(now)
	m.listenLocked(now)
	m.hang = fault{}
	for _, d := range m.disks {
		if waited := now - d.since; waited > DiskHangs.after() {
			m.hang = fault{DiskHangs, fmt.Errorf("%s has taken longer than %v", d.what, DiskHangs.after())}
			break
		}
	}
	m.recomposeLocked()
}

// listenLocked finds out whether what is with the client has waited for too long.
func (m *Monitor) listenLocked(now time.Duration) {
	oldest, is := now, false
	for topic, since := range m.waiting {
		if _, suffers := m.topics.suffer[topic]; !suffers {
			oldest, is = min(oldest, since), true
		}
	}
	quiet := now - max(oldest, m.settled)
	switch {
	case !is:
		m.silence = fault{}
	case m.silence.isNone() && quiet < max(m.cfg.SpoolAfter+Timeout.after(), 2*m.latency):
		return // brokers that are known to be slow are no news
	case m.trouble.cause != "":
		m.silence = m.trouble.fault
	case m.silence.isNone():
		m.silence = fault{Timeout, fmt.Errorf("brokers have acknowledged nothing for %v", quiet.Round(time.Second))}
	}
}

// diskCall is a call of the spool's that has not returned.
type diskCall struct {
	what  string
	since time.Duration
}

// Disk is told that the spool is asked for something, and calls back how it
// went.
func (m *Monitor) Disk(what string) (end func(error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastDisk++
	id := m.lastDisk
	m.disks[id] = diskCall{what, m.cfg.Elapsed()}
	return func(err error) {
		c, ok := causeOf(err, true)
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.disks, id)
		if len(m.disks) == 0 || err == nil {
			m.hang = fault{}
		}
		switch {
		case err == nil:
			m.disk = fault{}
		case c == DiskFull || c == DiskMissing:
			m.disk = fault{c, err}
		case ok:
			m.disk = fault{Other, fmt.Errorf("%s: %w", what, err)}
		}
		m.recomposeLocked()
	}
}
