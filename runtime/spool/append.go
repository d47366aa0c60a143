package spool

import (
	"fmt"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/store"
)

// Append implements [onex.Spool]. It blocks until the events are on the disk,
// which takes two fsyncs however many they are. An event without a Topic or a
// Seq is an error; without events, Append drops what is too old. An event that
// would not fit into an empty spool is dropped itself, and so is one that starts
// an operation for which those that are not finished leave no room.
func (s *Spool) Append(events []onex.Spooled) (dropped []onex.Spooled, err error) {
	for _, e := range events {
		if err := store.Check(e); err != nil {
			return nil, fmt.Errorf("spool: append event %d of topic %q: %w", e.Seq, e.Topic, err)
		}
	}
	if len(events) == 0 && !s.hasOld() {
		return nil, s.change(func(*store.Store) error { return nil })
	}
	err = s.change(func(st *store.Store) error {
		var bad []error
		var err error
		dropped, bad, err = st.Append(events, s.bound())
		s.found(bad)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("spool: append %d events: %w", len(events), err)
	}
	return dropped, nil
}

// bound is what the spool has room for now.
func (s *Spool) bound() store.Bound { return store.Bound{Bytes: s.maxBytes, Before: s.cutoff()} }

// hasOld says whether an event may be too old. It does not wait for the disk.
func (s *Spool) hasOld() bool {
	b, err := s.Backlog()
	return err != nil || s.bound().HasOld(b)
}
