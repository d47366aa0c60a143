package lock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// ErrInUse: another process has the spool, or this one has opened it before.
var ErrInUse = errors.New("the spool is in use")

// Lock is a lock on a file. The system releases it when the process ends, however it
// does.
type Lock struct {
	file   *os.File
	shared bool
}

// Acquire takes a lock on a file for this process alone. The file, which it makes if
// there is none, then says who has it.
func Acquire(path string, now time.Time) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f, true); err != nil {
		return nil, errors.Join(heldBy(f, err), f.Close())
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	text := fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, now.UTC().Format(time.RFC3339))
	if err := errors.Join(f.Truncate(0), writeAt(f, text)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Lock{file: f}, nil
}

// Share takes a lock that others may share, for those who only read.
func Share(path string) (*Lock, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f, false); err != nil {
		return nil, errors.Join(heldBy(f, err), f.Close())
	}
	return &Lock{file: f, shared: true}, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// heldBy says who has the lock, if that is why it could not be had.
func heldBy(f *os.File, err error) error {
	if !isHeld(err) {
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	holder := "another process"
	if b, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<10)); err == nil && len(b) > 0 {
		holder = strings.TrimSpace(string(b))
	}
	return fmt.Errorf("%w: %s has it; stop that, or use another folder", ErrInUse, holder)
}

// Release gives up the lock.
func (l *Lock) Release() error {
	if l.shared {
		return l.file.Close()
	}
	return errors.Join(l.file.Truncate(0), l.file.Close())
}
