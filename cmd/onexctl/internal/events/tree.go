package events

import (
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// deepest is how far lines are indented, in bytes.
const deepest = 200

// Row is a line of a tree: an operation, or an event of another kind, below what
// has caused it.
type Row struct {
	Event               // that of the beginning, if it is an operation
	End      *Event     // of the operation, nil if there is none
	Cause    *uuid.UUID // the event of a row above
	IsOrphan bool       // what has caused it was not seen
	Depth    int
	lead     string // the lines of the tree
}

// Correlation is what the events have in common.
func (t *Tree) Correlation() uuid.UUID { return t.correlation }

// Begin is the time of the first event.
func (t *Tree) Begin() time.Time { return t.begin }

// Duration is from the first event to the last.
func (t *Tree) Duration() time.Duration { return t.end.Sub(t.begin) }

// Count are the events.
func (t *Tree) Count() int { return len(t.steps) }

// Rows returns the rows, each below its cause and in the order of time.
func (t *Tree) Rows() []Row {
	var roots []*step
	drawn := map[*step]bool{}
	for _, s := range t.steps {
		drawn[s] = s.isEnd
		if s.isRoot && !s.isEnd {
			roots = append(roots, s)
		}
	}
	rows := branches(nil, drawn, nil, 0, "", roots)
	// Events that have caused each other hang on none of the roots.
	for _, s := range t.steps {
		if !drawn[s] {
			rows = branches(rows, drawn, nil, 0, "", []*step{s})
		}
	}
	return rows
}

// branches adds steps that have one cause, or none.
func branches(rows []Row, drawn map[*step]bool, cause *uuid.UUID, depth int, indent string, steps []*step) []Row {
	for i, s := range steps {
		if drawn[s] {
			continue
		}
		drawn[s] = true
		fork, below := "├─ ", "│  "
		if i == len(steps)-1 {
			fork, below = "└─ ", "   "
		}
		rows = append(rows, Row{s.Event, s.end, cause, s.isOrphan, depth, indent + fork})
		if len(indent) < deepest {
			below = indent + below
		} else {
			below = indent // it would not fit on any screen
		}
		rows = branches(rows, drawn, &s.Env.ID, depth+1, below, s.caused)
	}
	return rows
}

// Draw draws the tree: below each event what it has caused, with how long after
// the first event of all it came.
func (t *Tree) Draw(w io.Writer, p terminal.Paint) {
	fmt.Fprintf(w, "\n%s\n", t.Title())
	for _, r := range t.Rows() {
		text, c := r.What()
		line := p.In(terminal.Dim, r.lead) + fmt.Sprintf("%s %s %s %s", r.Name(), terminal.Field(r.Env.NodeID),
			p.In(terminal.Dim, "+"+terminal.Length(terminal.Millis(r.At.Sub(t.begin)))), p.In(c, text))
		if r.IsOrphan {
			line += p.In(terminal.Dim, " (caused by "+terminal.Field(terminal.Clip(r.Env.CausationID, 40))+", which was not seen)")
		}
		fmt.Fprintln(w, line)
	}
}

// Title says what the tree is of.
func (t *Tree) Title() string {
	return fmt.Sprintf("correlation %s: %s in %s", t.correlation, terminal.Counted(int64(t.Count()), "event"), terminal.Length(terminal.Millis(t.Duration())))
}

// Name is what has happened, as a type, printable: that of the operation, or of
// the event.
func (r Row) Name() string {
	if operation, stage := r.stage(); stage == started {
		return terminal.Field(operation)
	}
	return terminal.Field(r.Env.Type)
}

// The states of a row.
const (
	Completed   = completed
	Failed      = failed
	NotFinished = "not_finished"
	Happened    = "event" // it is no operation
)

// State says what has become of the operation, if it is one.
func (r Row) State() string {
	if _, stage := r.stage(); stage != started {
		return Happened
	}
	if r.End == nil {
		return NotFinished
	}
	_, stage := r.End.stage()
	return stage
}

// What says what has happened, printable, and in which colour.
func (r Row) What() (string, terminal.Colour) {
	switch r.State() {
	case NotFinished:
		return "not finished", terminal.Yellow
	case Happened:
		return r.happened()
	default:
		return r.End.happened()
	}
}
