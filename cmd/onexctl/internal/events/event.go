package events

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/wire"
	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// Event is a record as it is shown. What is not an event has no envelope.
type Event struct {
	record  *kgo.Record
	At      time.Time
	Env     *envelope.Event
	payload envelope.Payload // nil if it is not one of the five
	letter  *wire.Letter
	fault   error // why it is not an event, or its payload not one of the five
}

// New reads a record; that of a dead letter as the event that it was.
func New(r *kgo.Record, letters topics.Letters) Event {
	e := Event{record: r, At: r.Timestamp}
	value, err := cluster.Value(r)
	if err != nil {
		e.fault = err
		return e
	}
	if letters.Are(r.Topic) {
		if e.letter, e.fault = wire.DeadLetter(value); e.letter == nil {
			return e
		}
		value = e.letter.OriginalData
	}
	env, err := envelope.DecodeAny(value)
	if err != nil {
		e.fault = err
		return e
	}
	ev := env.Event()
	complete(&ev, r, letters)
	e.Env = &ev
	if !ev.Time.IsZero() {
		e.At = ev.Time
	}
	e.payload, e.fault = env.DecodePayload()
	return e
}

// complete takes from the record what an envelope of Python's may leave to it.
func complete(ev *envelope.Event, r *kgo.Record, letters topics.Letters) {
	for _, h := range r.Headers {
		switch {
		case h.Key == "message_id" && ev.Time.IsZero(): // then it may have no id of its own either
			if id, err := uuid.ParseBytes(h.Value); err == nil {
				ev.ID = id
			}
		case h.Key == "parent_message_id" && ev.CausationID == "": // a malformed one is none
			if id, err := uuid.ParseBytes(h.Value); err == nil {
				ev.CausationID = id.String()
			}
		}
	}
	if ev.Type == "" {
		topic, ok := letters.Topic(r.Topic)
		if !ok {
			topic = r.Topic
		}
		ev.Type = topics.EventType(topic)
	}
}

// JSON is the record's value on one line; of what is not an event, an object
// that says so.
func (e Event) JSON() []byte {
	if e.Env != nil {
		if line, err := terminal.JSONLine(e.record.Value); err == nil {
			return line
		}
	}
	fault := "not JSON"
	if e.fault != nil {
		fault = e.fault.Error()
	}
	value, err := cluster.Value(e.record)
	if err != nil {
		value = nil
	}
	line, err := json.Marshal(struct {
		NotAnEvent string `json:"not_an_event"`
		Topic      string `json:"topic"`
		Partition  int32  `json:"partition"`
		Offset     int64  `json:"offset"`
		Key        []byte `json:"key"`
		Value      []byte `json:"value"`
	}{fault, e.record.Topic, e.record.Partition, e.record.Offset, e.record.Key, value})
	if err != nil {
		panic(err) // these types have a JSON form
	}
	return terminal.EscapeJSON(line)
}

// Widths are those of the columns, which grow with what was shown.
type Widths struct{ typ, node int }

// How wide columns are at first, and how much is shown of what is no event.
const (
	typWidth  = 32
	nodeWidth = 18
	clipText  = 120
)

// Line is the event on one line.
func (e Event) Line(p terminal.Paint, w *Widths) string {
	at := p.In(terminal.Dim, e.At.Local().Format(terminal.Stamp))
	if e.Env == nil {
		return at + " " + p.In(terminal.Yellow, fmt.Sprintf("%s: not an event: %s: %s",
			terminal.Printable(cluster.PositionOf(e.record).String()), terminal.Field(e.fault.Error()), terminal.Field(string(e.record.Value[:min(clipText, len(e.record.Value))])))) + e.dead(p)
	}
	what, c := e.happened()
	what = p.In(c, what) + e.dead(p)
	return strings.Join([]string{
		at, terminal.Pad(e.versioned(), &w.typ, typWidth),
		p.In(terminal.Dim, fmt.Sprintf("%-8s", command.Short(e.Env.CorrelationID))), terminal.Pad(e.Env.NodeID, &w.node, nodeWidth), what,
	}, " ")
}

// versioned returns the type of the event, with its version if that is a later
// one, as a directive writes it: two versions have one type.
func (e Event) versioned() string {
	if e.Env.Version == 1 {
		return e.Env.Type
	}
	return fmt.Sprintf("%s@%d", e.Env.Type, e.Env.Version)
}

// dead says why it is a dead letter, if it is one.
func (e Event) dead(p terminal.Paint) string {
	if e.letter == nil {
		return ""
	}
	return p.In(terminal.Red, " (dead letter: "+terminal.Field(e.letter.FailureReason)+")")
}

// DeadLetter is why it is a dead letter, "" if it is none.
func (e Event) DeadLetter() string {
	if e.letter == nil {
		return ""
	}
	return e.letter.FailureReason
}

// happened says what has happened, printable, and in which colour.
func (e Event) happened() (string, terminal.Colour) {
	switch p := e.payload.(type) {
	case envelope.OperationStarted:
		return "started" + summary(" with ", p.InputSummary), terminal.Plain
	case envelope.OperationCompleted:
		return "completed in " + terminal.Length(p.ExecutionTimeMS) + summary(" with ", p.ResultSummary), terminal.Green
	case envelope.OperationFailed:
		return terminal.Field(fmt.Sprintf("failed after %s: %s: %s", terminal.Length(p.ExecutionTimeMS), p.ErrorType, p.ErrorMessage)), terminal.Red
	case envelope.StateChanged:
		return terminal.Field(fmt.Sprintf("%s → %s: %s", p.OldState, p.NewState, p.TransitionReason)), terminal.Cyan
	case envelope.MetricRecorded:
		return terminal.Field(fmt.Sprintf("%s = %g %s", p.MetricName, p.MetricValue, p.MetricUnit)), terminal.Dim
	default:
		if _, stage := e.stage(); stage != "" {
			return terminal.Field(fmt.Sprintf("%s: %v", stage, e.fault)), terminal.Yellow
		}
		return terminal.Field(fmt.Sprintf("%s: %v", terminal.Clip(string(e.Env.Payload), clipText), e.fault)), terminal.Yellow
	}
}

func summary(before string, s envelope.Summary) string {
	if len(s) == 0 {
		return ""
	}
	words := make([]string, len(s))
	for i, f := range s {
		words[i] = f.Key + ":" + f.Type
	}
	return terminal.Field(before + strings.Join(words, " "))
}

// stage tells which operation an event is of, and whether the operation has
// started, completed or failed; nothing if it is another event. The payload may
// be one that cannot be read.
func (e Event) stage() (operation, stage string) {
	i := strings.LastIndexByte(e.Env.Type, '.')
	if i < 0 {
		return "", ""
	}
	switch stage = e.Env.Type[i+1:]; stage {
	case started, completed, failed:
		return e.Env.Type[:i], stage
	default:
		return "", ""
	}
}

const (
	started   = "started"
	completed = "completed"
	failed    = "failed"
)
