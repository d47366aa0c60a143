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

// list prints the dead letters that there is still something to do about, or all
// of them.
func (d *dlq) list(ctx context.Context, replayed, asJSON bool) (bool, error) {
	letters, err := d.inventory(ctx)
	if err != nil {
		return false, err
	}
	var left []*letter
	var done, discarded int64
	for _, l := range letters {
		switch _, isDiscarded := d.markers.discarded[l.markerKey()]; {
		case isDiscarded:
			discarded++
		case d.markers.has(l):
			done++
		default:
			left = append(left, l)
		}
	}
	shown := left
	if replayed {
		shown = letters
	}
	out := bufio.NewWriter(d.Out)
	if asJSON {
		for _, l := range shown {
			out.Write(d.json(l))
			out.WriteByte('\n')
		}
		d.say("%s", d.read())
	} else {
		width, p := terminal.Width(d.Out), terminal.NewPaint(d.Out)
		if err := errors.Join(d.table(out, p, shown, time.Now(), width), reasons(out, p, left, width)); err != nil {
			return false, err
		}
		fmt.Fprintf(out, "%s; %d replayed", terminal.Counted(int64(len(left)), "dead letter"), done)
		if discarded > 0 {
			fmt.Fprintf(out, "; %d discarded", discarded)
		}
		fmt.Fprintf(out, "; %s\n", d.read())
	}
	return len(left) == 0, errors.Join(out.Flush(), d.incomplete())
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

// line is a dead letter as JSON, as the manual explains it.
type line struct {
	Topic         string          `json:"topic"`
	Partition     int32           `json:"partition"`
	Offset        int64           `json:"offset"`
	Size          int             `json:"size"`
	EventID       *uuid.UUID      `json:"event_id"`
	EventType     string          `json:"event_type"`
	CorrelationID *uuid.UUID      `json:"correlation_id"`
	OriginalTopic string          `json:"original_topic"`
	OriginalKey   string          `json:"original_key"`
	Reason        string          `json:"failure_reason"`
	At            string          `json:"failure_timestamp"`
	Attempts      int             `json:"retry_attempts"`
	Replayed      bool            `json:"replayed"`
	Discarded     string          `json:"discarded,omitempty"`
	Fault         string          `json:"fault,omitempty"`
	Headers       []header        `json:"headers,omitempty"`
	Data          json.RawMessage `json:"original_data,omitempty"`
}

type header struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func (d *dlq) line(l *letter) line {
	line := line{
		Topic: l.Topic, Partition: l.Partition, Offset: l.Offset, Size: l.size, At: l.at.UTC().Format(time.RFC3339Nano),
		Replayed: d.markers.has(l), Discarded: d.markers.discarded[l.markerKey()],
	}
	if line.Discarded != "" {
		line.Replayed = false
	}
	if l.letter != nil {
		line.OriginalTopic, line.OriginalKey, line.Reason, line.Attempts = l.letter.OriginalTopic, l.letter.OriginalKey, l.letter.FailureReason, l.letter.RetryAttempts
	}
	if l.env != nil {
		line.EventID, line.EventType, line.CorrelationID = &l.env.ID, l.env.Type, orNull(l.env.CorrelationID)
	}
	if l.fault != nil {
		line.Fault = l.fault.Error()
	}
	return line
}

func (d *dlq) json(l *letter) []byte { return d.line(l).json() }

func (l line) json() []byte {
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // these types have a JSON form, and the data was read as JSON
	}
	return terminal.EscapeJSON(text)
}

func orNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
