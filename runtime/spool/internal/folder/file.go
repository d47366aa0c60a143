package folder

import (
	"fmt"
	"os"
)

// Open opens a file that has to be this user's own, and one of which there is no other
// name. It follows no link, and touches nothing that it refuses: whoever could put a
// link or a pipe into the folder could have it write elsewhere, or wait for ever.
func Open(path string, flag int) (*os.File, error) {
	return open(path, flag, func(f *os.File, info os.FileInfo) error { return own(f, path, info) })
}

// OpenToRead opens a file of any user's for those who only read it. It has to be one, and no
// link.
func OpenToRead(path string) (*os.File, error) {
	return open(path, os.O_RDONLY, func(*os.File, os.FileInfo) error { return nil })
}

func open(path string, flag int, check func(*os.File, os.FileInfo) error) (*os.File, error) {
	// To open a pipe or a device may do something to it, so the name is looked at
	// before. What is opened then may be another, and counts.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, notRegular(path, info)
	}
	f, err := os.OpenFile(path, flag|neverWait, 0o600)
	if err != nil {
		return nil, err
	}
	if err := checkOpen(f, path, check); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func checkOpen(f *os.File, path string, check func(*os.File, os.FileInfo) error) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return notRegular(path, info)
	case !IsAt(path, info):
		return fmt.Errorf("%s is not what was opened; somebody has put another file in its place, try again", path)
	}
	return check(f, info)
}

func notRegular(path string, info os.FileInfo) error {
	what := "no regular file"
	if info.Mode()&os.ModeSymlink != 0 {
		what = "a symbolic link"
	}
	return fmt.Errorf("%s is %s (%v), which is not the spool's; find out who has put it there, and remove it", path, what, info.Mode().Type())
}

// IsAt tells whether a file has this name, and the name is no link to it.
func IsAt(path string, file os.FileInfo) bool {
	info, err := os.Lstat(path)
	return err == nil && os.SameFile(info, file)
}

func severalNames(path string) error {
	return fmt.Errorf("%s has another name elsewhere (a hard link), which is not the spool's; put a copy of it in its place: cp %s %s.copy && mv %s.copy %s", path, path, path, path, path)
}
