package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// markers are what was replayed. They are the records of a compacted topic, each
// written in one transaction with the event that it stands for; so there is a
// marker if, and only if, the event is there.
type markers struct {
	topic  string
	opts   []kgo.Opt
	warn   func(error)
	next   map[place]int64
	places map[string]bool // dead letters that were replayed
	events map[string]bool // and what they were
}

// marker is the value of a marker's record. Its key is the dead letter's place
// and its topic's id: a topic that was made anew has other dead letters.
type marker struct {
	EventID       string `json:"event_id"`
	OriginalTopic string `json:"original_topic"`
	ReplayedAt    string `json:"replayed_at"`
}

func newMarkers(topic string, opts []kgo.Opt, warn func(error)) *markers {
	return &markers{topic: topic, opts: opts, warn: once(warn), places: map[string]bool{}, events: map[string]bool{}}
}

func eventKey(topic, id string) string { return topic + "/" + id }

func (l *letter) markerKey() string {
	return fmt.Sprintf("%s/%s/%d/%d", l.topic, l.topicID, l.partition, l.offset)
}

// record is the marker for a dead letter.
func (m *markers) record(l *letter) *kgo.Record {
	value, err := json.Marshal(marker{l.env.EventID.String(), l.letter.OriginalTopic, time.Now().UTC().Format(time.RFC3339Nano)})
	if err != nil {
		panic(err) // these types have a JSON form
	}
	return &kgo.Record{Topic: m.topic, Key: []byte(l.markerKey()), Value: value}
}

// has tells whether the event of a dead letter was replayed, be it by another
// dead letter of the same event.
func (m *markers) has(l *letter) bool {
	return m.places[l.markerKey()] || l.env != nil && m.events[l.event()]
}

func (m *markers) note(l *letter) {
	m.places[l.markerKey()] = true
	m.events[l.event()] = true
}

// catchUp reads what has been added since it was called last. With await it
// waits for transactions that are under way: behind the first of them, nothing
// can be read that others have committed since.
func (m *markers) catchUp(ctx context.Context, await bool) error {
	var fault error
	reader, err := newReader(ctx, m.opts, scope{
		topics: func(name string) bool { return name == m.topic },
		begin:  begin{at: m.next},
		toEnd:  true,
		await:  await,
	}, func(err error) { fault = errors.Join(fault, err) })
	if err != nil {
		return err
	}
	defer reader.close()
	err = reader.read(ctx, func(records []*kgo.Record) error {
		for _, r := range records {
			var v marker
			if err := json.Unmarshal(r.Value, &v); err != nil {
				m.warn(fmt.Errorf("%s: this is no marker of what was replayed; give another topic with -markers", printable(positionOf(r).String())))
				continue
			}
			m.places[string(r.Key)] = true
			m.events[eventKey(v.OriginalTopic, v.EventID)] = true
		}
		return nil
	})
	m.next = reader.next
	if err = errors.Join(err, fault, ctx.Err()); err != nil {
		return fmt.Errorf("find out what was replayed: %w", err)
	}
	return nil
}

// create makes the topic if there is none, and waits until it is there.
func (m *markers) create(ctx context.Context) error {
	client, err := dial(ctx, m.opts)
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	compact := "compact"
	resp, err := admin.CreateTopic(ctx, 1, -1, map[string]*string{"cleanup.policy": &compact}, m.topic)
	if err == nil {
		err = resp.Err
	}
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		if there, listErr := m.isThere(ctx, admin); listErr != nil || !there {
			return fmt.Errorf("create the topic %s, which remembers what was replayed: %w", m.topic, err)
		}
	}
	for {
		there, err := m.isThere(ctx, admin)
		switch {
		case there:
			return nil
		case err != nil:
			return fmt.Errorf("wait for the topic %s: %w", m.topic, err)
		}
	}
}

// isThere tells whether the topic can be used. It takes a moment to say no.
func (m *markers) isThere(ctx context.Context, admin *kadm.Client) (bool, error) {
	topics, err := admin.ListTopics(ctx, m.topic)
	if err != nil {
		return false, err
	}
	if detail := topics[m.topic]; detail.Err == nil && len(detail.Partitions) > 0 {
		return true, nil
	}
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(100 * time.Millisecond):
		return false, nil
	}
}
