package onex

import (
	"testing"
	"time"
)

// What costs little can be done at once again, and what costs much not before
// eight times as long, up to a limit. Once
// is not enough.
func TestPace(t *testing.T) {
	now := time.Now()
	for cost, want := range map[time.Duration]time.Duration{
		0:                      0,
		200 * time.Microsecond: 0,
		201 * time.Microsecond: 1608 * time.Microsecond,
		3 * time.Millisecond:   24 * time.Millisecond,
		time.Second:            25 * time.Millisecond,
	} {
		p := pace{longest: 25 * time.Millisecond}
		p.took(now.Add(-cost), now)
		if !p.isDue(now) {
			t.Errorf("after %v once it is put off", cost)
		}
		p.took(now.Add(-cost), now)
		if p.isDue(now.Add(want-1)) != (want == 0) || !p.isDue(now.Add(want)) {
			t.Errorf("after %v it is due at %v, want %v later", cost, p.next.Sub(now), want)
		}
	}
}
