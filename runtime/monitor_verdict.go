package onex

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// beginPing and explain stand around a ping; explain returns what is wrong if
// it has failed with err: a fault without cause if that says nothing, as when
// its client was retired meanwhile. The attempts to connect that the ping
// consists of know more than its error says.
func (m *monitor) beginPing() (clients int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.connect, m.heard = fault{}, false
	return m.clients
}

func (m *monitor) explain(clients int, err error) fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	cause, ok := causeOf(err)
	switch {
	case err != nil && (!ok || clients != m.clients):
		return fault{err: err}
	case m.connect.err != nil && errors.Is(m.connect.err, err):
		return m.connect
	case is[*kgo.ErrFirstReadEOF](err) && m.answered:
		return fault{CauseOther, err}
	case is[*kgo.ErrFirstReadEOF](err):
		return fault{CauseAuthentication, fmt.Errorf("the broker closed the connection instead of answering; it may want credentials: %w", err)}
	}
	return fault{cause, err}
}

// conclude takes what is wrong with all brokers. If one has been heard
// meanwhile, that is no longer so.
func (m *monitor) conclude(f fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case f.isNone():
		m.hear()
		m.unsuspect()
	case f.cause != "" && !m.heard:
		m.connection = f
		m.recompose()
	}
}

// unsuspect drops a suspicion that an answer has cleared up.
func (m *monitor) unsuspect() {
	select {
	case <-m.suspicious:
	default:
	}
}

// wasHeard tells whether a broker has answered since the last time.
func (m *monitor) wasHeard() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	heard := m.heard
	m.heard = false
	return heard
}
