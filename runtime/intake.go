package onex

import (
	"context"
	"sync"
)

// item is an event in flight: what its record is made of.
type item struct {
	ctx     context.Context // for the client's hooks; nil if it has none
	topic   string
	key     string
	value   []byte // the encoded envelope
	flushes uint64 // how many had begun when the event was accepted
}

// intake is where the goroutines of the callers and those of the publisher
// meet. The queue, the ledger and the end are under one lock, so that an event
// that is counted as accepted is also in the queue, and none comes in after
// the end.
type intake struct {
	maxEvents, maxBytes int64

	mu     sync.Mutex
	ledger Ledger
	bytes  int64  // of the events in flight
	queue  []item // accepted and not yet taken
	taken  int    // taken by the dispatcher and not yet with the client
	closed bool

	// flushes counts the calls of beginFlush, and since has the number of
	// events in flight that were accepted after each of them.
	flushes uint64
	since   map[uint64]int64

	arrived sync.Cond // the queue has items, or it is closed
	settled sync.Cond // something has left the queue, or the ledger's InFlight
}

func newIntake(maxEvents, maxBytes int) *intake {
	in := &intake{maxEvents: int64(maxEvents), maxBytes: int64(maxBytes), since: map[uint64]int64{}}
	in.arrived.L = &in.mu
	in.settled.L = &in.mu
	return in
}

// accept takes responsibility for an event, or says why not. It does not
// block.
func (in *intake) accept(it item) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	size := int64(len(it.value))
	if in.closed {
		in.ledger.Rejected++
		return ErrClosed
	}
	if in.ledger.InFlight >= in.maxEvents || in.bytes+size > in.maxBytes {
		in.ledger.Rejected++
		return ErrQueueFull
	}
	in.ledger.Accepted++
	in.ledger.InFlight++
	in.bytes += size
	it.flushes = in.flushes
	in.since[it.flushes]++
	in.queue = append(in.queue, it)
	in.arrived.Signal()
	return nil
}

// reject counts an event that was refused before it could be accepted.
func (in *intake) reject() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ledger.Rejected++
}

// take waits for items and returns all that there are, in order. It returns
// none only at the end. Calling it again says that the items it returned
// before are with the client now; spare, those items' slice, is used again.
func (in *intake) take(spare []item) []item {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.taken = 0
	in.settled.Broadcast()
	for len(in.queue) == 0 && !in.closed {
		in.arrived.Wait()
	}
	items := in.queue
	in.queue = spare[:0]
	in.taken = len(items)
	return items
}

// settle moves an event out of flight, to delivered or to lost.
func (in *intake) settle(it item, count func(*Ledger)) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ledger.InFlight--
	count(&in.ledger)
	in.bytes -= int64(len(it.value))
	if in.since[it.flushes]--; in.since[it.flushes] == 0 {
		delete(in.since, it.flushes)
	}
	in.settled.Broadcast()
}

func delivered(l *Ledger) { l.Delivered++ }
func lost(l *Ledger)      { l.Lost++ }

// close lets no further event in. The dispatcher still gets those in the
// queue.
func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	in.arrived.Broadcast()
}

func (in *intake) snapshot() Ledger {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.ledger
}

// beginFlush returns two waits for the events that were accepted before it:
// until they are with the client, and until none of them is in flight. Both
// return ctx's error if it ends first.
func (in *intake) beginFlush() (handed, done func(context.Context) error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	flush, accepted := in.flushes, in.ledger.Accepted
	in.flushes++
	handed = func(ctx context.Context) error {
		return in.wait(ctx, func() bool {
			return in.ledger.Accepted-int64(len(in.queue)+in.taken) >= accepted
		})
	}
	done = func(ctx context.Context) error {
		return in.wait(ctx, func() bool {
			for earlier := range in.since {
				if earlier <= flush {
					return false
				}
			}
			return true
		})
	}
	return handed, done
}

func (in *intake) wait(ctx context.Context, done func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.settled.Broadcast()
	})
	defer stop()
	in.mu.Lock()
	defer in.mu.Unlock()
	for !done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		in.settled.Wait()
	}
	return nil
}
