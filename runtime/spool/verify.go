package spool

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/lock"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/store"
)

// Verify reads the spool in a folder and changes nothing. It returns what can
// be read of it, and an error that says what is damaged, if anything is
// ([ErrDamaged]); then Open would find more events than the backlog has, where the
// tree that leads to them is what is damaged. While a process has the spool, that
// is an [ErrInUse].
func Verify(dir string) (onex.Backlog, error) {
	b, _, err := Inspect(dir)
	return b, err
}

// Inspect is Verify, and also returns the events that started the operations
// that nobody has finished, in order of Seq.
func Inspect(dir string) (b onex.Backlog, unfinished []onex.Spooled, err error) {
	c, err := inspect(dir)
	if c != nil {
		b, unfinished = c.Index.Backlog(), c.Operations
		slices.SortStableFunc(unfinished, func(x, y onex.Spooled) int { return cmp.Compare(x.Seq, y.Seq) })
	}
	if err != nil {
		err = fmt.Errorf("spool: verify %s: %w", dir, err)
	}
	return b, unfinished, err
}

func inspect(dir string) (*store.Contents, error) {
	l, err := lock.Share(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	defer l.Release()
	c, err := store.InspectFile(filepath.Join(dir, fileName))
	if err != nil {
		return nil, err
	}
	return c, c.Err()
}
