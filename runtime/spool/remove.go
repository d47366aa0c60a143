package spool

import (
	"fmt"
	"os"

	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/store"
)

// Remove implements [onex.Spool]. It takes as long for many events as for few,
// nearly. The file shrinks when not much is left in it.
func (s *Spool) Remove(topic string, through uint64) error {
	err := s.change(func(st *store.Store) error {
		removed, err := st.Remove(topic, through)
		if err == nil && removed {
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
	err := s.change(func(st *store.Store) error {
		err := st.Finish(operations)
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

const (
	// A file of up to shrinkAbove is not worth the trouble, and of a larger
	// one only shrinkTo of it, as a fraction, are worth copying.
	shrinkAbove = 1 << 20
	shrinkTo    = 16
)

// shrink puts a new file in the place of one in which there is little left.
// If that does not work, then perhaps the next time.
func (s *Spool) shrink(st *store.Store) {
	size, err := st.Size()
	if err != nil || size <= shrinkAbove || st.Backlog().Bytes > size/shrinkTo {
		return
	}
	next := s.path(newName)
	if bad, err := st.CopyTo(next); err != nil || len(bad) > 0 {
		_ = os.Remove(next)
		return
	}
	s.discard()
	if err := os.Rename(next, s.path(fileName)); err == nil {
		_ = folder.Sync(s.dir)
	}
}
