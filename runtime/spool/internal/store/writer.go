package store

import (
	"errors"
	"os"

	"go.etcd.io/bbolt"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// writer makes a new file with what is kept of another. It is on the disk when
// the writer is closed, and not before.
type writer struct {
	store   *Store
	last    uint64
	events  []onex.Spooled // not written yet
	started []onex.Spooled // operations, not written yet
	bytes   int
}

const writeBytes = 4 << 20 // what a writer writes at a time

// Create makes the file of an empty spool.
func Create(path string) error {
	w, err := newWriter(path)
	if err != nil {
		return err
	}
	return w.close(true)
}

func newWriter(path string) (*writer, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	st, err := Open(path, newIndex())
	if err != nil {
		return nil, err
	}
	st.db.NoSync = true
	w := &writer{store: st}
	if err := st.update(func(b *batch) error { return createBuckets(b.tx) }); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return w, nil
}

func (w *writer) put(e onex.Spooled) error {
	w.events = append(w.events, e)
	return w.grown(e)
}

func (w *writer) start(e onex.Spooled) error {
	w.started = append(w.started, e)
	return w.grown(e)
}

func (w *writer) grown(e onex.Spooled) error {
	if w.bytes += (record.Record{Spooled: e}).Size(); w.bytes < writeBytes {
		return nil
	}
	return w.write()
}

func (w *writer) write() error {
	err := w.store.update(func(b *batch) error {
		for _, e := range w.events {
			if err := b.put(e); err != nil {
				return err
			}
		}
		for _, e := range w.started {
			if err := b.start(e); err != nil {
				return err
			}
		}
		b.last = max(b.last, w.last)
		return nil
	})
	w.events, w.started, w.bytes = w.events[:0], w.started[:0], 0
	return err
}

// close ends the file. If not all that it should have is in it, then without
// making sure that it is on the disk.
func (w *writer) close(complete bool) error {
	var err error
	if complete {
		if err = w.write(); err == nil {
			err = w.store.file.Sync()
		}
	}
	return errors.Join(err, w.store.Close())
}

// CopyTo writes what is in the file into a new one. What is damaged it leaves out, and
// returns what is wrong with it.
func (st *Store) CopyTo(path string) (bad []error, err error) {
	w, err := newWriter(path)
	if err != nil {
		return nil, err
	}
	err = st.view(func(tx *bbolt.Tx) error {
		w.last = st.index.last
		err := tx.Bucket(operationBucket).ForEach(func(k, v []byte) error {
			rec, err := decodeOperation(k, v)
			if err != nil {
				bad = append(bad, err)
				return nil
			}
			return w.start(rec.Copy())
		})
		for _, t := range st.index.topics {
			for rows := newRows(tx, t, 0); err == nil && rows.next(); {
				rec, fault := rows.record()
				if fault != nil {
					bad = append(bad, fault)
					continue
				}
				err = w.put(rec.Copy())
			}
		}
		return err
	})
	return bad, errors.Join(err, w.close(err == nil))
}
