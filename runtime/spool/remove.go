package spool

import (
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// Remove implements [onex.Spool]. It takes as long for many events as for few,
// nearly. The file shrinks when not much is left in it.
func (s *Spool) Remove(topic string, through uint64) error {
	err := s.with(func(st *store) error {
		if t := st.index.get(topic); t.events == 0 || through < t.first {
			return nil
		}
		err := st.update(func(b *batch) error { return b.cut(b.topic(topic), through) })
		if err == nil {
			s.shrink(st)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("spool: remove the events of topic %q up to %d: %w", topic, through, err)
	}
	return nil
}

// Finish implements [onex.Spool].
func (s *Spool) Finish(operations ...string) error {
	err := s.with(func(st *store) error {
		err := st.finish(operations)
		if err == nil {
			s.shrink(st)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("spool: finish %d operations: %w", len(operations), err)
	}
	return nil
}

// errNothing ends a transaction that would change nothing, and need not wait
// for the disk.
var errNothing = errors.New("there is nothing to change")

func (st *store) finish(operations []string) error {
	err := st.update(func(b *batch) error {
		any := false
		for _, op := range operations {
			found, err := b.finishOperation(op)
			if err != nil {
				return err
			}
			any = any || found
		}
		if !any {
			return errNothing
		}
		return nil
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// finishOperation forgets that an operation was started, and tells whether it was.
func (b *batch) finishOperation(op string) (found bool, err error) {
	if op == "" {
		return false, nil
	}
	bucket := b.tx.Bucket(operationBucket)
	old := bucket.Get([]byte(op))
	if old == nil {
		return false, nil
	}
	b.operations -= int64(len(old))
	return true, bucket.Delete([]byte(op))
}

const (
	// A file of up to shrinkAbove is not worth the trouble, and of a larger
	// one only shrinkTo of it, as a fraction, are worth copying.
	shrinkAbove = 1 << 20
	shrinkTo    = 16
)

// shrink puts a new file in the place of one in which there is little left.
// If that does not work, then perhaps the next time.
func (s *Spool) shrink(st *store) {
	size, err := st.size()
	if err != nil || size <= shrinkAbove || st.index.bytes() > size/shrinkTo {
		return
	}
	next := s.path(newName)
	if err := st.copyTo(next); err != nil {
		_ = os.Remove(next)
		return
	}
	s.discard()
	if err := os.Rename(next, s.path(fileName)); err == nil {
		_ = syncDir(s.dir)
	}
}

// copyTo writes what is in the file into a new one.
func (st *store) copyTo(path string) error {
	w, err := newWriter(path)
	if err != nil {
		return err
	}
	err = st.view(func(tx *bbolt.Tx) error {
		w.last = st.index.last
		err := tx.Bucket(operationBucket).ForEach(func(k, v []byte) error {
			rec, err := decodeOperation(k, v)
			if err != nil {
				return err
			}
			return w.start(rec.spooled())
		})
		for _, t := range st.index.topics {
			for rows := newRows(tx, t, 0); err == nil && rows.next(); {
				var rec record
				if rec, err = rows.record(); err == nil {
					err = w.put(rec.spooled())
				}
			}
		}
		return err
	})
	return errors.Join(err, w.close(err == nil))
}
