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

	life    sync.RWMutex // held while a call goes on
	dead    bool
	dropped []onex.Spooled // by the one goroutine that appends
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

// do makes a call, if the spool is in the mood, and the process alive.
func (s *moody) do(m *mood, call func() error) error {
	if m != nil {
		if err := s.in(m); err != nil {
			return err
		}
	}
	s.life.RLock()
	defer s.life.RUnlock()
	if s.dead {
		return errDead
	}
	return call()
}

var errDead = errors.New("the process is dead")

// die ends the process: what it has begun to write is written, and nothing more.
func (s *moody) die() {
	s.life.Lock()
	defer s.life.Unlock()
	s.dead = true
}

func (s *moody) Append(events []onex.Spooled) (dropped []onex.Spooled, err error) {
	err = s.do(&s.append, func() error {
		dropped, err = s.Spool.Append(events)
		s.dropped = append(s.dropped, dropped...)
		return err
	})
	return dropped, err
}

func (s *moody) Read(topic string, after uint64, limit int) (events []onex.Spooled, err error) {
	err = s.do(&s.read, func() error {
		s.mu.Lock()
		if s.few {
			limit = 1
		}
		s.mu.Unlock()
		events, err = s.Spool.Read(topic, after, limit)
		return err
	})
	return events, err
}

func (s *moody) Remove(topic string, through uint64) error {
	return s.do(&s.remove, func() error { return s.Spool.Remove(topic, through) })
}

func (s *moody) Finish(operations ...string) error {
	return s.do(&s.finish, func() error { return s.Spool.Finish(operations...) })
}

func (s *moody) Close() error {
	return s.do(nil, s.Spool.Close)
}
