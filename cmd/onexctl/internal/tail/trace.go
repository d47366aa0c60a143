package tail

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// traces are the events that were followed, by correlation, as far as somebody
// could ever read them.
type traces struct {
	events map[uuid.UUID][]event
	count  int
}

// mostEvents are how many events are remembered.
const mostEvents = 100_000

// add notes an event, without what was read to know it.
func (t *traces) add(e event) {
	if e.env == nil || e.env.CorrelationID == nil {
		return
	}
	if t.count++; t.count > mostEvents {
		return
	}
	if t.events == nil {
		t.events = map[uuid.UUID][]event{}
	}
	env := *e.env
	env.Payload, env.Metadata = slices.Clone(env.Payload[:min(terminal.ClipText+1, len(env.Payload))]), nil
	e.env, e.record = &env, nil
	t.events[*env.CorrelationID] = append(t.events[*env.CorrelationID], e)
}

// leftOut are how many events are not in the trees.
func (t *traces) leftOut() int { return max(0, t.count-mostEvents) }

// step is an event with what it has caused. The end of an operation is part of
// its beginning.
type step struct {
	event
	end      *event // completed or failed
	caused   []*step
	isRoot   bool
	isOrphan bool // what has caused it was not seen
	drawn    bool
}

// tree is what has happened under one correlation id.
type tree struct {
	correlation uuid.UUID
	steps       []*step // in order of time
	begin, end  time.Time
}

// trees returns the trees of causation, the one that began first first.
func (t *traces) trees() []*tree {
	var all []*tree
	for correlation, events := range t.events {
		all = append(all, newTree(correlation, events))
	}
	slices.SortFunc(all, func(a, b *tree) int {
		return cmp.Or(a.begin.Compare(b.begin), cmp.Compare(a.correlation.String(), b.correlation.String()))
	})
	return all
}

func newTree(correlation uuid.UUID, events []event) *tree {
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), a.rank()-b.rank()) })
	t := &tree{correlation: correlation, begin: events[0].at, end: events[len(events)-1].at}
	byID := map[string]*step{}
	for _, e := range events {
		if id := e.env.EventID.String(); byID[id] == nil {
			byID[id] = &step{event: e}
			t.steps = append(t.steps, byID[id])
		}
	}
	for _, s := range t.steps {
		cause := s.cause(byID)
		if cause == nil || cause == s {
			s.isRoot, s.isOrphan = true, cause == nil && s.env.CausationID != nil
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
func (e event) rank() int {
	if _, stage := e.stage(); stage == completed || stage == failed {
		return 1
	}
	return 0
}

// closeLatest finds out which operations have ended by events that do not say what
// has caused them, as those of the reference implementation: each is the end of
// the latest operation of its name and node that has no other.
func (t *tree) closeLatest() {
	type run struct{ operation, node string }
	open := map[run][]*step{}
	for _, s := range t.steps {
		operation, stage := s.stage()
		r := run{operation, s.env.SourceNodeID}
		switch {
		case stage == started && s.end == nil:
			open[r] = append(open[r], s)
		case stage != "" && stage != started && s.env.CausationID == nil && len(open[r]) > 0:
			last := len(open[r]) - 1
			open[r][last].close(s)
			open[r] = open[r][:last]
		}
	}
}

// close makes an event the end of an operation; it is drawn with its beginning.
func (s *step) close(end *step) {
	s.end, end.drawn = &end.event, true
}

// cause is the event that has caused this one, nil if it was not seen.
func (s *step) cause(byID map[string]*step) *step {
	if s.env.CausationID == nil {
		return nil
	}
	text := *s.env.CausationID
	if id, err := uuid.Parse(text); err == nil {
		text = id.String()
	}
	return byID[text]
}

// ends tells whether this is how the operation ended that another step began.
func (s *step) ends(begun *step) bool {
	operation, stage := s.stage()
	of, begins := begun.stage()
	return begun.end == nil && begins == started && stage != "" && stage != started && operation == of && s.env.SourceNodeID == begun.env.SourceNodeID
}
