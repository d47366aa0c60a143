package onex

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
func (in *intake) makeRoom(l *lane, e *event) (dropped []drop, ok bool) {
	if !in.canMakeRoom(l, e) {
		return nil, false
	}
	for !in.hasRoom(l, e.size()) {
		d, ok := in.drop(l, e)
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
// dropped that may have to go for one of a lane: none of them more important.
func (in *intake) canMakeRoom(l *lane, e *event) bool {
	if in.hasRoom(l, e.size()) {
		return true
	}
	// Nothing is dropped while too many losses wait to be reported. To ask
	// this of each drop could end half-way.
	if in.bounds.policy != DropOldest || in.losses >= in.bounds.events {
		return false
	}
	events, bytes := in.events, in.bytes+e.size()
	own, ownBytes := l.events, l.bytes+e.size()
	for r := range e.rank + 1 {
		events, bytes = events-in.waiting[r].events, bytes-in.waiting[r].bytes
		own, ownBytes = own-l.shares[r].events, ownBytes-l.shares[r].bytes
	}
	return in.fits(events, bytes) && !in.hasItsShare(l, own, ownBytes)
}

// drop takes out the oldest of the least important events that wait. A lane
// that has its share already makes its own go.
func (in *intake) drop(l *lane, e *event) (drop, bool) {
	greedy := in.hasItsShare(l, l.events, l.bytes+e.size())
	for r := range e.rank + 1 {
		victim := in.oldestOf(r)
		if greedy {
			victim = l
		}
		if victim == nil || victim.shares[r].events == 0 {
			continue
		}
		e := victim.pending.pop(r)
		in.noteWaiting(victim)
		in.dropped(victim, e)
		return drop{victim, e}, true
	}
	return drop{}, false
}

// oldestOf returns the lane with the oldest event of a rank that may make room.
func (in *intake) oldestOf(r rank) *lane {
	if lanes := in.waiting[r].lanes.lanes; len(lanes) > 0 {
		return lanes[0]
	}
	return nil
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
