package store

import (
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// batch is a transaction that writes, and what it will have made of the index
// if it is committed.
type batch struct {
	tx         *bbolt.Tx
	index      *Index // as it was before, and is if the transaction fails
	last       uint64
	operations int64
	changed    map[string]*topic
	reread     map[*topic]bool // their first event may be another now
}

func newBatch(tx *bbolt.Tx, ix *Index) *batch {
	return &batch{
		tx: tx, index: ix, last: ix.last, operations: ix.operations,
		changed: map[string]*topic{}, reread: map[*topic]bool{},
	}
}

// topic returns a topic as the batch has it now, to change it.
func (b *batch) topic(name string) *topic {
	t, ok := b.changed[name]
	if !ok {
		t = b.index.get(name).clone()
		b.changed[name] = t
	}
	return t
}

// topics returns all topics as the batch has them now, to read them.
func (b *batch) topics(yield func(*topic) bool) {
	for _, t := range b.changed {
		if !yield(t) {
			return
		}
	}
	for name, t := range b.index.topics {
		if _, ok := b.changed[name]; !ok && !yield(t) {
			return
		}
	}
}

// bytes is what the spool's bound is on.
func (b *batch) bytes() int64 {
	n := b.operations
	for t := range b.topics {
		n += t.bytes
	}
	return n
}

// put stores an event.
func (b *batch) put(e onex.Spooled) error {
	t := b.topic(e.Topic)
	if e.Seq <= t.head {
		if err := b.unmask(t); err != nil {
			return err
		}
	}
	bucket, err := b.tx.Bucket(topicBucket).CreateBucketIfNotExists([]byte(e.Topic))
	if err != nil {
		return err
	}
	i := t.place(e.Seq)
	if bucket, err = bucket.CreateBucketIfNotExists(seqKey(t.segments[i].name)); err != nil {
		return err
	}
	bucket.FillPercent = 1 // events come in order, as a rule
	key := seqKey(e.Seq)
	if old := bucket.Get(key); old != nil {
		t.add(i, -1, -int64(len(old)))
	}
	value := record.Record{Kind: record.Event, Stamp: stampOf(b.tx), Spooled: e}.Encode()
	if err := bucket.Put(key, value); err != nil {
		return err
	}
	t.add(i, 1, int64(len(value)))
	t.segments[i].last = max(t.segments[i].last, e.Seq)
	if t.events == 1 || e.Seq <= t.first {
		t.first, t.oldest = e.Seq, e.At
	}
	b.last = max(b.last, e.Seq)
	return nil
}

// place returns the position of the segment for a Seq, a new one if need be.
func (t *topic) place(seq uint64) int {
	i := t.covering(seq)
	switch {
	case i < 0:
		// Those that come back may come in any order, and each is lower than
		// the one before at worst.
		t.segments = slices.Insert(t.segments, 0, segment{name: seq &^ (segmentEvents - 1)})
		return 0
	case i == len(t.segments)-1 && seq > t.segments[i].last && t.segments[i].isFull():
		t.segments = append(t.segments, segment{name: seq})
		return i + 1
	default:
		return i
	}
}

func (s segment) isFull() bool { return s.events >= segmentEvents || s.bytes >= segmentBytes }

// commit makes known what the transaction has changed.
func (b *batch) commit() {
	ix := b.index
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.last = b.last
	ix.operations = b.operations
	maps.Copy(ix.topics, b.changed)
}

// finish writes what is left to write before the commit.
func (b *batch) finish() error {
	for t := range b.reread {
		rows := newRows(b.tx, t, 0)
		if t.first, t.oldest = 0, (time.Time{}); rows.next() {
			t.first, t.oldest = rows.seq, rows.at()
		}
	}
	if b.last == b.index.last {
		return nil
	}
	last := record.Record{Kind: record.Highest, Stamp: stampOf(b.tx), Spooled: onex.Spooled{Seq: b.last}}
	return b.tx.Bucket(stateBucket).Put(lastKey, last.Encode())
}
