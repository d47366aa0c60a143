package lock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
)

// ErrInUse: another process has the spool, or this one has opened it before.
var ErrInUse = errors.New("the spool is in use")

// Lock is a lock on a file. The system releases it when the process ends, however it
// does.
type Lock struct {
	file   *os.File
	path   string
	shared bool
}

// poll is how often a lock is tried that somebody else has.
const poll = 50 * time.Millisecond

// Acquire takes a lock on a file for this process alone, and waits for it as long as
// that. The file, which it makes if there is none, then says who has it.
func Acquire(path string, now time.Time, wait time.Duration) (*Lock, error) {
	for begun := time.Now(); ; time.Sleep(poll) {
		l, err := try(path)
		switch {
		case err == nil:
			if err := l.sign(now); err != nil {
				return nil, errors.Join(err, l.file.Close())
			}
			return l, nil
		case !errors.Is(err, ErrInUse) || time.Since(begun) >= wait:
			return nil, err
		}
	}
}

func try(path string) (*Lock, error) {
	f, err := folder.Open(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	return take(f, path)
}

// take locks a file that was opened by this name.
func take(f *os.File, path string) (*Lock, error) {
	l := &Lock{file: f, path: path}
	if err := lockFile(f, true); err != nil {
		return nil, errors.Join(heldBy(f, err), f.Close())
	}
	if !l.IsThere() {
		return nil, errors.Join(fmt.Errorf("%w: another file is %s now; try again", ErrInUse, path), f.Close())
	}
	return l, nil
}

// sign says in the file who has the lock.
func (l *Lock) sign(now time.Time) error {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	text := fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, now.UTC().Format(time.RFC3339))
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt([]byte(text), 0)
	return err
}

// IsThere tells whether the file is still where it was locked. If not, others do not see
// the lock.
func (l *Lock) IsThere() bool {
	info, err := l.file.Stat()
	return err == nil && folder.IsAt(l.path, info)
}

// Share takes a lock that others may share, for those who only read.
func Share(path string) (*Lock, error) {
	f, err := folder.OpenToRead(path)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f, false); err != nil {
		return nil, errors.Join(heldBy(f, err), f.Close())
	}
	return &Lock{file: f, path: path, shared: true}, nil
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
