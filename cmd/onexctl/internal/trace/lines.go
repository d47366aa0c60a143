package trace

import (
	"bufio"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// line is a row as JSON, as the manual explains it.
type line struct {
	Correlation uuid.UUID  `json:"correlation_id"`
	EventID     uuid.UUID  `json:"event_id"`
	Cause       *uuid.UUID `json:"caused_by"`
	EventType   string     `json:"event_type"`
	Name        string     `json:"name"`
	Node        string     `json:"node_id"`
	State       string     `json:"state"`
	At          string     `json:"at"`
	Begin       float64    `json:"begin_ms"`
	Duration    *float64   `json:"duration_ms"`
	What        string     `json:"what"`
	DeadLetter  string     `json:"dead_letter,omitempty"`
}

// lines prints an object for each row.
func lines(out *bufio.Writer, t *events.Tree) {
	bars, _ := chart(t)
	for _, b := range bars {
		l := line{
			Correlation: t.Correlation(), EventID: b.Env.ID, Cause: b.Cause, EventType: b.Env.Type, Name: b.Name(), Node: b.Env.NodeID,
			State: b.State(), At: b.At.UTC().Format(time.RFC3339Nano), Begin: terminal.Millis(b.begin), What: b.text, DeadLetter: b.DeadLetter(),
		}
		if b.isOperation() && b.End != nil {
			ms := terminal.Millis(b.duration)
			l.Duration = &ms
		}
		text, err := json.Marshal(l)
		if err != nil {
			panic(err) // these types have a JSON form
		}
		out.Write(terminal.EscapeJSON(text))
		out.WriteByte('\n')
	}
}
