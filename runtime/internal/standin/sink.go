// Package standin takes the place of Kafka in a publisher that delivers nothing: one
// that tests record from, or one that is switched off. It has no goroutine.
//
// It may import delivery, and nothing else beside the standard library.
package standin

import (
	"slices"
	"sync"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// NewPublisher returns an *onex.Publisher whose events go to s; cfg is an
// onex.Config. Package onex sets it: only it can make one, and no program is to see
// how.
var NewPublisher func(cfg any, s *Sink) (pub any, err error)

// Event is what would have been sent.
type Event struct {
	Topic      string
	Key, Value []byte
	Headers    []byte // as encode.Headers reads them
	Durable    bool
}

// Sink is where events go.
type Sink struct {
	// Take takes an event, or says why not. It is called by several goroutines at
	// once. With nil, nobody wants the events.
	Take func(Event) error

	mu                 sync.Mutex
	topics             map[string]*delivery.Topic
	accepted, rejected int64
}

// Topic returns the topic of a name.
func (s *Sink) Topic(name string) *delivery.Topic {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[name]
	if t == nil {
		t = &delivery.Topic{Name: name}
		if s.topics == nil {
			s.topics = map[string]*delivery.Topic{}
		}
		s.topics[name] = t
	}
	return t
}

// Topics returns the names of all topics that were asked for, sorted.
func (s *Sink) Topics() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.topics {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Accept gives an event to Take, and counts it if that takes it.
func (s *Sink) Accept(t *delivery.Topic, e *delivery.Event) error {
	if err := s.Take(Event{Topic: t.Name, Key: e.Key(), Value: e.Value(), Headers: e.Headers(), Durable: e.Durable}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted++
	return nil
}

// Reject counts an event that was refused.
func (s *Sink) Reject() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected++
}

// Counts returns how many events were accepted, and how many refused.
func (s *Sink) Counts() (accepted, rejected int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted, s.rejected
}
