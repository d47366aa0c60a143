package onex_test

import (
	"errors"
	"runtime"
	"sync"
	"syscall"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// moody is a spool that does what another one does, when it is in the mood.
type moody struct {
	onex.Spool

	mu     sync.Mutex
	append mood
	read   mood
	remove mood
	finish mood
	few    bool // no more than one event is read at a time
	erred  bool // Remove or Finish has failed at some time
}

// mood is what becomes of a call; nil lets it through.
type mood func() error

var moods = []mood{
	func() error { return syscall.ENOSPC },
	func() error { return errors.New("moody") },
	func() error { panic("moody") },
	func() error { runtime.Goexit(); return nil },
	func() error { time.Sleep(3 * time.Millisecond); return nil }, // a slow disk
}

func (s *moody) in(m *mood) error {
	s.mu.Lock()
	now := *m
	if now != nil && (m == &s.remove || m == &s.finish) {
		s.erred = true
	}
	s.mu.Unlock()
	if now == nil {
		return nil
	}
	return now()
}

// change changes the mood of some calls under the lock.
func (s *moody) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *moody) calm() {
	s.change(func() { s.append, s.read, s.remove, s.finish, s.few = nil, nil, nil, nil, false })
}

func (s *moody) Append(events []onex.Spooled) ([]onex.Spooled, error) {
	if err := s.in(&s.append); err != nil {
		return nil, err
	}
	return s.Spool.Append(events)
}

func (s *moody) Read(topic string, after uint64, limit int) ([]onex.Spooled, error) {
	if err := s.in(&s.read); err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.few {
		limit = 1
	}
	s.mu.Unlock()
	return s.Spool.Read(topic, after, limit)
}

func (s *moody) Remove(topic string, through uint64) error {
	if err := s.in(&s.remove); err != nil {
		return err
	}
	return s.Spool.Remove(topic, through)
}

func (s *moody) Finish(operations ...string) error {
	if err := s.in(&s.finish); err != nil {
		return err
	}
	return s.Spool.Finish(operations...)
}
