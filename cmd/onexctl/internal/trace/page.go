package trace

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// shownRow is a row of the page.
type shownRow struct {
	Name, Node, State, What string
	Indent                  int     // steps
	Left, Width             float64 // percent
	Duration                string  // of an operation that has ended
	Fields                  []field // what there is besides
}

type field struct{ Name, Value string }

// mostIndent is how far a name is indented at most, which has to leave room for it
// on a small screen.
const mostIndent = 8

// page writes one file that needs no other.
func page(w io.Writer, t *events.Tree) error {
	bars, total := chart(t)
	data := struct {
		Title, Correlation, Begin, Total string
		Events                           int
		Ticks                            []string
		Rows                             []shownRow
	}{
		Title: t.Title(), Correlation: t.Correlation().String(), Begin: t.Begin().Local().Format("2006-01-02 15:04:05.000 -07:00"),
		Total: terminal.Length(terminal.Millis(total)), Events: t.Count(),
	}
	for i := range 5 {
		data.Ticks = append(data.Ticks, terminal.Length(terminal.Millis(total*time.Duration(i)/4)))
	}
	for _, b := range bars {
		data.Rows = append(data.Rows, newShownRow(b, total))
	}
	return pageTemplate.Execute(w, data)
}

func newShownRow(b bar, total time.Duration) shownRow {
	row := shownRow{
		Name: b.Name(), Node: terminal.Field(b.Env.NodeID), State: b.State(), What: b.text, Indent: min(b.Depth, mostIndent),
		Left: 100 * share(b.begin, total), Width: 100 * share(b.duration, total),
	}
	add := func(name, value string) {
		if value != "" {
			row.Fields = append(row.Fields, field{name, terminal.Field(value)})
		}
	}
	add("event id", b.Env.ID.String())
	add("event type", b.Env.Type)
	add("caused by", text(b.Cause))
	add("time", b.At.Local().Format("2006-01-02 15:04:05.000000 -07:00"))
	add("after", terminal.Length(terminal.Millis(b.begin)))
	if b.isOperation() && b.End != nil {
		row.Duration = terminal.Length(terminal.Millis(b.duration))
		add("took", row.Duration)
		add("ended by", fmt.Sprintf("%s, %s", b.End.Env.Type, b.End.Env.ID))
	}
	add("dead letter", b.DeadLetter())
	return row
}
