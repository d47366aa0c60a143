package onex

import (
	"slices"
	"time"
)

// spoolRest is how long a spool that has failed is left in peace; only durable
// events are tried even so.
const spoolRest = time.Second

// spill sends to disk what should not wait in memory: what has to be there,
// what would have to wait for Kafka, and what would overtake events that are
// there. waits says that the lane can give Kafka nothing now.
func (d *dispatcher) spill(l *lane, waits bool) {
	if d.spooler == nil {
		return
	}
	if events := d.intake.frontToDisk(l, d.down); events != nil {
		d.spooler.do(job{lane: l, write: events})
		return
	}
	events, again := d.intake.toDisk(l, d.down || d.isEnding, waits)
	if len(events) > 0 {
		d.spooler.do(job{lane: l, write: events})
	}
	if !again.IsZero() {
		d.alarmAt(again)
	}
}

// frontToDisk returns the front of a lane if it is to be written to disk now.
// Until it is there, nothing is read from disk, because all of it is later. A
// front that was on disk before, and is no more, waits in memory: what was read
// after it is yet to be removed, and would take it along.
func (in *intake) frontToDisk(l *lane, down bool) []*event {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(l.front) == 0 || len(l.loaded) > 0 || l.removing > 0 || l.writing || !down && !l.parked || time.Now().Before(in.writeRests) {
		return nil
	}
	events := l.front
	l.front, l.writing, l.writingFront = nil, true, true
	return events
}

// takeReturned takes the front back that could not be written to disk, and
// tells whether it is still being written.
func (in *intake) takeReturned(l *lane) (writing bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if l.returned != nil {
		// What was with the client meanwhile may have come back as well.
		l.front = append(l.returned, l.front...)
		slices.SortFunc(l.front, compareSeq)
		l.returned = nil
	}
	return l.writingFront
}

// putBack puts the events of a front that are in memory only in front of the
// pending ones: at the end, when nothing is read from disk any more.
func (in *intake) putBack(l *lane, events []*event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.giveBack(l, slices.DeleteFunc(events, func(e *event) bool { return e.onDisk }))
}

// toDisk returns the events of a lane that are to be written to disk now, or
// when to ask again: those that have to be there, or all, as when the lane waits
// for Kafka and memory gets scarce.
func (in *intake) toDisk(l *lane, all, waits bool) (events []*event, again time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if l.writing || l.pending.n == 0 {
		return nil, time.Time{}
	}
	crowded := waits && (in.events > in.bounds.events/4*3 || in.bytes > in.bounds.bytes/4*3)
	wanted := all || l.parked || l.disk > 0 || crowded
	switch {
	case l.durable > 0, in.ending: // there may be no other time
	case !wanted:
		return nil, time.Time{}
	case time.Now().Before(in.writeRests):
		return nil, in.writeRests
	}
	l.writing = true
	l.durable = 0
	return in.take(l, l.pending.n), time.Time{}
}

// written settles events that have been written to disk, or takes them back. It
// returns the durable ones that the spool has dropped at once.
func (in *intake) written(l *lane, events []*event, err error, gone map[uint64]Spooled) (refused []uint64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	var back []*event
	for _, e := range events {
		var durable chan error
		if e.extra {
			durable = in.extras[e.seq].durable
		}
		answer := err
		if _, ok := gone[e.seq]; ok && durable != nil {
			answer = errEvicted
			refused = append(refused, e.seq)
		}
		switch {
		case answer == nil:
			in.spooled(l, e)
			if in.ending && e.seq <= l.readThrough {
				l.loaded[e.seq] = e // it will not be delivered from here any more
			}
		case durable != nil:
			in.withdrawn(l, e)
		default:
			back = append(back, e)
		}
		if durable != nil {
			durable <- answer
		}
	}
	switch {
	case !l.writingFront:
		in.giveBack(l, back)
	case err != nil:
		l.returned = back
	default:
		l.readThrough = min(l.readThrough, events[0].seq-1)
	}
	l.writing, l.writingFront = false, false
	in.settled.Broadcast()
	in.wake(l)
	return refused
}

// writeFailed and readFailed let the spool rest.

func (in *intake) writeFailed() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.writeRests = time.Now().Add(spoolRest)
}

func (in *intake) readFailed() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.readRests = time.Now().Add(spoolRest)
}

// nextFromDisk returns the events of a lane that come next from disk. If there
// are none, more says that there will be.
func (d *dispatcher) nextFromDisk(l *lane) (events []*event, more bool) {
	in := d.intake
	in.mu.Lock()
	defer in.mu.Unlock()
	events, l.read = l.read, nil
	switch {
	case len(events) > 0 || l.reading:
		return events, true
	case l.disk == 0:
		return nil, l.writing
	case time.Now().Before(in.readRests):
		d.alarmAt(in.readRests)
		return nil, true
	}
	l.reading = true
	share := loadedEvents / max(1, in.diskLanes)
	d.spooler.do(job{lane: l, after: l.readThrough, read: min(max(share, 10), 500)})
	return nil, true
}

// takeRead takes what has been read from disk.
func (in *intake) takeRead(l *lane) []*event {
	in.mu.Lock()
	defer in.mu.Unlock()
	events := l.read
	l.read = nil
	return events
}

// haveRead takes the events that have been read from disk. If there are no more,
// as sure says, it returns how many are missing. There may be more than were
// known, if a spool that was damaged has found what had been removed.
func (in *intake) haveRead(l *lane, events []*event, sure bool) (missing int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	l.reading = false
	if l.loaded == nil {
		l.loaded = map[uint64]*event{}
	}
	for _, e := range events {
		if e.seq > l.readThrough {
			l.loaded[e.seq] = e
			l.readThrough = e.seq
			l.read = append(l.read, e)
		}
	}
	in.wake(l)
	unread := l.disk - int64(len(l.loaded))
	switch {
	case unread < 0:
		in.ledger.Accepted -= unread
		in.ledger.Spooled -= unread
		in.addDisk(l, -unread)
	case unread > 0 && sure && len(l.read) == 0 && !l.writing:
		missing = unread
		in.evicted(l, missing)
	}
	return missing
}

// droppedFromDisk notes that an event is not on disk any more, and returns its
// lane if that means that it is lost.
func (in *intake) droppedFromDisk(topic string, seq uint64) *lane {
	in.mu.Lock()
	defer in.mu.Unlock()
	l := in.lanes[topic]
	switch {
	case l == nil:
		return nil
	case l.loaded[seq] != nil && in.ending:
		delete(l.loaded, seq)
	case l.loaded[seq] != nil:
		in.unspooled(l, l.loaded[seq])
		return nil
	case seq <= l.readThrough:
		return nil // it is delivered
	}
	in.evicted(l, 1)
	return l
}

// addDisk changes the number of a lane's events on disk.
func (in *intake) addDisk(l *lane, n int64) {
	before := l.disk > 0
	l.disk += n
	if after := l.disk > 0; after && !before {
		in.diskLanes++
	} else if before && !after {
		in.diskLanes--
	}
}
