package spool

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/lock"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/store"
)

// ErrClosed: the spool is closed.
var ErrClosed = errors.New("the spool is closed")

// ErrInUse: another process has the spool, or this one has opened it before.
var ErrInUse = lock.ErrInUse

// The files in a spool's folder. A damaged file gets the suffix .damaged-1,
// or the next that is free.
const (
	fileName = "events.db"
	newName  = "events.db.new" // what is to be events.db, until it is complete
	lockName = "lock"
)

// Spool keeps events in a folder. It is made by [Open], may be used by several
// goroutines at once, and has to be closed.
type Spool struct {
	options
	dir    string
	opened time.Time // by the clock on the wall, and by one that only goes on

	mu      sync.Mutex // for all that has to do with the file
	lock    *lock.Lock
	store   atomic.Pointer[store.Store]
	closed  bool
	isGone  bool     // the lock or the file, which who writes has been told
	damages []Damage // to be reported when mu is free
}

var (
	_ onex.PagedSpool     = (*Spool)(nil)
	_ onex.RejectingSpool = (*Spool)(nil)
)

// Open opens the spool in a folder, for this process alone, or makes one. It
// reads all of it, which takes about a second for a GiB. The folder is made
// with mode 0700, and files in it with 0600. A folder that others own, or may write to,
// is an error that says what to do; so is a file in it that is a link or a pipe,
// has another name elsewhere, or belongs to others. Such a file is not touched. (On Windows, who
// may write to the folder is not asked.)
//
// If another process has the spool, or this one already, the error is an
// [ErrInUse] that names it. A damaged file is no error: see [Damage].
func Open(dir string, opts ...Option) (*Spool, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, fmt.Errorf("spool: open %s: %w", dir, err)
	}
	s := &Spool{options: o, dir: dir, opened: o.now()}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("spool: open %s: %w", dir, err)
	}
	return s, nil
}

func (s *Spool) open() error {
	err := folder.Make(s.dir)
	if err == nil {
		err = folder.Check(s.dir)
	}
	if err != nil {
		return err
	}
	if s.lock, err = lock.Acquire(s.path(lockName), s.now(), s.wait); err != nil {
		return err
	}
	// The process before may have died between emptying the file and that.
	err = s.with(func(st *store.Store) error {
		s.shrink(st)
		return nil
	})
	if err != nil {
		return errors.Join(err, s.lock.Release())
	}
	return nil
}

func (s *Spool) path(name string) string { return filepath.Join(s.dir, name) }

// change is with for what writes: only where the next process will find it.
func (s *Spool) change(fn func(*store.Store) error) error { return s.run(s.stay, fn) }

// with runs fn, which may run again if the file turns out to be damaged, with
// what could be saved of it.
func (s *Spool) with(fn func(*store.Store) error) error {
	return s.run(func() error { return nil }, fn)
}

func (s *Spool) run(stay func() error, fn func(*store.Store) error) error {
	defer s.tell()
	s.mu.Lock()
	defer s.mu.Unlock()
	for attempt := 0; ; attempt++ {
		if s.closed {
			return ErrClosed
		}
		if err := stay(); err != nil {
			return err
		}
		if s.store.Load() == nil {
			st, err := s.load()
			if err != nil {
				return err
			}
			s.store.Store(st)
		}
		err := fn(s.store.Load())
		if err == nil {
			err = stay() // it may have gone before the end
		}
		if !store.IsBroken(err) {
			return err
		}
		s.discard()
		if attempt == 1 {
			return err
		}
	}
}

// discard closes the file, to be loaded anew.
func (s *Spool) discard() {
	if st := s.store.Swap(nil); st != nil {
		_ = st.Close() // what was to be on the disk is
	}
}

// found notes damage to single events, if there is any.
func (s *Spool) found(faults []error) {
	if len(faults) == 0 {
		return
	}
	s.damages = append(s.damages, Damage{Err: errors.Join(faults...), Lost: len(faults)})
}

// tell reports the damage that was found.
func (s *Spool) tell() {
	s.mu.Lock()
	damages := s.damages
	s.damages = nil
	s.mu.Unlock()
	for _, d := range damages {
		s.onDamage(d)
	}
}

// Close implements [onex.Spool]. It waits for the method that is at work.
func (s *Spool) Close() error {
	defer s.tell()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.leave()
	if st := s.store.Swap(nil); st != nil {
		err = errors.Join(err, st.Close())
	}
	if err = errors.Join(err, s.lock.Release()); err != nil {
		return fmt.Errorf("spool: close: %w", err)
	}
	return nil
}
