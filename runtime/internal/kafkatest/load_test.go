//go:build kafka

package kafkatest_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// load remembers which events were published. An event's id has its number,
// which grows in the order in which events are accepted.
type load struct {
	t      testing.TB
	mark   [4]byte // begins the ids
	mu     sync.Mutex
	events []published
	names  []string // of topics and keys
	index  map[string]uint32
	losses []onex.Loss
}

// published is what is known of an event that a publisher was given.
type published struct {
	topic, key uint32 // in names
	accepted   bool
}

func newLoad(t testing.TB) *load {
	l := &load{t: t, index: map[string]uint32{}}
	id := uuid.New()
	copy(l.mark[:], id[:])
	return l
}

// publish publishes one event by f, which tells what became of that. Only one
// does so at a time, so that the order is known.
func (l *load) publish(topic, key string, f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	number := len(l.events)
	err := f()
	if err == nil && len(l.events) != number+1 {
		l.t.Fatalf("%d ids were drawn for one event", len(l.events)-number)
	}
	if err == nil {
		l.events[number] = published{topic: l.nameOf(topic), key: l.nameOf(key), accepted: true}
	}
	return err
}

// newID is the publisher's source of ids. It is called while publish has the
// lock.
func (l *load) newID() (id uuid.UUID) {
	copy(id[:], l.mark[:])
	id[6], id[8] = 0x40, 0x80 // a version and a variant, as others expect them
	binary.BigEndian.PutUint32(id[12:], uint32(len(l.events)))
	l.events = append(l.events, published{})
	return id
}

// numberOf returns an event's number, if it is one of the load's.
func (l *load) numberOf(id uuid.UUID) (number int, ok bool) {
	number = int(binary.BigEndian.Uint32(id[12:]))
	return number, [4]byte(id[:4]) == l.mark && number < len(l.events)
}

func (l *load) nameOf(text string) uint32 {
	i, ok := l.index[text]
	if !ok {
		i = uint32(len(l.names))
		l.names = append(l.names, text)
		l.index[text] = i
	}
	return i
}

func (l *load) lose(loss onex.Loss) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.losses = append(l.losses, loss)
}

// topics returns the topics that events were published to.
func (l *load) topics() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	is := map[uint32]bool{}
	var all []string
	for _, e := range l.events {
		if e.accepted && !is[e.topic] {
			is[e.topic] = true
			all = append(all, l.names[e.topic])
		}
	}
	return all
}

// meter publishes metrics of one service, under keys.
type meter struct {
	load  *load
	node  *onex.Node
	topic string
}

// meter returns the metrics of a service that go through pub.
func (b *bench) meter(pub *onex.Publisher, service string) meter {
	return meter{b.load, onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: service}), b.topicOf(service)}
}

// topicOf returns the topic of a service's metrics.
func (b *bench) topicOf(service string) string {
	return fmt.Sprintf("%s.%s.effect.metric.recorded.v1", b.namespace, service)
}

func (m meter) publish(key string, opts ...onex.EventOption) error {
	return m.load.publish(m.topic, key, func() error {
		return onex.MetricRecorded(context.Background(), m.node, "m", 1, "u", append(opts, onex.WithPartitionKey(key))...)
	})
}

// some publishes n events under several keys.
func (m meter) some(n int) {
	m.load.t.Helper()
	for i := range n {
		if err := m.publish(fmt.Sprint("k", i%7)); err != nil {
			m.load.t.Fatalf("event %d of %s: %v", i, m.topic, err)
		}
	}
}
