package onex

import (
	"context"
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

	// perGroup is about what the client and a broker have to do for a group with one
	// event. If many topics have few events each, it is better to wait for more.
	perGroup = 20 * time.Microsecond

	longestSpacing = 25 * time.Millisecond
)

// do does it for so many groups, and then waits until it may be done again; or until
// ctx ends, which it says. What takes long only once has been interrupted by
// something else.
func (p *spacing) do(f func(), groups int, ctx context.Context) (goOn bool) {
	begun := time.Now()
	f()
	last := p.last
	p.last = time.Since(begun)
	cost := min(last, p.last) + time.Duration(groups)*perGroup
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
