package deadletters

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// table prints dead letters for people.
func (d *dlq) table(w io.Writer, p terminal.Paint, letters []*letter, now time.Time, width int) error {
	t := terminal.Table{Header: []string{"ID", "AGE", "TOPIC", "REASON"}}
	for _, l := range letters {
		t.Rows = append(t.Rows, []terminal.Cell{
			{Text: l.shortID(width), Colour: terminal.Cyan}, {Text: terminal.Age(now.Sub(l.at)), Colour: terminal.Dim}, {Text: l.Topic}, d.why(l),
		})
	}
	if len(letters) == 0 {
		return nil
	}
	return t.Fprint(w, p, width)
}

// wide is from where on there is room for whole ids.
const wide = 140

// shortID is what the dead letter can be called by.
func (l *letter) shortID(width int) string {
	isWide := width == 0 || width >= wide
	switch {
	case l.env == nil && isWide:
		return l.Position.String()
	case l.env == nil:
		return fmt.Sprintf("…/%d/%d", l.Partition, l.Offset) // behind the topic, which stands beside it
	case isWide:
		return l.env.ID.String()
	default:
		return command.Short(l.env.ID)
	}
}

// why says why it is here, and why it stays.
func (d *dlq) why(l *letter) terminal.Cell {
	switch reason, isDiscarded := d.markers.discarded[l.markerKey()]; {
	case isDiscarded:
		return terminal.Cell{Text: "discarded: " + reason, Colour: terminal.Green}
	case d.markers.has(l):
		return terminal.Cell{Text: "replayed: " + l.reason(), Colour: terminal.Green}
	case l.letter == nil:
		return terminal.Cell{Text: "cannot be read: " + l.fault.Error(), Colour: terminal.Yellow}
	case l.fault != nil:
		return terminal.Cell{Text: l.reason() + " (cannot be replayed: " + l.fault.Error() + ")", Colour: terminal.Yellow}
	default:
		return terminal.Cell{Text: l.reason(), Colour: terminal.Red}
	}
}

// mostReasons are how many reasons are counted.
const mostReasons = 10

// number is what the reasons of different events may differ in.
var number = regexp.MustCompile(`[0-9]+`)

// reasons prints how many dead letters there are for each reason.
func reasons(w io.Writer, p terminal.Paint, letters []*letter, width int) error {
	counts := map[string]int{}
	for _, l := range letters {
		reason := number.ReplaceAllString(l.reason(), "#")
		if l.letter == nil {
			reason = "no dead letter"
		}
		counts[reason]++
	}
	all := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	t := terminal.Table{Header: []string{"COUNT", "REASON"}}
	for i, reason := range all {
		if i == mostReasons {
			t.Rows = append(t.Rows, []terminal.Cell{{Text: ""}, {Text: fmt.Sprintf("and %d other reasons", len(all)-i)}})
			break
		}
		t.Rows = append(t.Rows, []terminal.Cell{{Text: fmt.Sprint(counts[reason])}, {Text: reason}})
	}
	if len(all) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	if err := t.Fprint(w, p, width); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}
