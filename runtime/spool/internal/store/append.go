package store

import (
	"cmp"
	"fmt"
	"slices"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// Check says what is wrong with an event.
func Check(e onex.Spooled) error {
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

// Append stores events, what they start and what they finish, all or nothing. It
// returns the events that the bound has no place for, oldest first, and what was wrong
// with those that had to go and cannot be read.
func (st *Store) Append(events []onex.Spooled, bound Bound) (dropped []onex.Spooled, bad []error, err error) {
	err = st.update(func(b *batch) error {
		var tooLarge []onex.Spooled
		for _, e := range events {
			if !b.fits(e, bound) {
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
		dropped, bad, err = b.trim(bound, tooLarge)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return dropped, bad, nil
}

// fits tells whether there would be room for an event without any other, and
// for the operation that it starts beside those that are not finished.
func (b *batch) fits(e onex.Spooled, bound Bound) bool {
	size := int64(record.Record{Spooled: e}.Size())
	return size <= min(bound.Bytes, record.MaxSize) && (e.Operation == "" || b.operations+size <= bound.Bytes)
}

// trim drops events that are too old, and then the oldest of all until no more bytes
// are left than the bound allows. It returns those that it has
// dropped, with those that were before, oldest first, and what was wrong with
// those that cannot be read.
func (b *batch) trim(bound Bound, before []onex.Spooled) (dropped []onex.Spooled, bad []error, err error) {
	dropped = before
	excess := b.bytes() - bound.Bytes
	var fronts []*front
	for t := range b.topics {
		if t.events > 0 && (excess > 0 || bound.isOld(t.oldest)) {
			fronts = append(fronts, &front{rows: newRows(b.tx, t, 0)})
		}
	}
	take := func(f *front) {
		excess -= int64(len(f.rows.value))
		if f.err != nil {
			bad = append(bad, f.err)
		} else {
			dropped = append(dropped, f.record.Copy())
		}
		f.through = f.rows.seq
		f.next()
	}
	for _, f := range fronts {
		for f.next(); f.more && bound.isOld(f.record.At); {
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
	record  record.Record
	err     error  // it is damaged; its record is zero
	through uint64 // the Seq of the last one to drop
}

func (f *front) next() {
	if f.more = f.rows.next(); f.more {
		f.record, f.err = f.rows.record()
	}
}
