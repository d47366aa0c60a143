package onex

import "container/heap"

// waiting knows, for each rank, how many of the events that wait may have to make
// room, and which of them is the oldest, without looking at all lanes: there may
// be thousands, and a publish method has no time. It is kept only for DropOldest,
// and under the intake's lock.
type waiting struct {
	events int
	bytes  int64
	lanes  oldest
}

// share is what a lane has in one of these.
type share struct {
	events int
	bytes  int64
	place  int // in the order of the lanes, from 1; 0 for none
}

// noteWaiting notes what of a lane waits, after that has changed. A lane with an
// event that has to go to disk has none that can make room: all of them are about
// to go there.
func (in *intake) noteWaiting(l *lane) {
	if in.bounds.policy != DropOldest {
		return
	}
	for r := range ranks {
		q, w, s := &l.pending.ranked[r], &in.waiting[r], &l.shares[r]
		events, bytes := q.n, q.bytes
		if l.durable > 0 {
			events, bytes = 0, 0
		}
		w.events, w.bytes = w.events+events-s.events, w.bytes+bytes-s.bytes
		s.events, s.bytes = events, bytes
		w.lanes.rank = r
		switch {
		case events == 0 && s.place > 0:
			heap.Remove(&w.lanes, s.place-1)
		case events > 0 && s.place == 0:
			heap.Push(&w.lanes, l)
		case events > 0:
			heap.Fix(&w.lanes, s.place-1)
		}
	}
}

// oldest is a heap of lanes by their first event of a rank.
type oldest struct {
	lanes []*lane
	rank  rank
}

func (o *oldest) Len() int { return len(o.lanes) }

func (o *oldest) Less(i, j int) bool { return o.seq(i) < o.seq(j) }

// seq is 0 for a lane that is about to be removed.
func (o *oldest) seq(i int) uint64 {
	if e := o.lanes[i].pending.ranked[o.rank].head; e != nil {
		return e.seq
	}
	return 0
}

func (o *oldest) Swap(i, j int) {
	o.lanes[i], o.lanes[j] = o.lanes[j], o.lanes[i]
	o.lanes[i].shares[o.rank].place, o.lanes[j].shares[o.rank].place = i+1, j+1
}

func (o *oldest) Push(l any) {
	o.lanes = append(o.lanes, l.(*lane))
	o.lanes[len(o.lanes)-1].shares[o.rank].place = len(o.lanes)
}

func (o *oldest) Pop() any {
	last := len(o.lanes) - 1
	l := o.lanes[last]
	o.lanes[last] = nil
	o.lanes = o.lanes[:last]
	l.shares[o.rank].place = 0
	return l
}
