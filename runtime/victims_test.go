package onex

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Whatever lanes there are, and whatever has been taken from them and put back,
// the event that makes room is the oldest of the least important that wait.
func TestVictims(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	in := newIntake(bounds{events: 60, bytes: 1 << 20, policy: DropOldest})
	lanes := make([]*lane, 15)
	for i := range lanes {
		lanes[i] = in.lane(fmt.Sprint("t", i))
	}
	var taken [15][]*event
	for range 50_000 {
		i := r.IntN(len(lanes))
		l := lanes[i]
		switch r.IntN(20) {
		case 0:
			taken[i] = append(taken[i], in.take(l, r.IntN(5))...)
		case 1:
			in.giveBack(l, taken[i])
			taken[i] = nil
		case 2:
			for _, e := range taken[i] {
				in.delivered(l, e)
			}
			taken[i] = nil
			l.outstanding = 0
		case 3: // a durable event waits, and then all have gone to disk
			l.durable = 1 - l.durable
			in.noteWaiting(l)
		default:
			e := &event{record: make([]byte, 1+r.IntN(10)), rank: rank(r.IntN(int(ranks)))}
			in.losses = 0
			want := victim(in, e.rank)
			full := in.events == in.bounds.events
			dropped, err := in.accept(l, e, extra{})
			switch {
			case !full && (len(dropped) > 0 || err != nil):
				t.Fatalf("there is room: %v, %v", dropped, err)
			case full && want == nil && err != ErrQueueFull:
				t.Fatalf("nothing can go for rank %d: %v, %v", e.rank, dropped, err)
			case full && want != nil && (len(dropped) != 1 || dropped[0].event != want):
				t.Fatalf("for rank %d: %v, %v; want %v", e.rank, dropped, err, want)
			}
		}
	}
}

// victim looks at everything.
func victim(in *intake, upTo rank) (victim *event) {
	for _, l := range in.lanes {
		for r := range upTo + 1 {
			for e := l.pending.ranked[r].head; e != nil && l.durable == 0; e = e.next {
				if victim == nil || e.rank < victim.rank || e.rank == victim.rank && e.seq < victim.seq {
					victim = e
				}
			}
		}
	}
	return victim
}
