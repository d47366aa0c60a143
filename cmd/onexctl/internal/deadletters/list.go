package deadletters

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// SetUpList is for onexctl dlq list.
func SetUpList(flags *flag.FlagSet) command.Action {
	opts := newDLQOptions(flags)
	asJSON := flags.Bool("json", false, "")
	replayed := flags.Bool("replayed", false, "")
	return func(ctx context.Context, s terminal.Streams, args []string) (bool, error) {
		d, err := opts.begin(ctx, s, "dlq list", args)
		if err != nil {
			return false, err
		}
		return d.list(ctx, *replayed, *asJSON)
	}
}

// list prints the dead letters that were not replayed, or all of them.
func (d *dlq) list(ctx context.Context, replayed, asJSON bool) (bool, error) {
	letters, err := d.inventory(ctx)
	if err != nil {
		return false, err
	}
	out := bufio.NewWriter(d.Out)
	p := terminal.NewPaint(d.Out)
	var w terminal.Widths
	var left, gone int64
	for _, l := range letters {
		isReplayed := d.markers.has(l)
		if isReplayed {
			gone++
		} else {
			left++
		}
		switch {
		case isReplayed && !replayed:
		case asJSON:
			out.Write(l.json(isReplayed))
			out.WriteByte('\n')
		case isReplayed:
			fmt.Fprintln(out, l.line(p, &w)+p.In(terminal.Green, " (replayed)"))
		default:
			fmt.Fprintln(out, l.line(p, &w))
		}
	}
	if asJSON {
		d.say("%s", d.read())
	} else {
		fmt.Fprintf(out, "%s; %d replayed; %s\n", terminal.Counted(left, "dead letter"), gone, d.read())
	}
	return left == 0, errors.Join(out.Flush(), d.incomplete())
}

// inventory returns the dead letters that are selected, in the order of the
// times when they failed.
func (d *dlq) inventory(ctx context.Context) ([]*letter, error) {
	letters, err := d.letters(ctx, func(*letter, *kgo.Record) {})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(letters, func(a, b *letter) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Offset, b.Offset))
	})
	return letters, nil
}

// json is the dead letter on one line, as the manual explains it.
func (l *letter) json(isReplayed bool) []byte {
	line := struct {
		Topic         string     `json:"topic"`
		Partition     int32      `json:"partition"`
		Offset        int64      `json:"offset"`
		Size          int        `json:"size"`
		EventID       *uuid.UUID `json:"event_id"`
		EventType     string     `json:"event_type"`
		CorrelationID *uuid.UUID `json:"correlation_id"`
		OriginalTopic string     `json:"original_topic"`
		OriginalKey   string     `json:"original_key"`
		Reason        string     `json:"failure_reason"`
		At            string     `json:"failure_timestamp"`
		Attempts      int        `json:"retry_attempts"`
		Replayed      bool       `json:"replayed"`
		Fault         string     `json:"fault,omitempty"`
	}{Topic: l.Topic, Partition: l.Partition, Offset: l.Offset, Size: l.size, At: l.at.UTC().Format(time.RFC3339Nano), Replayed: isReplayed}
	if l.letter != nil {
		line.OriginalTopic, line.OriginalKey, line.Reason, line.Attempts = l.letter.OriginalTopic, l.letter.OriginalKey, l.letter.FailureReason, l.letter.RetryAttempts
	}
	if l.env != nil {
		line.EventID, line.EventType, line.CorrelationID = &l.env.EventID, l.env.EventType, l.env.CorrelationID
	}
	if l.fault != nil {
		line.Fault = l.fault.Error()
	}
	text, err := json.Marshal(line)
	if err != nil {
		panic(err) // these types have a JSON form
	}
	return terminal.EscapeJSON(text)
}
