package delivery

import (
	"math/rand/v2"
	"slices"
	"time"
)

// finishKindly lets all that is left come to its end in a world in which all is
// well, and checks that nothing was forgotten.
func (w *world) finishKindly() {
	w.log("THE WORLD IS KIND")
	w.r = rand.New(rand.NewPCG(w.seed, 1))
	w.modes, w.frozen, w.diskFails, w.diskHangs = [simChannels]Verdict{}, false, false, false
	w.wakeDisk()
	w.diskFull = !w.ended && w.r.IntN(4) == 0 // but for that
	for i := 0; !w.isAtRest(); i++ {
		if i == 5000 {
			w.wrong("it does not come to its end: %+v", w.m.ledger)
			return
		}
		switch {
		case len(w.out) > 0:
			w.carryOut(0, true)
		case w.client.step(true):
		case w.m.open > 0 && w.client.closed:
			w.wrong("%d groups are with a client that is closed", w.m.open)
			return
		default:
			w.now = max(w.now+time.Millisecond, w.again)
		}
		w.pump()
		w.check()
		if w.fault != nil {
			return
		}
	}
	w.account()
}

func (w *world) hasRows() bool {
	return slices.ContainsFunc(w.disk[:], func(events []*Event) bool { return len(events) > 0 })
}

func (w *world) isAtRest() bool {
	if w.ended {
		return len(w.out) == 0 && w.m.IsDone()
	}
	g := w.m.ledger
	return g.InFlight+g.Spooled == 0 && len(w.out) == 0 && w.m.unreported == 0 && len(w.m.finished) == 0 && !w.hasRows()
}

// account checks that every event has come to a good end.
func (w *world) account() {
	for _, e := range w.events {
		onDisk := slices.ContainsFunc(w.disk[e.topic], func(x *Event) bool { return w.event(x) == e })
		switch {
		case !e.arrived && !e.buried && !e.excused && !(w.ended && onDisk):
			w.wrong("%d is forgotten", e.id)
		case e.durable && !e.confirmed && !e.excused && !e.stored:
			w.wrong("%d is durable, and nobody was told", e.id)
		case e.refused != "" && w.hasBegun(e.refused) && !w.ended:
			w.wrong("%d was refused, and the disk says that it has begun operation %s", e.id, e.refused)
		case onDisk && !w.ended:
			w.wrong("%d stays on disk", e.id)
		}
		if _, isOpen := w.began[e.ends]; isOpen && (e.arrived || e.buried) && !w.ended {
			w.wrong("%d has ended operation %s, and the disk was not told", e.id, e.ends)
		}
	}
	if !w.ended {
		for _, seq := range w.flushes {
			if !w.m.IsFlushed(seq) {
				w.wrong("what was published before %d is not flushed", seq)
			}
		}
	}
}
