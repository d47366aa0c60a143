package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/lock"
)

// ErrGone: the spool's folder, or a file in it, was deleted, or another has taken its
// place, while the spool is open. What is written now would be found by nobody.
// errors.Is(err, fs.ErrNotExist) is true of it.
var ErrGone error = goneError{}

type goneError struct{}

func (goneError) Error() string { return "the spool's folder or file was deleted or replaced" }
func (goneError) Unwrap() error { return fs.ErrNotExist }

// stay makes sure that what is written is where the next process looks for it. If it
// is not, that is an error at least once, so that nobody takes for safe what is not;
// then a new file is begun as soon as there is a folder. The folder itself is not made
// again: its disk may come back.
func (s *Spool) stay() error {
	switch {
	case s.isThere():
		return nil
	case !s.isGone:
		s.isGone = true
		return ErrGone
	}
	if err := s.begin(); err != nil {
		return fmt.Errorf("%w, and there can be no new one yet: %w", ErrGone, err)
	}
	s.isGone = false
	return nil
}

func (s *Spool) isThere() bool {
	st := s.store.Load()
	return s.lock.IsThere() && (st == nil || st.IsAt(s.path(fileName)))
}

// begin makes a new file, with all that there was: who has a file open can read it
// though it has no name any more. What is in its place is moved out of the way.
func (s *Spool) begin() error {
	if err := folder.Check(s.dir); err != nil {
		return err
	}
	if !s.lock.IsThere() {
		l, err := lock.Acquire(s.path(lockName), s.now(), 0)
		if err != nil {
			return err
		}
		_ = s.lock.Release()
		s.lock = l
	}
	st := s.store.Load()
	if st == nil || st.IsAt(s.path(fileName)) {
		return nil
	}
	bad, err := st.CopyTo(s.path(newName))
	if err != nil {
		_ = os.Remove(s.path(newName))
		return err
	}
	d := Damage{Err: errors.Join(append([]error{ErrGone}, bad...)...), Lost: len(bad)}
	for _, t := range st.Backlog().Topics {
		d.Kept += int(t.Events)
	}
	d.Kept -= min(d.Kept, d.Lost)
	if _, err := os.Lstat(s.path(fileName)); err == nil {
		if d.MovedTo, err = s.moveAway(); err != nil {
			return err
		}
	}
	if err := s.install(); err != nil {
		return err
	}
	s.discard()
	s.damages = append(s.damages, d)
	return nil
}

// leave is the last chance of what is in a file that has no name any more.
func (s *Spool) leave() error {
	st := s.store.Load()
	if st == nil || s.isThere() {
		return nil
	}
	b := st.Backlog()
	if b.Bytes == 0 {
		return nil
	}
	err := s.begin()
	if err == nil {
		return nil
	}
	n := int64(0)
	for _, t := range b.Topics {
		n += t.Events
	}
	return fmt.Errorf("%w, and with it are %d events: %w", ErrGone, n, err)
}
