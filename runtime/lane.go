package onex

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
)

// lane is the way of one topic's events to Kafka. It gives the client one
// group of events at a time, and the next one only when the client has said of
// each what has become of it: so nothing overtakes an event that comes back.
//
// Once events of a topic are on disk, later ones of the topic follow them
// there, and all of them go to Kafka from there in their order.
type lane struct {
	topic string

	// Under the intake's lock.
	events       int   // in memory
	bytes        int64 // of those
	pending      queue // accepted, and neither with the client nor on disk
	shares       [ranks]share
	ready        bool // on the intake's list
	durable      int  // of the pending events, those that have to go to disk
	outstanding  int  // with the client
	failures     []failure
	letter       uint64            // the event whose dead letter has poisoned a client
	asked        time.Time         // since when it waits for an acknowledgement
	passed       time.Time         // since when others are known to have got one meanwhile
	parked       bool              // the topic is suffering
	proven       bool              // an event has been delivered there
	poisoned     time.Time         // when a client failed with the topic's events
	purging      bool              // the client is forgetting the topic
	disk         int64             // events on disk, those that are loaded too
	loaded       map[uint64]*event // on disk, and on the way to Kafka
	writing      bool              // events are being written to disk
	writingFront bool              // and they are the front
	returned     []*event          // the front, which could not be written
	reading      bool              // events are being read from disk
	read         []*event          // that have been read
	readThrough  uint64            // the last one that has been read

	// The dispatcher's alone.
	front    []*event  // come before all that is on disk or pending
	alone    uint64    // up to this seq, events go one by one
	removing uint64    // up to this seq, what was on disk can go
	attempts int       // to write to a suffering topic
	until    time.Time // the topic rests
}

// failure is an event that came back from the client.
type failure struct {
	event *event
	err   error
}

// takeFailures returns what came back from the client, in order.
func (in *intake) takeFailures(l *lane) (failures []failure, outstanding int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if l.outstanding > 0 {
		return nil, l.outstanding
	}
	failures, l.failures = l.failures, nil
	slices.SortFunc(failures, func(a, b failure) int { return compareSeq(a.event, b.event) })
	return failures, 0
}

func compareSeq(a, b *event) int {
	switch {
	case a.seq < b.seq:
		return -1
	case a.seq > b.seq:
		return 1
	default:
		return 0
	}
}

// takePending takes the first of the pending events, if nothing of the topic
// is on disk or has to go there: a durable one may have come this moment, and
// has somebody waiting for the disk.
func (in *intake) takePending(l *lane, limit int) []*event {
	in.mu.Lock()
	defer in.mu.Unlock()
	if l.disk > 0 || l.writing || l.durable > 0 {
		return nil
	}
	return in.take(l, limit)
}

// group notes that so many events are with the client.
func (in *intake) group(l *lane, n int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	l.outstanding = n
	l.ask()
}

// shorten notes that the last events of a group are not with the client.
func (in *intake) shorten(l *lane, by int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	l.outstanding -= by - 1
	in.answered(l)
}

// park notes that the topic is suffering, until one of its events is delivered,
// and tells whether it has been since before.
func (in *intake) park(l *lane) (still bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	still, l.parked = l.parked, true
	return still
}

// takeAll takes all pending events.
func (in *intake) takeAll(l *lane) []*event {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.take(l, l.pending.n)
}

// take takes the first of the pending events. It is called with the lock held.
func (in *intake) take(l *lane, limit int) []*event {
	events := l.pending.take(limit)
	in.noteWaiting(l)
	return events
}

// giveBack puts events in front of the pending ones. It is called with the lock
// held.
func (in *intake) giveBack(l *lane, events []*event) {
	l.pending.putBack(events)
	in.noteWaiting(l)
}

// end notes that nothing is given to the client any more, and returns all
// lanes, in the order of their topics.
func (in *intake) end() []*lane {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ending = true
	return slices.SortedFunc(maps.Values(in.lanes), func(a, b *lane) int { return strings.Compare(a.topic, b.topic) })
}

// waitFor blocks until all lanes are as they should be.
func (in *intake) waitFor(done func(*lane) bool) {
	_ = in.wait(context.Background(), func() bool {
		for _, l := range in.lanes {
			if !done(l) {
				return false
			}
		}
		return true
	})
}
