package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// apply makes the change on disk.
func (c change) apply() error {
	if c.new != nil {
		return writeFile(c.path, c.new)
	}
	if err := os.Remove(c.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil // another run was faster
}

// writeFile replaces the file at path, or creates it: other processes see the
// old content or the new, and never a part. An existing file keeps its mode.
func writeFile(path string, content []byte) error {
	// In the same folder, as a rename does not cross file systems; and hidden
	// from the go command by the period.
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%x.tmp", filepath.Base(path), rand.Uint64()))
	err := writeNew(temp, content)
	if old, statErr := os.Stat(path); err == nil && statErr == nil {
		err = os.Chmod(temp, old.Mode().Perm())
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
	}
	return err
}

func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less the umask
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
