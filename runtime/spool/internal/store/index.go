package store

import (
	"maps"
	"slices"
	"sync"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// Index is what the file has where, of its last committed transaction. It is
// not on disk: whoever opens a file reads all of it anyway, to know that it is
// sound.
//
// Only the goroutine that has the store may change it. The mutex is for those
// who look on: they do not wait for the disk.
type Index struct {
	mu         sync.Mutex
	last       uint64 // the highest Seq ever
	operations int64  // the bytes of those that are not finished
	topics     map[string]*topic
}

// topic is what there is of one topic. It is not changed once it is in an
// index.
type topic struct {
	name     string
	head     uint64    // what has no higher Seq is removed, though it may be in the first segment
	segments []segment // in order; each has events that are not removed
	events   int64
	bytes    int64
	first    uint64    // the lowest Seq that is not removed
	oldest   time.Time // its At
}

// segment counts the events that are not removed.
type segment struct {
	name   uint64 // no Seq in it is lower
	last   uint64 // the highest Seq in it
	events int64
	bytes  int64
}

func newIndex() *Index { return &Index{topics: map[string]*topic{}} }

// bytes is what the bound of a spool is on.
func (ix *Index) bytes() int64 {
	n := ix.operations
	for _, t := range ix.topics {
		n += t.bytes
	}
	return n
}

// get returns a topic, an empty one if there is none.
func (ix *Index) get(name string) *topic {
	if t := ix.topics[name]; t != nil {
		return t
	}
	return &topic{name: name}
}

// Backlog returns what there is. It does not wait for the disk.
func (ix *Index) Backlog() onex.Backlog {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	b := onex.Backlog{LastSeq: ix.last, Bytes: ix.bytes()}
	for _, name := range slices.Sorted(maps.Keys(ix.topics)) {
		if t := ix.topics[name]; t.events > 0 {
			b.Topics = append(b.Topics, onex.TopicBacklog{Topic: name, Events: t.events, Bytes: t.bytes, FirstSeq: t.first, Oldest: t.oldest})
		}
	}
	return b
}

func (t *topic) clone() *topic {
	c := *t
	c.segments = slices.Clone(t.segments)
	return &c
}

// covering returns the position of the segment that a Seq belongs to, -1 if it
// comes before all of them.
func (t *topic) covering(seq uint64) int {
	i, found := slices.BinarySearchFunc(t.segments, seq, func(s segment, seq uint64) int {
		switch {
		case s.name < seq:
			return -1
		case s.name > seq:
			return 1
		default:
			return 0
		}
	})
	if found {
		return i
	}
	return i - 1
}

// add counts n events of so many bytes in a segment, less if they are negative.
func (t *topic) add(i int, events, bytes int64) {
	t.segments[i].events += events
	t.segments[i].bytes += bytes
	t.events += events
	t.bytes += bytes
}

// enter counts an event that comes after all that there are, in order of
// segment, as one reads a file.
func (t *topic) enter(name uint64, r record.Record, size int64) {
	if n := len(t.segments); n == 0 || t.segments[n-1].name != name {
		t.segments = append(t.segments, segment{name: name})
	}
	i := len(t.segments) - 1
	t.segments[i].last = r.Seq
	if t.events == 0 {
		t.first, t.oldest = r.Seq, r.At
	}
	t.add(i, 1, size)
}
