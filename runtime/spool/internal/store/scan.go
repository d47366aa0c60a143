package store

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"slices"

	"github.com/omninode-ai/onexevents/runtime/spool/internal/boltfile"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// found is a record that a scan has come across.
type found struct {
	offset int64
	size   int
	stamp  uint64
}

// scan looks for records anywhere in a file, whatever is around them. It finds
// all events that are in it, and some that are in it no more: those that the
// records of what is removed do not cover.
type scan struct {
	r      io.ReaderAt
	size   int64
	events map[place]found // of several that are the same event, the last that was written
	last   uint64
	marks  map[string][]mark
	buffer []byte
}

// mark says that the events up to a Seq were removed by the transaction of
// this stamp.
type mark struct{ stamp, through uint64 }

const scanWindow = 1 << 20

func newScan(r io.ReaderAt, size int64) *scan {
	return &scan{r: r, size: size, events: map[place]found{}, marks: map[string][]mark{}}
}

// run reads the whole file. What it cannot read it skips.
func (s *scan) run() {
	window := make([]byte, scanWindow+record.HeaderSize)
	for at := int64(0); at < s.size; {
		want := min(int64(len(window)), s.size-at)
		n, err := s.r.ReadAt(window[:want], at)
		next := at + scanWindow
		if int64(n) < want && err != nil {
			next = at + int64(n)&^(boltfile.PageSize-1) + boltfile.PageSize
		}
		for pos := 0; pos < n; {
			i := bytes.Index(window[pos:n], []byte(record.Magic))
			if i < 0 {
				break
			}
			pos += i
			pos += s.try(at + int64(pos))
			next = max(next, at+int64(pos))
		}
		at = next
	}
	s.apply()
}

// try reads a record if there is one, and says how far to go from here.
func (s *scan) try(at int64) int {
	header := make([]byte, record.HeaderSize)
	if _, err := s.r.ReadAt(header, at); err != nil {
		return 1
	}
	size, ok := record.FrameSize(header)
	if !ok || int64(size) > s.size-at {
		return 1
	}
	s.buffer = slices.Grow(s.buffer[:0], size)[:size]
	if _, err := s.r.ReadAt(s.buffer, at); err != nil {
		return 1
	}
	rec, err := record.Decode(s.buffer)
	if err != nil {
		return 1
	}
	s.note(rec, found{at, size, rec.Stamp})
	return size
}

func (s *scan) note(rec record.Record, f found) {
	switch rec.Kind {
	case record.Event:
		p := place{rec.Topic, rec.Seq}
		if old, ok := s.events[p]; !ok || old.stamp < f.stamp {
			s.events[p] = f
		}
		s.last = max(s.last, rec.Seq)
	case record.Removed:
		s.marks[rec.Topic] = append(s.marks[rec.Topic], mark{rec.Stamp, rec.Seq})
	case record.Highest:
		s.last = max(s.last, rec.Seq)
	}
}

// apply leaves out the events that were removed after they had been written.
func (s *scan) apply() {
	for _, marks := range s.marks {
		// From the last mark to the first, each covers what the later ones do.
		slices.SortFunc(marks, func(x, y mark) int { return cmp.Compare(y.stamp, x.stamp) })
		for i := 1; i < len(marks); i++ {
			marks[i].through = max(marks[i].through, marks[i-1].through)
		}
	}
	for p, f := range s.events {
		marks := s.marks[p.topic]
		later, _ := slices.BinarySearchFunc(marks, f.stamp, func(m mark, stamp uint64) int { return cmp.Compare(stamp, m.stamp) })
		if later > 0 && p.seq <= marks[later-1].through {
			delete(s.events, p)
		}
	}
}

// keep leaves out all events but some.
func (s *scan) keep(alive map[place]bool) {
	maps.DeleteFunc(s.events, func(p place, _ found) bool { return !alive[p] })
}

// places returns where events are, in order.
func (s *scan) places() []place {
	all := make([]place, 0, len(s.events))
	for p := range s.events {
		all = append(all, p)
	}
	slices.SortFunc(all, func(x, y place) int {
		return cmp.Or(cmp.Compare(x.topic, y.topic), cmp.Compare(x.seq, y.seq))
	})
	return all
}

// read returns the event of a place.
func (s *scan) read(p place) (record.Record, error) {
	f := s.events[p]
	b := make([]byte, f.size)
	if _, err := s.r.ReadAt(b, f.offset); err != nil {
		return record.Record{}, err
	}
	return record.Decode(b)
}
