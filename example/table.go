package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// printEvents prints one line an event. Of ids it prints the first digits.
func printEvents(out io.Writer, events []event) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tEVENT\tTYPE\tCORRELATION\tCAUSED BY\tKEY\tNODE\tPAYLOAD")
	for _, e := range events {
		correlation := "-"
		if e.CorrelationID != uuid.Nil {
			correlation = short(e.CorrelationID.String())
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			e.Time.Format("15:04:05.000000"), short(e.ID.String()), e.Type,
			correlation, cmp.Or(short(e.CausationID), "-"), short(e.key), e.NodeID, says(e.payload))
	}
	table.Flush()
}

// short cuts a UUID to its first eight digits, and leaves other text as it is.
func short(s string) string {
	if len(s) == 36 {
		return s[:8]
	}
	return s
}

// says puts a payload in words.
func says(p envelope.Payload) string {
	switch p := p.(type) {
	case envelope.OperationStarted:
		return "input " + keys(p.InputSummary)
	case envelope.OperationCompleted:
		return fmt.Sprintf("%.3f ms, result %s", p.ExecutionTimeMS, keys(p.ResultSummary))
	case envelope.OperationFailed:
		return fmt.Sprintf("%.3f ms, %s: %s", p.ExecutionTimeMS, p.ErrorType, p.ErrorMessage)
	case envelope.StateChanged:
		return fmt.Sprintf("%s → %s: %s", p.OldState, p.NewState, p.TransitionReason)
	case envelope.MetricRecorded:
		return fmt.Sprintf("%s = %g %s", p.MetricName, p.MetricValue, p.MetricUnit)
	default:
		return fmt.Sprintf("%T", p)
	}
}

func keys(s envelope.Summary) string {
	words := make([]string, len(s))
	for i, f := range s {
		words[i] = f.Key + ":" + f.Type
	}
	return "{" + strings.Join(words, " ") + "}"
}
