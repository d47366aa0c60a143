package onex_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// This file has the world's books: what was published, and what has to come of it.

// place is where an event belongs: the number grows within topic and key.
type place struct {
	topic, key string
	number     int
}

func (w *world) newID() uuid.UUID {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := uuid.New()
	w.ids[id] = w.coming
	return id
}

// label gives each event its number in a header, which it has to keep on all its ways.
func (w *world) label(context.Context) []kgo.RecordHeader {
	w.mu.Lock()
	defer w.mu.Unlock()
	return []kgo.RecordHeader{{Key: labelHeader, Value: strconv.AppendInt(nil, int64(w.coming.number), 10)}}
}

// takenOver is the topic, in the world's books, of the events with which a new process
// ends the operations of those before.
const takenOver = "taken over"

// placeOf returns where an event belongs. A new process ends the operations of those
// before when it has time, and nobody else says of one that it has failed.
func (w *world) placeOf(id uuid.UUID, eventType, correlationID string) (p place, ok bool) {
	if strings.HasSuffix(eventType, ".failed") {
		return place{takenOver, correlationID, 0}, true
	}
	p, ok = w.ids[id]
	return p, ok
}

// loser returns what a process tells of its losses. What one loses that is dead, because
// it is being closed, has died with it.
func (w *world) loser(of *process) func(onex.Loss) {
	return func(loss onex.Loss) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if of.dead && loss.Reason == onex.LossClosed {
			return
		}
		p, ok := w.placeOf(loss.EventID, loss.EventType, loss.CorrelationID)
		if !ok || p.topic != loss.Topic && p.topic != takenOver {
			w.t.Errorf("an event is lost that was never published: %+v", loss)
		}
		w.lost[p] = loss.Reason
	}
}

// reckon accounts for every event that was accepted. One that has gone another
// way before, and is delivered again from the spool, is not out of order.
func (w *world) reckon() {
	l := newLoad(w.t)
	l.labelled = w.cfg.Headers != nil
	for service := range w.nodes {
		topic := metricTopic(service)
		arrived := l.arrived(w.kafka.addr(), topic, w.kafka.client...)
		letters := l.arrived(w.kafka.addr(), topic+".dlq", w.kafka.client...)
		for i := range 4 {
			p := place{topic: topic, key: fmt.Sprint("k", i)}
			accepted := w.next[p]
			elsewhere := map[int]bool{}
			for _, n := range letters[p.key] {
				elsewhere[n] = true
			}
			for n := range accepted {
				p.number = n
				elsewhere[n] = elsewhere[n] || w.forgone[p]
				if reason, lost := w.lost[p]; lost {
					elsewhere[n] = true
					if reason == onex.LossDamaged {
						w.t.Errorf("%+v: %s", p, reason)
					}
				}
			}
			there, last := map[int]bool{}, -1
			for _, n := range firsts(arrived[p.key]) {
				there[n] = true
				if n < last && !elsewhere[n] {
					w.t.Errorf("%+v: %d has arrived after %d: %v", p, n, last, arrived[p.key])
				}
				last = max(last, n)
			}
			for n := range accepted {
				if !there[n] && !elsewhere[n] {
					w.t.Errorf("%+v: %d of %d is nowhere", p, n, accepted)
				}
			}
		}
	}
}
