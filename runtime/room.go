package onex

import "iter"

// This file says for which events there is room, and which have to make it. All
// of it is under the intake's lock.

// drop is an event that had to make room.
type drop struct {
	lane  *lane
	event *event
}

// makeRoom makes room for another event of a lane by dropping others, if the
// policy says so, and tells whether there is room now. If that would not be
// enough, it drops none.
func (in *intake) makeRoom(l *lane, size int64) (dropped []drop, ok bool) {
	if !in.canMakeRoom(l, size) {
		return nil, false
	}
	for !in.hasRoom(l, size) {
		d, ok := in.drop(l, size)
		if !ok {
			return dropped, false
		}
		dropped = append(dropped, d)
	}
	return dropped, true
}

func (in *intake) hasRoom(l *lane, size int64) bool {
	return !in.hasItsShare(l, l.events, l.bytes+size) && in.fits(in.events, in.bytes+size)
}

func (in *intake) fits(events int, bytes int64) bool {
	return events < in.bounds.events && bytes <= in.bounds.bytes
}

// hasItsShare tells whether so much is too much for a lane. A topic that is
// suffering, or of which it is not known whether events can be written to it
// while others can, may take half of the room, so that the others go on.
func (in *intake) hasItsShare(l *lane, events int, bytes int64) bool {
	suspect := l.parked || !l.proven && in.ledger.Delivered > 0
	return suspect && (events >= (in.bounds.events+1)/2 || bytes > in.bounds.bytes/2)
}

// canMakeRoom tells whether there is room, or would be if all events were
// dropped that may have to go for one of a lane.
func (in *intake) canMakeRoom(l *lane, size int64) bool {
	if in.hasRoom(l, size) {
		return true
	}
	// Nothing is dropped while too many losses wait to be reported. To ask
	// this of each drop could end half-way.
	if in.bounds.policy != DropOldest || in.losses >= in.bounds.events {
		return false
	}
	events, bytes := in.events, in.bytes+size
	own, ownBytes := l.events, l.bytes+size
	for v := range in.victims(l) {
		events, bytes = events-v.pending.n, bytes-v.pending.bytes
		if v == l {
			own, ownBytes = own-v.pending.n, ownBytes-v.pending.bytes
		}
	}
	return in.fits(events, bytes) && !in.hasItsShare(l, own, ownBytes)
}

// victims are the lanes of which events can go for one of l: none of them are
// more important. The least important come first.
func (in *intake) victims(l *lane) iter.Seq[*lane] {
	return func(yield func(*lane) bool) {
		for r := range l.rank + 1 {
			for _, v := range in.ranked[r] {
				if v.durable == 0 && v.pending.n > 0 && !yield(v) {
					return
				}
			}
		}
	}
}

// drop takes out the oldest of the least important events that wait. A lane
// that has its share already makes its own go.
func (in *intake) drop(l *lane, size int64) (drop, bool) {
	greedy := in.hasItsShare(l, l.events, l.bytes+size)
	var oldest *lane
	for v := range in.victims(l) {
		switch {
		case greedy && v != l:
		case oldest == nil, v.rank == oldest.rank && v.pending.head.seq < oldest.pending.head.seq:
			oldest = v
		}
	}
	if oldest == nil {
		return drop{}, false
	}
	e := oldest.pending.pop()
	in.dropped(oldest, e)
	return drop{oldest, e}, true
}

func (in *intake) hold(l *lane, e *event) {
	in.events++
	in.bytes += e.size()
	l.events++
	l.bytes += e.size()
}

func (in *intake) release(l *lane, e *event) {
	in.events--
	in.bytes -= e.size()
	l.events--
	l.bytes -= e.size()
}
