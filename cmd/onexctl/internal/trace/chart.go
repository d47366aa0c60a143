package trace

import (
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// bar is a row of the waterfall: when an operation ran, or an event happened.
type bar struct {
	events.Row
	begin    time.Duration // after the first event of all
	duration time.Duration // of an operation; one that has not finished lasts to the end
	text     string
	colour   terminal.Colour
}

// chart returns the bars of a tree, and how long all of it took.
func chart(t *events.Tree) (bars []bar, total time.Duration) {
	total = t.Duration()
	for _, row := range t.Rows() {
		b := bar{Row: row, begin: row.At.Sub(t.Begin())}
		switch {
		case row.State() == events.Happened:
		case row.End != nil:
			b.duration = max(0, row.End.At.Sub(row.At))
		default:
			b.duration = max(0, total-b.begin)
		}
		b.text, b.colour = row.What()
		if row.IsOrphan {
			b.text += " (its cause was not seen)"
		}
		if reason := row.DeadLetter(); reason != "" {
			b.text += " (dead letter: " + terminal.Field(reason) + ")"
		}
		bars = append(bars, b)
	}
	return bars, total
}

func (b bar) isOperation() bool { return b.State() != events.Happened }

// share is which part of a whole a time is, from 0 to 1.
func share(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, max(0, float64(part)/float64(whole)))
}

func text(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}
