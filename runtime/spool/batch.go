package spool

import (
	"slices"
	"time"

	"go.etcd.io/bbolt"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// batch is a transaction that writes, and what it will have made of the index
// if it is committed.
type batch struct {
	tx         *bbolt.Tx
	index      *index // as it was before, and is if the transaction fails
	last       uint64
	operations int64
	changed    map[string]*topic
	reread     map[*topic]bool // their first event may be another now
}

func newBatch(tx *bbolt.Tx, ix *index) *batch {
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
	value := record{event, stampOf(b.tx), e}.encode()
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

// unmask deletes what is removed of a topic's first segment and still in the
// file, so that an event with a Seq as low can come in. That is the only time
// that events are deleted one by one; a segment bounds it.
func (b *batch) unmask(t *topic) error {
	if len(t.segments) > 0 {
		bucket := segmentOf(b.tx, t.name, t.segments[0].name)
		var keys [][]byte
		c := bucket.Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			if seq, _ := seqOf(k); seq > t.head {
				break
			}
			keys = append(keys, slices.Clone(k))
		}
		for _, k := range keys {
			if err := bucket.Delete(k); err != nil {
				return err
			}
		}
	}
	t.head = 0
	return b.tx.Bucket(headBucket).Delete([]byte(t.name))
}

func segmentOf(tx *bbolt.Tx, topic string, name uint64) *bbolt.Bucket {
	return tx.Bucket(topicBucket).Bucket([]byte(topic)).Bucket(seqKey(name))
}

// cut removes the events of a topic up to a Seq: whole segments, and then the
// head in the next says how far.
func (b *batch) cut(t *topic, through uint64) error {
	n := 0
	for n < len(t.segments) && t.segments[n].last <= through {
		if err := b.drop(t, n); err != nil {
			return err
		}
		n++
	}
	t.segments = slices.Delete(t.segments, 0, n)
	if len(t.segments) > 0 {
		events, bytes := b.count(t, through)
		t.add(0, -events, -bytes)
	}
	if through > t.head {
		t.head = through
	}
	b.reread[t] = true
	head := record{removed, stampOf(b.tx), onex.Spooled{Topic: t.name, Seq: t.head}}
	return b.tx.Bucket(headBucket).Put([]byte(t.name), head.encode())
}

// drop removes the bucket of a segment, and takes it out of the counts.
func (b *batch) drop(t *topic, i int) error {
	t.add(i, -t.segments[i].events, -t.segments[i].bytes)
	return b.tx.Bucket(topicBucket).Bucket([]byte(t.name)).DeleteBucket(seqKey(t.segments[i].name))
}

// count counts the events of a topic's first segment up to a Seq that are not
// removed yet.
func (b *batch) count(t *topic, through uint64) (events, bytes int64) {
	c := segmentOf(b.tx, t.name, t.segments[0].name).Cursor()
	for k, v := c.Seek(seqKey(t.head + 1)); k != nil; k, v = c.Next() {
		if seq, _ := seqOf(k); seq > through {
			break
		}
		events++
		bytes += int64(len(v))
	}
	return events, bytes
}

// forget deletes one event, of which the record is damaged.
func (b *batch) forget(t *topic, seq uint64) error {
	i := t.covering(seq)
	if i < 0 {
		return nil
	}
	bucket := segmentOf(b.tx, t.name, t.segments[i].name)
	old := bucket.Get(seqKey(seq))
	if old == nil || seq <= t.head {
		return nil
	}
	t.add(i, -1, -int64(len(old)))
	b.reread[t] = true
	if t.segments[i].events == 0 {
		if err := b.drop(t, i); err != nil {
			return err
		}
		t.segments = slices.Delete(t.segments, i, i+1)
		return nil
	}
	if err := bucket.Delete(seqKey(seq)); err != nil {
		return err
	}
	last, _ := bucket.Cursor().Last()
	t.segments[i].last, _ = seqOf(last)
	return nil
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
	last := record{highest, stampOf(b.tx), onex.Spooled{Seq: b.last}}
	return b.tx.Bucket(stateBucket).Put(lastKey, last.encode())
}
