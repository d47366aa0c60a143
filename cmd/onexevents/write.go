package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// apply makes the change on disk.
func (c change) apply() error {
	if c.new == nil {
		return os.Remove(c.path)
	}
	return writeFile(c.path, c.new)
}

// writeFile replaces the file at path, or creates it: other processes see the
// old content or the new, and never a part. An existing file keeps its mode.
func writeFile(path string, content []byte) error {
	mode := fs.FileMode(0o666) // less the umask
	old, err := os.Stat(path)
	if err == nil {
		mode = old.Mode().Perm()
	}
	// In the same folder, as a rename does not cross file systems; and hidden
	// from the go command by the period.
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%x.tmp", filepath.Base(path), rand.Uint64()))
	if err := writeNew(temp, content, mode); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return err
	}
	return nil
}

// writeNew creates a file, or leaves none behind.
func writeNew(path string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}
