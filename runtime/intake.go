package onex

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// intake is where the goroutines of the callers and those of the publisher
// meet. The events that nobody has taken yet, the ledger and the end are under
// one lock, so that at every moment each accepted event is in one place, and
// none comes in after the end.
type intake struct {
	bounds bounds

	mu     sync.Mutex
	ledger Ledger
	seq    uint64 // of the last event that was accepted
	events int    // in memory, without those that are lost already
	bytes  int64  // of those
	losses int    // events that are lost and not yet reported
	closed bool
	ending bool // nothing is given to the client any more

	diskLanes  int       // lanes with events on disk
	writeRests time.Time // nothing is written to the spool before
	readRests  time.Time // nothing is read from it before
	lanes      map[string]*lane
	waiting    [ranks]waiting
	ready      []*lane // to be looked at by the dispatcher
	extras     map[uint64]extra
	open       map[string][]string // operations that durable events have started; see operation.go
	flush      flushes

	hasOpen atomic.Bool // open is not empty; it may be asked without the lock

	woken   chan struct{} // has room for one: there are ready lanes
	settled sync.Cond     // the ledger has changed
}

// bounds are what the publisher may hold in memory, and what happens beyond.
type bounds struct {
	events int
	bytes  int64
	policy QueueFullPolicy
}

func newIntake(b bounds) *intake {
	in := &intake{
		bounds: b,
		lanes:  map[string]*lane{},
		extras: map[uint64]extra{},
		open:   map[string][]string{},
		woken:  make(chan struct{}, 1),
	}
	in.settled.L = &in.mu
	return in
}

// lane returns the lane of a topic, which is made when it is first asked for.
func (in *intake) lane(topic string) *lane {
	in.mu.Lock()
	defer in.mu.Unlock()
	l, ok := in.lanes[topic]
	if !ok {
		l = &lane{topic: topic}
		in.lanes[topic] = l
	}
	return l
}

// accept takes responsibility for an event, or says why not. It does not
// block. The events that had to make room for it, if any, are dropped.
func (in *intake) accept(l *lane, e *event, x extra) (dropped []drop, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return nil, ErrClosed
	}
	dropped, ok := in.makeRoom(l, e)
	if !ok {
		return dropped, ErrQueueFull
	}
	in.admit(l, e, x)
	return dropped, nil
}

// admit takes responsibility for an event for which there is room. It is called
// with the lock held.
func (in *intake) admit(l *lane, e *event, x extra) {
	in.seq++
	e.seq = in.seq
	in.ledger.Accepted++
	in.ledger.InFlight++
	in.flush.add(e.seq)
	in.hold(l, e)
	if x.operation != "" {
		in.link(&x)
	}
	if !x.isEmpty() {
		e.extra = true
		in.extras[e.seq] = x
		if x.durable != nil || x.ends != "" {
			l.durable++
		}
	}
	l.pending.push(e)
	in.noteWaiting(l)
	in.wake(l)
}

// link finds the operation that an event ends among those that durable events
// have started, or adds the one that it starts.
func (in *intake) link(x *extra) {
	key := x.operation
	switch ids := in.open[key]; {
	case x.starts != "":
		in.setOpen(key, append(ids, x.starts))
	case len(ids) > 0:
		x.ends = ids[len(ids)-1]
		in.setOpen(key, ids[:len(ids)-1])
	default:
		x.operation = ""
	}
}

// unlink undoes link for an event that was not accepted after all.
func (in *intake) unlink(x extra) {
	switch ids := in.open[x.operation]; {
	case x.starts != "":
		in.setOpen(x.operation, slices.DeleteFunc(ids, func(id string) bool { return id == x.starts }))
	case x.ends != "":
		in.setOpen(x.operation, append(ids, x.ends))
	}
}

func (in *intake) setOpen(key string, ids []string) {
	if in.open[key] = ids; len(ids) == 0 {
		delete(in.open, key)
	}
	in.hasOpen.Store(len(in.open) > 0)
}

// reject counts an event that was refused.
func (in *intake) reject() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ledger.Rejected++
}

// wake asks the dispatcher to look at a lane. It is called with the lock held.
func (in *intake) wake(l *lane) {
	if l.ready {
		return
	}
	l.ready = true
	in.ready = append(in.ready, l)
	select {
	case in.woken <- struct{}{}:
	default:
	}
}

// wakeAll asks the dispatcher to look at all lanes.
func (in *intake) wakeAll() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, l := range in.lanes {
		in.wake(l)
	}
	select {
	case in.woken <- struct{}{}:
	default:
	}
}

// takeReady returns the lanes to be looked at; spare is used again.
func (in *intake) takeReady(spare []*lane) []*lane {
	in.mu.Lock()
	defer in.mu.Unlock()
	lanes := in.ready
	in.ready = spare[:0]
	for _, l := range lanes {
		l.ready = false
	}
	return lanes
}

// close lets no further event in.
func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
}

func (in *intake) snapshot() Ledger {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.ledger
}

// wait blocks until done, which is asked with the lock held, or until ctx
// ends, whose error it returns then.
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
