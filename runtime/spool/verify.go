package spool

import (
	"fmt"
	"os"
	"path/filepath"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Verify reads the spool in a folder and changes nothing. It returns what can
// be read of it, and an error that says what is damaged, if anything is; then
// Open would find more events than the backlog has, where the tree that leads to
// them is what is damaged. While a process has the spool, that is an
// [ErrInUse].
func Verify(dir string) (onex.Backlog, error) {
	b, err := verify(dir)
	if err != nil {
		return b, fmt.Errorf("spool: verify %s: %w", dir, err)
	}
	return b, nil
}

func verify(dir string) (onex.Backlog, error) {
	lock, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return onex.Backlog{}, err
	}
	defer lock.Close()
	if err := lockFile(lock, false); err != nil {
		return onex.Backlog{}, heldBy(lock, err)
	}
	c, err := readFile(filepath.Join(dir, fileName))
	if err != nil {
		return onex.Backlog{}, err
	}
	return c.index.backlog(), c.faults.err()
}
