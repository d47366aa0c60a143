package onex

import (
	"context"
	"time"
)

// This file has the ways that an event can go in the ledger. Each is one step
// under the intake's lock.

// delivered counts an event that Kafka has acknowledged.
func (in *intake) delivered(l *lane, e *event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ledger.Delivered++
	l.parked, l.proven, l.poisoned = false, true, time.Time{}
	l.ask()
	in.gone(l, e)
	in.answered(l)
}

// deadLettered counts an event that is on its dead-letter topic.
func (in *intake) deadLettered(l *lane, e *event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ledger.DeadLettered++
	in.gone(l, e)
	in.answered(l)
}

// failed notes that an event has come back from the client.
func (in *intake) failed(l *lane, e *event, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	l.failures = append(l.failures, failure{e, err})
	in.answered(l)
}

// givenUp notes that an event will not come back from the client, nor arrive.
func (in *intake) givenUp(l *lane) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.answered(l)
}

// lost counts an event that has been reported as lost; until then it is in
// flight, which bounds how many are waiting to be reported.
func (in *intake) lost(l *lane, e *event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ledger.Lost++
	in.gone(l, e)
}

// dropped counts an event that had to make room. It is lost at once, and yet
// to be reported.
func (in *intake) dropped(l *lane, e *event) {
	in.ledger.Lost++
	in.losses++
	in.gone(l, e)
}

// reported notes that the loss of an event that was dropped has been reported.
func (in *intake) reported() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.losses--
	in.settled.Broadcast()
}

// waitForReports blocks until the loss of each event that was dropped has been
// reported: who has dropped one may still be about to put the report.
func (in *intake) waitForReports() {
	_ = in.wait(context.Background(), func() bool { return in.losses == 0 })
}

// evicted counts events that are not on disk any more, and nowhere else.
func (in *intake) evicted(l *lane, n int64) {
	in.ledger.Lost += n
	in.ledger.Spooled -= n
	in.addDisk(l, -n)
	in.settled.Broadcast()
	in.wake(l)
}

// spooled counts an event that is on disk now, and no longer in memory.
func (in *intake) spooled(l *lane, e *event) {
	in.ledger.InFlight--
	in.ledger.Spooled++
	in.flush.settle(e.seq)
	in.release(l, e)
	in.forget(e)
	in.addDisk(l, 1)
	e.onDisk = true
}

// unspooled counts an event that is in memory only.
func (in *intake) unspooled(l *lane, e *event) {
	in.ledger.Spooled--
	in.ledger.InFlight++
	in.flush.add(e.seq)
	in.hold(l, e)
	in.addDisk(l, -1)
	delete(l.loaded, e.seq)
	e.onDisk = false
}

// takeBack makes an event that may be on disk one that is in memory only.
func (in *intake) takeBack(l *lane, e *event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if e.onDisk {
		in.unspooled(l, e)
	}
}

// withdrawn forgets an event whose publish method returns an error after all.
func (in *intake) withdrawn(l *lane, e *event) {
	in.ledger.Accepted--
	in.ledger.InFlight--
	in.flush.settle(e.seq)
	in.release(l, e)
	in.unlink(in.extras[e.seq])
	in.forget(e)
	in.settled.Broadcast()
}

// gone takes an event out of where it was. It is called with the lock held. Those
// who wait for the last one to go are not woken for each.
func (in *intake) gone(l *lane, e *event) {
	last := false
	if e.onDisk {
		in.ledger.Spooled--
		in.addDisk(l, -1)
		delete(l.loaded, e.seq)
	} else {
		in.ledger.InFlight--
		last = in.flush.settle(e.seq)
		in.release(l, e)
	}
	in.forget(e)
	if last || in.ledger.InFlight+in.ledger.Spooled == 0 {
		in.settled.Broadcast()
	}
}

// forget drops what few events have.
func (in *intake) forget(e *event) {
	if e.extra {
		delete(in.extras, e.seq)
		e.extra = false
	}
}

// answered notes that the client has said of one event of a group what has
// become of it.
func (in *intake) answered(l *lane) {
	if l.outstanding--; l.outstanding == 0 {
		in.settled.Broadcast()
		in.wake(l)
	}
}

// extraOf returns what an event has that few have.
func (in *intake) extraOf(e *event) extra {
	if !e.extra {
		return extra{}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.extras[e.seq]
}
