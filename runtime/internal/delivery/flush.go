package delivery

import (
	"slices"
	"sort"
)

// flushes knows of the events in flight how many were accepted before each
// flush that somebody waits for.
type flushes struct {
	spans []span // in order; the last one takes what comes
}

// span counts the events in flight that were accepted between two flushes.
type span struct {
	from     uint64 // the first Seq
	inFlight int
}

func (f *flushes) of(seq uint64) *span {
	if len(f.spans) == 0 {
		f.spans = append(f.spans, span{})
	}
	if last := &f.spans[len(f.spans)-1]; seq >= last.from {
		return last // as long as nobody flushes, there is no other
	}
	i := sort.Search(len(f.spans), func(i int) bool { return f.spans[i].from > seq })
	return &f.spans[max(i-1, 0)]
}

// enter counts an event that is in flight, or is again, when the span that it
// belonged to may be gone.
func (f *flushes) enter(seq uint64) {
	if len(f.spans) > 0 && seq < f.spans[0].from {
		f.spans = slices.Insert(f.spans, 0, span{from: seq})
	}
	f.of(seq).inFlight++
}

// leave tells whether nothing is left of the span that the event belongs to.
func (f *flushes) leave(seq uint64) (last bool) {
	s := f.of(seq)
	s.inFlight--
	return s.inFlight == 0
}

// begin starts a flush of all events up to seq.
func (f *flushes) begin(seq uint64) {
	f.tidy()
	f.of(seq)
	if f.spans[len(f.spans)-1].from <= seq {
		f.spans = append(f.spans, span{from: seq + 1})
	}
}

// done tells whether none of the events up to seq is in flight.
func (f *flushes) done(seq uint64) bool {
	f.tidy()
	for _, s := range f.spans {
		if s.from <= seq && s.inFlight > 0 {
			return false
		}
	}
	return true
}

// tidy drops spans of which nothing is left; the next ones begin where they did.
func (f *flushes) tidy() {
	kept := f.spans[:0]
	for i, s := range f.spans {
		if s.inFlight > 0 || i == len(f.spans)-1 {
			kept = append(kept, s)
		}
	}
	f.spans = kept
}
