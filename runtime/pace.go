package onex

import "time"

// pace says when to do again what costs the more, the more topics there are, so
// that with thousands of them it takes a ninth of the time at the most. longest is
// how long it is put off at the most.
type pace struct {
	longest time.Duration
	last    time.Duration // what it cost the last time
	next    time.Time
}

// cheap is what may be done at once again: it costs that with hundreds of topics.
const cheap = 200 * time.Microsecond

func (p *pace) isDue(now time.Time) bool { return !now.Before(p.next) }

// took notes that it has been done, since begun. What costs much only once has
// been interrupted by something else.
func (p *pace) took(begun, now time.Time) {
	last := p.last
	p.last = now.Sub(begun)
	if cost := min(last, p.last); cost > cheap {
		p.next = now.Add(min(8*cost, p.longest))
	}
}
