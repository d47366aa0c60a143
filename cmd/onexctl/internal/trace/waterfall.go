package trace

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// How wide the waterfall is in a file, and its parts at most: a third of the
// terminal for names, a quarter for bars, and the rest for what has happened.
const (
	fileWidth = 160
	indent    = 2
	mostDeep  = 10 // steps of indentation
)

// waterfall draws one line for each row.
func waterfall(w io.Writer, t *events.Tree, p terminal.Paint, width int) {
	if width == 0 {
		width = fileWidth
	}
	bars, total := chart(t)
	names, longest := make([]string, len(bars)), 0
	for i, b := range bars {
		names[i] = strings.Repeat(" ", indent*min(b.Depth, mostDeep)) + b.Name() + " " + terminal.Field(b.Env.NodeID)
		longest = max(longest, utf8.RuneCountInString(names[i]))
	}
	longest = min(longest, max(10, width/3))
	span := max(10, width/4)
	rest := width - longest - span - utf8.RuneCountInString(" ││ ")
	fmt.Fprintf(w, "%s\n", t.Title())
	for i, b := range bars {
		line := terminal.Fit(names[i], longest) + " " + p.In(terminal.Dim, "│")
		before, full := place(b, total.Seconds(), span)
		line += strings.Repeat(" ", before) + p.In(b.colour, full) + strings.Repeat(" ", span-before-utf8.RuneCountInString(full)) + p.In(terminal.Dim, "│")
		fmt.Fprintln(w, line+" "+p.In(b.colour, strings.TrimRight(terminal.Fit(b.text, max(8, rest)), " ")))
	}
}

// place returns where a bar begins, and the bar.
func place(b bar, total float64, width int) (before int, full string) {
	if total <= 0 {
		total = 1
	}
	before = min(width-1, int(b.begin.Seconds()/total*float64(width)))
	if !b.isOperation() {
		return before, "◆"
	}
	n := min(width-before, max(1, int(b.duration.Seconds()/total*float64(width)+0.5)))
	if b.State() == events.NotFinished {
		return before, strings.Repeat("░", n)
	}
	return before, strings.Repeat("█", n)
}
