package spool

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// syncDir puts the names of the files in a folder on the disk.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // which does not sync a folder
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// makeDir makes a folder, and those above it, for nobody else to look into.
func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	switch {
	case errors.Is(err, os.ErrExist):
		return nil
	case errors.Is(err, os.ErrNotExist):
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		if err = os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return syncDir(filepath.Dir(dir))
}
