package tail

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
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
	env.Payload, env.Metadata = nil, nil
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
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
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
		if cause.end == nil && s.ends(cause) {
			cause.end = &s.event
			s.drawn = true
			continue
		}
		cause.caused = append(cause.caused, s)
	}
	return t
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
	started, ok := begun.payload.(envelope.OperationStarted)
	if !ok {
		return false
	}
	switch p := s.payload.(type) {
	case envelope.OperationCompleted:
		return p.Operation == started.Operation && p.NodeID == started.NodeID
	case envelope.OperationFailed:
		return p.Operation == started.Operation && p.NodeID == started.NodeID
	default:
		return false
	}
}
