package spool

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/store"
)

// Read implements [onex.Spool]. An event that turns out to be damaged is
// reported to [OnDamage], left out and forgotten.
func (s *Spool) Read(topic string, after uint64, limit int) ([]onex.Spooled, error) {
	var events []onex.Spooled
	err := s.with(func(st *store.Store) error {
		var bad []error
		var err error
		events, bad, err = st.Read(topic, after, limit)
		s.found(bad)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("spool: read topic %q: %w", topic, err)
	}
	return events, nil
}

// Unfinished implements [onex.Spool]. A damaged one is reported to [OnDamage],
// left out and forgotten.
func (s *Spool) Unfinished() ([]onex.Spooled, error) {
	started, err := s.UnfinishedAfter("", math.MaxInt)
	slices.SortStableFunc(started, func(x, y onex.Spooled) int { return cmp.Compare(x.Seq, y.Seq) })
	return started, err
}

// UnfinishedAfter implements [onex.PagedSpool], as Unfinished does [onex.Spool].
func (s *Spool) UnfinishedAfter(operation string, limit int) ([]onex.Spooled, error) {
	var started []onex.Spooled
	err := s.with(func(st *store.Store) error {
		var bad []error
		var err error
		started, bad, err = st.Unfinished(operation, limit)
		s.found(bad)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("spool: read the unfinished operations: %w", err)
	}
	return started, nil
}

// Backlog implements [onex.Spool]. It does not wait for the disk.
func (s *Spool) Backlog() (onex.Backlog, error) {
	if st := s.store.Load(); st != nil {
		return st.Backlog(), nil
	}
	var b onex.Backlog
	err := s.with(func(st *store.Store) error {
		b = st.Backlog()
		return nil
	})
	if err != nil {
		return b, fmt.Errorf("spool: backlog: %w", err)
	}
	return b, nil
}
