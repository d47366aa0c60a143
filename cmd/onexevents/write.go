package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// cause is what the system says of a file, without the names of temporary files
// that nobody has heard of.
func cause(err error) error {
	var (
		onPath *fs.PathError
		onLink *os.LinkError
	)
	switch {
	case errors.As(err, &onPath):
		return onPath.Err
	case errors.As(err, &onLink):
		return onLink.Err
	default:
		return err
	}
}

// writeNamed writes content into a file beside path, of the given mode if it
// is not 0, and renames it to path.
func writeNamed(path string, content []byte, mode fs.FileMode) error {
	temp := tempName(path)
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less the umask
	if err != nil {
		return err
	}
	if err := errors.Join(fill(f, content, mode), f.Close()); err != nil {
		os.Remove(temp)
		return err
	}
	return rename(temp, path)
}

func fill(f *os.File, content []byte, mode fs.FileMode) error {
	if _, err := f.Write(content); err != nil || mode == 0 {
		return err
	}
	return f.Chmod(mode)
}

// rename leaves no temp behind, even if it fails.
func rename(temp, path string) error {
	err := os.Rename(temp, path)
	if err != nil {
		os.Remove(temp)
	}
	return err
}

// modeOf is the mode of the file at path, and 0 if there is none.
func modeOf(path string) fs.FileMode {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Mode().Perm()
}

const tempSuffix = ".tmp"

// tempName is a name for what will be the file at path: in the same folder, as
// a rename does not cross file systems; and hidden from the go command by the
// period.
func tempName(path string) string {
	return filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%016x%s", filepath.Base(path), rand.Uint64(), tempSuffix))
}
