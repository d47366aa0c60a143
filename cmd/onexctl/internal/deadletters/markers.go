package deadletters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// markers are what was replayed. They are the records of a compacted topic, each
// written in one transaction with the event that it stands for; so there is a
// marker if, and only if, the event is there.
type markers struct {
	topic     string
	opts      []kgo.Opt
	warn      func(error)
	next      map[cluster.Place]int64
	places    map[string]bool            // dead letters that were replayed, or discarded
	discarded map[string]string          // of them, and why
	events    map[string]map[string]bool // and the digests of what they were; "" means any
}

// marker is the value of a marker's record. Its key is the dead letter's place
// and its topic's id: a topic that was made anew has other dead letters.
type marker struct {
	EventID       string `json:"event_id"`
	OriginalTopic string `json:"original_topic"`
	At            string `json:"replayed_at"`         // or discarded
	Digest        string `json:"digest"`              // of what was replayed; earlier versions did not write it
	Discarded     string `json:"discarded,omitempty"` // why it was not replayed, and is not to be
}

func newMarkers(topic string, opts []kgo.Opt, warn func(error)) *markers {
	return &markers{topic: topic, opts: opts, warn: cluster.Once(warn), places: map[string]bool{}, discarded: map[string]string{}, events: map[string]map[string]bool{}}
}

func eventKey(topic, id string) string { return topic + "/" + id }

func (l *letter) markerKey() string {
	return fmt.Sprintf("%s/%s/%d/%d", l.Topic, l.topicID, l.Partition, l.Offset)
}

// replay is the marker for a dead letter that is replayed.
func (m *markers) replay(l *letter) *kgo.Record {
	return m.record(l, marker{EventID: l.env.ID.String(), OriginalTopic: l.letter.OriginalTopic, Digest: l.digest.String()})
}

// discard is the marker for a dead letter that is not to be replayed.
func (m *markers) discard(l *letter, because string) *kgo.Record {
	v := marker{Discarded: because}
	if l.env != nil {
		v.EventID, v.OriginalTopic = l.env.ID.String(), l.letter.OriginalTopic
	}
	return m.record(l, v)
}

func (m *markers) record(l *letter, v marker) *kgo.Record {
	v.At = time.Now().UTC().Format(time.RFC3339Nano)
	value, err := json.Marshal(v)
	if err != nil {
		panic(err) // these types have a JSON form
	}
	return &kgo.Record{Topic: m.topic, Key: []byte(l.markerKey()), Value: value}
}

// has tells whether the event of a dead letter was replayed, be it by another
// dead letter of the same event.
func (m *markers) has(l *letter) bool {
	if m.places[l.markerKey()] {
		return true
	}
	if l.env == nil {
		return false
	}
	digests := m.events[l.event()]
	return digests[l.digest.String()] || digests[""]
}

// contradict tells whether the event was replayed as another one.
func (m *markers) contradict(l *letter) bool {
	return l.env != nil && len(m.events[l.event()]) > 0 && !m.has(l)
}

// take notes what a marker says. It tells whether the record is one.
func (m *markers) take(r *kgo.Record) bool {
	var v marker
	if err := json.Unmarshal(r.Value, &v); err != nil || v.EventID == "" && v.Discarded == "" {
		return false
	}
	place := string(r.Key)
	m.places[place] = true
	if v.Discarded != "" {
		m.discarded[place] = v.Discarded
		return true
	}
	event := eventKey(v.OriginalTopic, v.EventID)
	if m.events[event] == nil {
		m.events[event] = map[string]bool{}
	}
	m.events[event][v.Digest] = true
	return true
}

// catchUp reads what has been added since it was called last. With await it
// waits for transactions that are under way: behind the first of them, nothing
// can be read that others have committed since.
func (m *markers) catchUp(ctx context.Context, await bool) error {
	var fault error
	reader, err := cluster.NewReader(ctx, m.opts, cluster.Scope{
		Topics: func(name string) bool { return name == m.topic },
		Named:  []string{m.topic},
		Begin:  cluster.Begin{At: m.next},
		ToEnd:  true,
		Await:  await,
	}, func(err error) { fault = errors.Join(fault, err) })
	if err != nil {
		return err
	}
	defer reader.Close()
	err = reader.Read(ctx, func(records []*kgo.Record) error {
		for _, r := range records {
			if !m.take(r) {
				m.warn(fmt.Errorf("%s: this is no marker of what was replayed; give another topic with -markers", terminal.Printable(cluster.PositionOf(r).String())))
			}
		}
		return nil
	})
	m.next = reader.Next
	if _, isThere := reader.ID(m.topic); await && !isThere {
		fault = errors.Join(fault, fmt.Errorf("the topic %s is not there", terminal.Printable(m.topic)))
	}
	if err = errors.Join(err, fault, ctx.Err()); err != nil {
		return fmt.Errorf("find out what was replayed: %w", err)
	}
	return nil
}
