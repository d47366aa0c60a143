package store

import (
	"fmt"
	"math"
	"time"

	"go.etcd.io/bbolt"

	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// rows goes through the events of a topic in order, in a transaction. It is no
// iter.Seq, because iter.Pull would take it to another goroutine; see
// store.within.
type rows struct {
	topic    string
	bucket   *bbolt.Bucket // of the topic
	segments []segment
	from     uint64
	cursor   *bbolt.Cursor // in the segment before segments; nil at the beginning

	seq   uint64
	value []byte
}

// newRows returns the events with a Seq above after that are not removed.
func newRows(tx *bbolt.Tx, t *topic, after uint64) *rows {
	after = max(after, t.head)
	if len(t.segments) == 0 || after == math.MaxUint64 {
		return &rows{}
	}
	return &rows{
		topic:    t.name,
		bucket:   tx.Bucket(topicBucket).Bucket([]byte(t.name)),
		segments: t.segments[max(0, t.covering(after+1)):],
		from:     after + 1,
	}
}

func (r *rows) next() bool {
	var key []byte
	if r.cursor != nil {
		key, r.value = r.cursor.Next()
	}
	for key == nil {
		if len(r.segments) == 0 {
			return false
		}
		r.cursor = r.bucket.Bucket(seqKey(r.segments[0].name)).Cursor()
		r.segments = r.segments[1:]
		key, r.value = r.cursor.Seek(seqKey(r.from))
	}
	r.seq, _ = seqOf(key)
	return true
}

// record returns the event at which the rows are, or what is wrong with it.
func (r *rows) record() (record.Record, error) {
	rec, err := record.Decode(r.value)
	if err == nil && (rec.Kind != record.Event || rec.Topic != r.topic || rec.Seq != r.seq) {
		err = record.ErrContent
	}
	if err != nil {
		return record.Record{}, fmt.Errorf("topic %s, event %d: %w", r.topic, r.seq, err)
	}
	return rec, nil
}

// at returns when the event was accepted, the zero time if it is damaged.
func (r *rows) at() time.Time {
	rec, _ := r.record()
	return rec.At
}
