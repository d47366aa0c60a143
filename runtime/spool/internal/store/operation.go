package store

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// start stores that an event starts an operation, if it does.
func (b *batch) start(e onex.Spooled) error {
	if e.Operation == "" {
		return nil
	}
	bucket := b.tx.Bucket(operationBucket)
	key := []byte(e.Operation)
	value := record.Record{Kind: record.Operation, Stamp: stampOf(b.tx), Spooled: e}.Encode()
	b.operations += int64(len(value) - len(bucket.Get(key)))
	return bucket.Put(key, value)
}

// errNothing ends a transaction that would change nothing, and need not wait
// for the disk.
var errNothing = errors.New("there is nothing to change")

// Finish forgets that operations were started. If none of them was, it does not wait for
// the disk.
func (st *Store) Finish(operations []string) error {
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

// Unfinished returns the events that started the operations that nobody has finished and
// that come after this one, in order of Operation, and at most limit of them. Those that
// are damaged it forgets, and returns what is wrong with them, also if it cannot.
func (st *Store) Unfinished(after string, limit int) (started []onex.Spooled, bad []error, err error) {
	var damaged []string
	err = st.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(operationBucket).Cursor()
		k, v := c.Seek([]byte(after))
		if string(k) == after {
			k, v = c.Next()
		}
		for ; k != nil && len(started) < limit; k, v = c.Next() {
			rec, err := decodeOperation(k, v)
			if err != nil {
				damaged, bad = append(damaged, string(k)), append(bad, err)
				continue
			}
			started = append(started, rec.Copy())
		}
		return nil
	})
	if err == nil && len(bad) > 0 {
		err = brokenOnly(st.Finish(damaged))
	}
	return started, bad, err
}

// decodeOperation returns the event that has started an operation, or what is
// wrong with it.
func decodeOperation(key, value []byte) (record.Record, error) {
	rec, err := record.Decode(value)
	if err == nil && (rec.Kind != record.Operation || rec.Operation != string(key)) {
		err = record.ErrContent
	}
	if err != nil {
		return record.Record{}, fmt.Errorf("operation %q: %w", key, err)
	}
	return rec, nil
}
