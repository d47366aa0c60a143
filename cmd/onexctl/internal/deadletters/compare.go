package deadletters

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/wire"
)

// comparisons are how many pairs of dead letters are shown side by side.
const comparisons = 10

// compare shows dead letters of one event that differ, side by side.
func (d *dlq) compare(ctx context.Context, letters []*letter) error {
	type pair struct{ left, right cluster.Position }
	var pairs []pair
	values := map[cluster.Position][]byte{}
	for _, l := range letters {
		var contested *rivalry
		if !errors.As(l.fault, &contested) {
			continue
		}
		for _, rival := range contested.rivals {
			_, isShown := values[l.Position]
			if _, isToo := values[rival]; len(pairs) < comparisons && !(isShown && isToo) {
				pairs = append(pairs, pair{l.Position, rival})
				values[l.Position], values[rival] = nil, nil
			}
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	err := d.scan(ctx, func(l *letter, r *kgo.Record) {
		if _, isWanted := values[l.Position]; isWanted {
			values[l.Position] = r.Value
		}
	})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(d.Out)
	for _, p := range pairs {
		sideBySide(out, contents(p.left, values[p.left]), contents(p.right, values[p.right]))
	}
	return out.Flush()
}

// contents are the lines of a dead letter.
func contents(at cluster.Position, value []byte) []string {
	dead, err := wire.DeadLetter(value)
	if err != nil {
		return []string{at.String(), err.Error()} // it is not there any more
	}
	return append([]string{
		at.String(), "original key " + dead.OriginalKey, "failed " + dead.FailureTimestamp.UTC().Format("2006-01-02 15:04:05.000000") + " UTC",
		"reason " + dead.FailureReason,
	}, strings.Split(string(terminal.Indented(dead.OriginalData, "")), "\n")...)
}

// How wide a column is, and how many lines are shown.
const (
	besides = 60
	longest = 100
)

// sideBySide marks the lines that differ.
func sideBySide(out *bufio.Writer, left, right []string) {
	at := func(lines []string, i int) string {
		if i < len(lines) {
			return terminal.Printable(lines[i])
		}
		return ""
	}
	for i := range min(longest, max(len(left), len(right))) {
		l, r := at(left, i), at(right, i)
		mark := " "
		if l != r {
			mark = "|"
		}
		fmt.Fprintf(out, "%s %s %s\n", terminal.Fit(l, besides), mark, strings.TrimRight(terminal.Fit(r, besides), " "))
	}
	fmt.Fprintln(out)
}
