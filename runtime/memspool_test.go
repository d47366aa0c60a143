package onex_test

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/spooltest"
)

// memSpool is a spool in memory that outlives its publisher, and fails as a
// test wants it to.
type memSpool struct {
	mu         sync.Mutex
	events     []onex.Spooled
	unfinished map[string]onex.Spooled
	lastSeq    uint64
	limit      int                               // events; 0 means no limit
	fail       func(events []onex.Spooled) error // of Append; nil means that nothing fails
	closed     bool
}

func (s *memSpool) Append(events []onex.Spooled) (dropped []onex.Spooled, err error) {
	s.mu.Lock()
	fail := s.fail
	s.mu.Unlock()
	if fail != nil && len(events) > 0 {
		if err := fail(events); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		i, found := slices.BinarySearchFunc(s.events, e, func(a, b onex.Spooled) int {
			return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Topic, b.Topic))
		})
		if found {
			s.events[i] = e
		} else {
			s.events = slices.Insert(s.events, i, e)
		}
		s.lastSeq = max(s.lastSeq, e.Seq)
		if s.unfinished == nil {
			s.unfinished = map[string]onex.Spooled{}
		}
		if e.Operation != "" {
			s.unfinished[e.Operation] = e
		}
		delete(s.unfinished, e.Finishes)
	}
	if over := len(s.events) - s.limit; s.limit > 0 && over > 0 {
		dropped = slices.Clone(s.events[:over])
		s.events = slices.Clone(s.events[over:])
	}
	return dropped, nil
}

func (s *memSpool) Read(topic string, after uint64, limit int) (found []onex.Spooled, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Topic == topic && e.Seq > after && len(found) < limit {
			found = append(found, e)
		}
	}
	return found, nil
}

func (s *memSpool) Remove(topic string, through uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = slices.DeleteFunc(s.events, func(e onex.Spooled) bool { return e.Topic == topic && e.Seq <= through })
	return nil
}

func (s *memSpool) Finish(operations ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range operations {
		delete(s.unfinished, o)
	}
	return nil
}

func (s *memSpool) Unfinished() (started []onex.Spooled, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.unfinished), func(a, b onex.Spooled) int { return cmp.Compare(a.Seq, b.Seq) }), nil
}

func (s *memSpool) Backlog() (onex.Backlog, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := onex.Backlog{LastSeq: s.lastSeq}
	for _, e := range s.events {
		i := slices.IndexFunc(b.Topics, func(t onex.TopicBacklog) bool { return t.Topic == e.Topic })
		if i < 0 {
			b.Topics = append(b.Topics, onex.TopicBacklog{Topic: e.Topic, FirstSeq: e.Seq, Oldest: e.At})
			i = len(b.Topics) - 1
		}
		b.Topics[i].Events++
		b.Topics[i].Bytes += int64(len(e.Key) + len(e.Value))
		b.Bytes += int64(len(e.Key) + len(e.Value))
	}
	slices.SortFunc(b.Topics, func(x, y onex.TopicBacklog) int { return cmp.Compare(x.Topic, y.Topic) })
	return b, nil
}

func (s *memSpool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// A memSpool keeps what a spool promises, or many tests would show nothing. It
// outlives its Close; so a handle is what is opened and closed.
func TestMemSpool(t *testing.T) {
	s := &memSpool{limit: 300}
	spooltest.Test(t, func() onex.Spool { return &memHandle{s} })
}

type memHandle struct{ *memSpool }

// FillDisk implements [spooltest.Filler].
func (s *memHandle) FillDisk() (free func()) {
	s.set(func([]onex.Spooled) error { return syscall.ENOSPC })
	return func() { s.set(nil) }
}

// len returns how many events are in the spool.
func (s *memSpool) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events)
}

func (s *memSpool) set(fail func([]onex.Spooled) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fail
}

// loseLast forgets events behind the publisher's back, as damage does.
func (s *memSpool) loseLast(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = s.events[:len(s.events)-n]
}

// age makes an operation look as if it had begun earlier.
func (s *memSpool) age(correlation string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for op, started := range s.unfinished {
		if bytes.Contains(started.Value, []byte(correlation)) {
			started.At = started.At.Add(-d)
			s.unfinished[op] = started
		}
	}
}
