package events

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Traces are the events that were followed, by correlation, as far as somebody
// could ever read them.
type Traces struct {
	events map[uuid.UUID][]Event
	count  int
}

// mostEvents are how many events are remembered.
const mostEvents = 100_000

// Add notes an event, without what was read to know it.
func (t *Traces) Add(e Event) {
	if e.Env == nil || e.Env.CorrelationID == uuid.Nil {
		return
	}
	if t.count++; t.count > mostEvents {
		return
	}
	if t.events == nil {
		t.events = map[uuid.UUID][]Event{}
	}
	env := *e.Env
	env.Payload = slices.Clone(env.Payload[:min(clipText+1, len(env.Payload))])
	e.Env, e.record = &env, nil
	if e.letter != nil {
		letter := *e.letter
		letter.OriginalData = nil
		e.letter = &letter
	}
	t.events[env.CorrelationID] = append(t.events[env.CorrelationID], e)
}

// LeftOut are how many events are not in the trees.
func (t *Traces) LeftOut() int { return max(0, t.count-mostEvents) }

// step is an event with what it has caused. The end of an operation is part of
// its beginning.
type step struct {
	Event
	end      *Event // completed or failed
	caused   []*step
	isRoot   bool
	isOrphan bool // what has caused it was not seen
	isEnd    bool // it is part of another one
}

// Tree is what has happened under one correlation id.
type Tree struct {
	correlation uuid.UUID
	steps       []*step // in order of time
	begin, end  time.Time
}

// Trees returns the trees of causation, the one that began first first.
func (t *Traces) Trees() []*Tree {
	var all []*Tree
	for correlation, events := range t.events {
		all = append(all, newTree(correlation, events))
	}
	slices.SortFunc(all, func(a, b *Tree) int {
		return cmp.Or(a.begin.Compare(b.begin), cmp.Compare(a.correlation.String(), b.correlation.String()))
	})
	return all
}

func newTree(correlation uuid.UUID, events []Event) *Tree {
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Or(a.At.Compare(b.At), a.rank()-b.rank()) })
	t := &Tree{correlation: correlation, begin: events[0].At, end: events[len(events)-1].At}
	byID := map[string]*step{}
	for _, e := range events {
		if id := e.Env.ID.String(); byID[id] == nil {
			byID[id] = &step{Event: e}
			t.steps = append(t.steps, byID[id])
		}
	}
	for _, s := range t.steps {
		cause := s.cause(byID)
		if cause == nil || cause == s {
			s.isRoot, s.isOrphan = true, cause == nil && s.Env.CausationID != ""
			continue
		}
		if s.ends(cause) {
			cause.close(s)
			continue
		}
		cause.caused = append(cause.caused, s)
	}
	t.closeLatest()
	return t
}

// rank puts the events of one moment into an order: operations start before they
// end.
func (e Event) rank() int {
	if _, stage := e.stage(); stage == completed || stage == failed {
		return 1
	}
	return 0
}

// closeLatest finds out which operations have ended by events that do not say what
// has caused them, as those of the reference implementation: each is the end of
// the latest operation of its name and node that has no other.
func (t *Tree) closeLatest() {
	type run struct{ operation, node string }
	open := map[run][]*step{}
	for _, s := range t.steps {
		operation, stage := s.stage()
		r := run{operation, s.Env.NodeID}
		switch {
		case stage == started && s.end == nil:
			open[r] = append(open[r], s)
		case stage != "" && stage != started && s.Env.CausationID == "" && len(open[r]) > 0:
			last := len(open[r]) - 1
			open[r][last].close(s)
			open[r] = open[r][:last]
		}
	}
}

// close makes an event the end of an operation; it is drawn with its beginning.
func (s *step) close(end *step) {
	s.end, end.isEnd = &end.Event, true
}

// cause is the event that has caused this one, nil if it was not seen.
func (s *step) cause(byID map[string]*step) *step {
	if s.Env.CausationID == "" {
		return nil
	}
	text := s.Env.CausationID
	if id, err := uuid.Parse(text); err == nil {
		text = id.String()
	}
	return byID[text]
}

// ends tells whether this is how the operation ended that another step began.
func (s *step) ends(begun *step) bool {
	operation, stage := s.stage()
	of, begins := begun.stage()
	return begun.end == nil && begins == started && stage != "" && stage != started && operation == of && s.Env.NodeID == begun.Env.NodeID
}
