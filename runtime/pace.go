package onex

import "time"

// pace says when to do again what costs the more, the more topics there are, so
// that with thousands of them it takes a ninth of the time at the most. longest is
// how long it is put off at the most.
type pace struct {
	longest time.Duration
	next    time.Time
}

// cheap is what may be done at once again: it costs that with hundreds of topics.
const cheap = 200 * time.Microsecond

func (p *pace) isDue(now time.Time) bool { return !now.Before(p.next) }

// took notes that it has been done, since begun.
func (p *pace) took(begun, now time.Time) {
	if cost := now.Sub(begun); cost > cheap {
		p.next = now.Add(min(8*cost, p.longest))
	}
}
