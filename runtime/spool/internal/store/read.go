package store

import (
	"go.etcd.io/bbolt"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Read returns up to limit events of a topic with a Seq above after, in order. Those that
// are damaged it leaves out and forgets, and returns what is wrong with them, also if it
// cannot forget them.
func (st *Store) Read(topic string, after uint64, limit int) (events []onex.Spooled, bad []error, err error) {
	var damaged []uint64
	err = st.view(func(tx *bbolt.Tx) error {
		rows := newRows(tx, st.index.get(topic), after)
		for len(events) < limit && rows.next() {
			rec, err := rows.record()
			if err != nil {
				damaged, bad = append(damaged, rows.seq), append(bad, err)
				continue
			}
			events = append(events, rec.Copy())
		}
		return nil
	})
	if err == nil && len(bad) > 0 {
		err = brokenOnly(st.update(func(b *batch) error {
			for _, seq := range damaged {
				if err := b.forget(b.topic(topic), seq); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return events, bad, err
}

// brokenOnly leaves out an error after which the damaged are in the way again next time,
// as on a full disk.
func brokenOnly(err error) error {
	if IsBroken(err) {
		return err
	}
	return nil
}
