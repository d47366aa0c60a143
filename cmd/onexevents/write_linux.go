package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// writeFile replaces the file at path, or creates it: other processes see the
// old content or the new, and never a part. An existing file keeps its mode.
// The new file has no name before it is whole, so that a process that is
// killed while it writes leaves nothing behind.
func writeFile(path string, content []byte) error {
	mode := modeOf(path)
	f, err := os.OpenFile(filepath.Dir(path), os.O_WRONLY|unix.O_TMPFILE, 0o666) // less the umask
	if err != nil {
		return writeNamed(path, content, mode) // not every file system can do it
	}
	defer f.Close()
	if err := fill(f, content, mode); err != nil {
		return err
	}
	err = named(f, path)
	if errors.Is(err, fs.ErrExist) {
		err = replaceWith(f, path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return writeNamed(path, content, mode) // /proc is not mounted
	}
	return err
}

// replaceWith puts f in the place of the file at path. A link takes no other
// file's place, but a rename does. Between these two calls, and only there, a
// killed process leaves a file, for sweep.
func replaceWith(f *os.File, path string) error {
	temp := tempName(path)
	if err := named(f, temp); err != nil {
		return err
	}
	return rename(temp, path)
}

// named gives a file a name, its first.
func named(f *os.File, path string) error {
	proc := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	err := unix.Linkat(unix.AT_FDCWD, proc, unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
	if err != nil {
		return &os.LinkError{Op: "link", Old: proc, New: path, Err: err}
	}
	return nil
}
