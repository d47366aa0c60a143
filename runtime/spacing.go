package onex

import (
	"context"
	"sync/atomic"
	"time"
)

// spacing is the pause behind something that costs the more, the more topics
// there are, so that with thousands of them it takes a ninth of the time at the
// most.
type spacing struct{ last time.Duration }

const (
	// cheap is what may be done again at once: it costs that with hundreds of
	// topics.
	cheap = 200 * time.Microsecond

	longestSpacing = 25 * time.Millisecond
)

// do does it, and then waits until it may be done again; or until ctx ends, which
// it says. What costs much only once has been interrupted by something else.
func (p *spacing) do(f func(), ctx context.Context) (goOn bool) {
	begun := time.Now()
	f()
	last := p.last
	p.last = time.Since(begun)
	cost := min(last, p.last)
	if cost <= cheap {
		return true
	}
	select {
	case <-time.After(min(8*cost, longestSpacing)):
		return true
	case <-ctx.Done():
		return false
	}
}

// counter counts down to zero.
type counter struct{ n atomic.Int64 }

func (c *counter) set(n int) { c.n.Store(int64(n)) }

// subtract tells whether that was the last.
func (c *counter) subtract(n int) (last bool) { return c.n.Add(-int64(n)) == 0 }
