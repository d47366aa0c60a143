package spool

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Append implements [onex.Spool]. It blocks until the events are on the disk,
// which takes two fsyncs however many they are. An event without a Topic or a
// Seq is an error; without events, Append drops what is too old. An event that
// would not fit into an empty spool is dropped itself, and so is one that starts
// an operation for which those that are not finished leave no room.
func (s *Spool) Append(events []onex.Spooled) (dropped []onex.Spooled, err error) {
	for _, e := range events {
		if err := s.check(e); err != nil {
			return nil, fmt.Errorf("spool: append event %d of topic %q: %w", e.Seq, e.Topic, err)
		}
	}
	if len(events) == 0 && !s.hasOld() {
		return nil, s.with(func(*store) error { return nil })
	}
	err = s.with(func(st *store) error {
		var bad []error
		err := st.update(func(b *batch) error {
			var tooLarge []onex.Spooled
			for _, e := range events {
				if !b.fits(e, s.maxBytes) {
					tooLarge = append(tooLarge, e)
					continue
				}
				if err := b.put(e); err != nil {
					return err
				}
				if err := b.start(e); err != nil {
					return err
				}
				if _, err := b.finishOperation(e.Finishes); err != nil {
					return err
				}
			}
			var err error
			dropped, bad, err = b.trim(s.maxBytes, s.cutoff(), tooLarge)
			return err
		})
		if err == nil && len(bad) > 0 {
			s.found(bad)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("spool: append %d events: %w", len(events), err)
	}
	return dropped, nil
}

// check says what is wrong with an event.
func (s *Spool) check(e onex.Spooled) error {
	switch {
	case e.Seq == 0:
		return fmt.Errorf("it has no Seq; the first is 1")
	case e.Topic == "" || len(e.Topic) > maxKeySize:
		return fmt.Errorf("its topic is %d bytes long; make it 1 to %d", len(e.Topic), maxKeySize)
	case len(e.Operation) > maxKeySize:
		return fmt.Errorf("its operation is %d bytes long; make it at most %d", len(e.Operation), maxKeySize)
	default:
		return nil
	}
}

// fits tells whether there would be room for an event without any other, and
// for the operation that it starts beside those that are not finished.
func (b *batch) fits(e onex.Spooled, maxBytes int64) bool {
	size := int64(record{event, 0, e}.size())
	return size <= min(maxBytes, maxRecordSize) && (e.Operation == "" || b.operations+size <= maxBytes)
}

// hasOld says whether an event may be too old. It does not wait for the disk.
func (s *Spool) hasOld() bool {
	b, err := s.Backlog()
	cutoff := s.cutoff()
	return err != nil || slices.ContainsFunc(b.Topics, func(t onex.TopicBacklog) bool { return isOld(t.Oldest, cutoff) })
}

// start stores that an event starts an operation, if it does.
func (b *batch) start(e onex.Spooled) error {
	if e.Operation == "" {
		return nil
	}
	bucket := b.tx.Bucket(operationBucket)
	key := []byte(e.Operation)
	value := record{operation, stampOf(b.tx), e}.encode()
	b.operations += int64(len(value) - len(bucket.Get(key)))
	return bucket.Put(key, value)
}

// trim drops events that were accepted before cutoff, and then the oldest of
// all until no more than maxBytes are left. It returns those that it has
// dropped, with those that were before, oldest first, and what was wrong with
// those that cannot be read.
func (b *batch) trim(maxBytes int64, cutoff time.Time, before []onex.Spooled) (dropped []onex.Spooled, bad []error, err error) {
	dropped = before
	excess := b.bytes() - maxBytes
	var fronts []*front
	for t := range b.topics {
		if t.events > 0 && (excess > 0 || isOld(t.oldest, cutoff)) {
			fronts = append(fronts, &front{rows: newRows(b.tx, t, 0)})
		}
	}
	take := func(f *front) {
		excess -= int64(len(f.rows.value))
		if f.err != nil {
			bad = append(bad, f.err)
		} else {
			dropped = append(dropped, f.record.spooled())
		}
		f.through = f.rows.seq
		f.next()
	}
	for _, f := range fronts {
		for f.next(); f.more && isOld(f.record.At, cutoff); {
			take(f)
		}
	}
	for excess > 0 {
		var oldest *front
		for _, f := range fronts {
			if f.more && (oldest == nil || f.rows.seq < oldest.rows.seq) {
				oldest = f
			}
		}
		if oldest == nil {
			break // the operations that are not finished take the rest
		}
		take(oldest)
	}
	for _, f := range fronts {
		if f.through > 0 {
			if err := b.cut(b.topic(f.rows.topic), f.through); err != nil {
				return nil, nil, err
			}
		}
	}
	slices.SortFunc(dropped, func(x, y onex.Spooled) int { return cmp.Compare(x.Seq, y.Seq) })
	return dropped, bad, nil
}

// front is the event of a topic that would be dropped next.
type front struct {
	rows    *rows
	more    bool // there is one
	record  record
	err     error  // it is damaged; its record is zero
	through uint64 // the Seq of the last one to drop
}

func (f *front) next() {
	if f.more = f.rows.next(); f.more {
		f.record, f.err = f.rows.record()
	}
}
