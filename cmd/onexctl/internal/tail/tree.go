package tail

import (
	"fmt"
	"io"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// deepest is how far lines are indented, in bytes.
const deepest = 200

// draw draws the tree: below each event what it has caused, with how long after
// the first event of all it came.
func (t *tree) draw(w io.Writer, p terminal.Paint) {
	fmt.Fprintf(w, "\ncorrelation %s: %s in %s\n", t.correlation, terminal.Counted(int64(t.count()), "event"), terminal.Length(terminal.Millis(t.end.Sub(t.begin))))
	var roots []*step
	for _, s := range t.steps {
		if s.isRoot {
			roots = append(roots, s)
		}
	}
	t.branches(w, p, "", roots)
	// Events that have caused each other hang on none of the roots.
	for _, s := range t.steps {
		if !s.drawn {
			t.branches(w, p, "", []*step{s})
		}
	}
}

func (t *tree) count() int { return len(t.steps) }

// branches draws steps that have one cause, or none.
func (t *tree) branches(w io.Writer, p terminal.Paint, indent string, steps []*step) {
	for i, s := range steps {
		if s.drawn {
			continue
		}
		s.drawn = true
		fork, below := "├─ ", "│  "
		if i == len(steps)-1 {
			fork, below = "└─ ", "   "
		}
		fmt.Fprintln(w, p.In(terminal.Dim, indent+fork)+t.label(p, s))
		if len(indent) < deepest {
			below = indent + below
		} else {
			below = indent // it would not fit on any screen
		}
		t.branches(w, p, below, s.caused)
	}
}

// label says what a step was.
func (t *tree) label(p terminal.Paint, s *step) string {
	name := s.env.EventType
	what, c := s.happened()
	if operation, stage := s.stage(); stage == started {
		name = operation
		what, c = "not finished", terminal.Yellow
		if s.end != nil {
			what, c = s.end.happened()
		}
	}
	label := fmt.Sprintf("%s %s %s %s", terminal.Field(name), terminal.Field(s.env.SourceNodeID),
		p.In(terminal.Dim, "+"+terminal.Length(terminal.Millis(s.at.Sub(t.begin)))), p.In(c, what))
	if s.isOrphan {
		label += p.In(terminal.Dim, " (caused by "+terminal.Field(terminal.Clip(*s.env.CausationID, 40))+", which was not seen)")
	}
	return label
}
