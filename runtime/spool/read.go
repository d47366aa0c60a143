package spool

import (
	"cmp"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Read implements [onex.Spool]. An event that turns out to be damaged is
// reported to [OnDamage], left out and forgotten.
func (s *Spool) Read(topic string, after uint64, limit int) ([]onex.Spooled, error) {
	var events []onex.Spooled
	err := s.with(func(st *store) error {
		var bad []uint64
		var faults []error
		err := st.view(func(tx *bbolt.Tx) error {
			events = nil
			rows := newRows(tx, st.index.get(topic), after)
			for len(events) < limit && rows.next() {
				rec, err := rows.record()
				if err != nil {
					bad, faults = append(bad, rows.seq), append(faults, err)
					continue
				}
				events = append(events, rec.spooled())
			}
			return nil
		})
		if err != nil || len(bad) == 0 {
			return err
		}
		s.found(faults)
		err = st.update(func(b *batch) error {
			for _, seq := range bad {
				if err := b.forget(b.topic(topic), seq); err != nil {
					return err
				}
			}
			return nil
		})
		if isBroken(err) {
			return err
		}
		return nil // on a full disk the damaged events are in the way again next time
	})
	if err != nil {
		return nil, fmt.Errorf("spool: read topic %q: %w", topic, err)
	}
	return events, nil
}

// Unfinished implements [onex.Spool]. A damaged one is reported to [OnDamage],
// left out and forgotten.
func (s *Spool) Unfinished() ([]onex.Spooled, error) {
	var started []onex.Spooled
	err := s.with(func(st *store) error {
		var bad []string
		var faults []error
		err := st.view(func(tx *bbolt.Tx) error {
			started = nil
			return tx.Bucket(operationBucket).ForEach(func(k, v []byte) error {
				rec, err := decodeOperation(k, v)
				if err != nil {
					bad, faults = append(bad, string(k)), append(faults, err)
					return nil
				}
				started = append(started, rec.spooled())
				return nil
			})
		})
		if err != nil || len(bad) == 0 {
			return err
		}
		s.found(faults)
		if err = st.finish(bad); isBroken(err) {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("spool: read the unfinished operations: %w", err)
	}
	slices.SortStableFunc(started, func(x, y onex.Spooled) int { return cmp.Compare(x.Seq, y.Seq) })
	return started, nil
}

// decodeOperation returns the event that has started an operation, or what is
// wrong with it.
func decodeOperation(key, value []byte) (record, error) {
	rec, err := decode(value)
	if err == nil && (rec.kind != operation || rec.Operation != string(key)) {
		err = errContent
	}
	if err != nil {
		return record{}, fmt.Errorf("operation %q: %w", key, err)
	}
	return rec, nil
}

// Backlog implements [onex.Spool]. It does not wait for the disk.
func (s *Spool) Backlog() (onex.Backlog, error) {
	if st := s.store.Load(); st != nil {
		return st.index.backlog(), nil
	}
	var b onex.Backlog
	err := s.with(func(st *store) error {
		b = st.index.backlog()
		return nil
	})
	if err != nil {
		return b, fmt.Errorf("spool: backlog: %w", err)
	}
	return b, nil
}
