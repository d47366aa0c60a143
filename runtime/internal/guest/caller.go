package guest

import (
	"errors"
	"sync"
	"time"
)

// Patience is how long a [Caller] is waited for.
const Patience = 2 * time.Second

var (
	// ErrLate: the call has not returned in time. It goes on.
	ErrLate = errors.New("it does not return")

	// ErrBusy: the call will be made when an earlier one has returned that is late.
	ErrBusy = errors.New("an earlier call does not return")
)

// Caller calls one of the program's functions, one call after the other. One that
// does not return holds up those behind it, and nobody else.
type Caller struct {
	// Limit is how many calls may wait for one that is late. When there are more,
	// the oldest are left out.
	Limit int

	// Failed, if not nil, is told how a call failed that was late or waited for one.
	Failed func(error)

	// LeftOut, if not nil, is told how many calls were left out, when the late one
	// has returned.
	LeftOut func(n int)

	mu      sync.Mutex
	waiting []*call
	running bool
	late    bool // the present call is
	leftOut int
}

type call struct {
	f       func()
	done    chan error // how it failed, or nil; has room for that
	waiting bool       // somebody is
}

// Call has f called, and waits for that: not for longer than Patience, and not at
// all while an earlier call is late. The error is [ErrLate], [ErrBusy], or that of
// [Apart].
func (c *Caller) Call(f func()) error {
	next := &call{f: f, done: make(chan error, 1)}
	c.mu.Lock()
	if c.late && len(c.waiting) >= c.Limit {
		c.leftOut++
		c.waiting = append(c.waiting[:0], c.waiting[1:]...)
	}
	c.waiting = append(c.waiting, next)
	if !c.running {
		c.running = true
		go c.run()
	}
	next.waiting = !c.late
	c.mu.Unlock()
	if !next.waiting {
		return ErrBusy
	}
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	select {
	case failure := <-next.done:
		return failure
	case <-timer.C:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case failure := <-next.done:
		return failure
	default:
		c.late, next.waiting = true, false
		return ErrLate
	}
}

// run makes calls until there are none.
func (c *Caller) run() {
	for {
		next, leftOut := c.next()
		if leftOut > 0 && c.LeftOut != nil {
			c.LeftOut(leftOut)
		}
		if next == nil {
			return
		}
		failure := Apart(next.f)
		c.mu.Lock()
		next.done <- failure
		c.late = false
		told := next.waiting
		c.mu.Unlock()
		if failure != nil && !told && c.Failed != nil {
			c.Failed(failure)
		}
	}
}

func (c *Caller) next() (next *call, leftOut int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		c.running = false
		return nil, 0
	}
	next, c.waiting = c.waiting[0], c.waiting[1:]
	leftOut, c.leftOut = c.leftOut, 0
	return next, leftOut
}
