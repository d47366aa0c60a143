package onex

import "sort"

// beginFlush starts a flush of the events that have been accepted so far, and
// returns whether none of them is in flight any more, for wait to ask.
func (in *intake) beginFlush() (done func() bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.flush.begin(in.seq)
}

// flushes knows of the events in flight how many were accepted before each
// flush that is being waited for. It is under the intake's lock.
type flushes struct {
	spans []span // in order; the last one takes what comes
}

// span counts the events in flight that were accepted between two flushes.
type span struct {
	from     uint64 // the first seq
	inFlight int
}

// of returns the span of an event.
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

func (f *flushes) add(seq uint64) { f.of(seq).inFlight++ }

// settle tells whether nothing is left of the event's span, for which a flush
// may wait.
func (f *flushes) settle(seq uint64) (last bool) {
	s := f.of(seq)
	s.inFlight--
	return s.inFlight == 0
}

// begin starts a flush of the events up to and including seq, and returns
// whether all of them have left.
func (f *flushes) begin(seq uint64) (done func() bool) {
	f.of(seq)
	f.spans = append(f.spans, span{from: seq + 1})
	return func() bool {
		f.tidy()
		for _, s := range f.spans {
			if s.from <= seq && s.inFlight > 0 {
				return false
			}
		}
		return true
	}
}

// tidy joins spans that nothing is left of to the next ones.
func (f *flushes) tidy() {
	kept := f.spans[:0]
	for i, s := range f.spans {
		if s.inFlight > 0 || i == len(f.spans)-1 {
			kept = append(kept, s)
		}
	}
	f.spans = kept
}
