package store

import (
	"slices"

	"go.etcd.io/bbolt"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// Remove removes the events of a topic up to a Seq, and tells whether there was one.
func (st *Store) Remove(topic string, through uint64) (bool, error) {
	if t := st.index.get(topic); t.events == 0 || through < t.first {
		return false, nil
	}
	return true, st.update(func(b *batch) error { return b.cut(b.topic(topic), through) })
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
	head := record.Record{Kind: record.Removed, Stamp: stampOf(b.tx), Spooled: onex.Spooled{Topic: t.name, Seq: t.head}}
	return b.tx.Bucket(headBucket).Put([]byte(t.name), head.Encode())
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
