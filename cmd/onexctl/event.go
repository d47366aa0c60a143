package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
)

// event is a record as it is shown. What is not an event has no envelope.
type event struct {
	record  *kgo.Record
	at      time.Time
	env     *envelope.V1
	payload envelope.Payload // nil if it is not one of the five
	letter  *envelope.DeadLetter
	fault   error // why it is not an event, or its payload not one of the five
}

// newEvent reads a record; that of a dead letter as the event that it was.
func newEvent(r *kgo.Record, suffix string) event {
	e := event{record: r, at: r.Timestamp}
	value := r.Value
	if strings.HasSuffix(r.Topic, suffix) {
		letter, err := envelope.DecodeDeadLetter(value)
		if err != nil {
			e.fault = err
			return e
		}
		e.letter, value = &letter, letter.OriginalData
	}
	env, err := envelope.Decode(value)
	if err != nil {
		e.fault = err
		return e
	}
	e.env, e.at = env, env.EventTimestamp
	e.payload, e.fault = env.DecodePayload()
	return e
}

// json is the record's value on one line; of what is not an event, an object
// that says so.
func (e event) json() []byte {
	if e.env != nil {
		if line, err := jsonLine(e.record.Value); err == nil {
			return line
		}
	}
	fault := "not JSON"
	if e.fault != nil {
		fault = e.fault.Error()
	}
	line, err := json.Marshal(struct {
		NotAnEvent string `json:"not_an_event"`
		Topic      string `json:"topic"`
		Partition  int32  `json:"partition"`
		Offset     int64  `json:"offset"`
		Key        []byte `json:"key"`
		Value      []byte `json:"value"`
	}{fault, e.record.Topic, e.record.Partition, e.record.Offset, e.record.Key, e.record.Value})
	if err != nil {
		panic(err) // these types have a JSON form
	}
	return escapeJSON(line)
}

// widths are those of the columns, which grow with what was shown.
type widths struct{ typ, node int }

// How wide columns are at first and at most, and how much is shown of what is
// no event.
const (
	typWidth  = 32
	nodeWidth = 18
	widest    = 48
	clipText  = 120
)

const stamp = "Jan 02 15:04:05.000"

// line is the event on one line.
func (e event) line(p paint, w *widths) string {
	at := p.in(dim, e.at.Local().Format(stamp))
	if e.env == nil {
		return at + " " + p.in(yellow, fmt.Sprintf("%s: not an event: %s: %s",
			printable(positionOf(e.record).String()), printable(e.fault.Error()), printable(clip(string(e.record.Value), clipText))))
	}
	what, c := e.happened()
	what = p.in(c, what)
	if e.letter != nil {
		what += p.in(red, " (dead letter: "+printable(e.letter.FailureReason)+")")
	}
	return strings.Join([]string{
		at, pad(e.env.EventType, &w.typ, typWidth),
		p.in(dim, fmt.Sprintf("%-8s", short(e.env.CorrelationID))), pad(e.env.SourceNodeID, &w.node, nodeWidth), what,
	}, " ")
}

// pad makes a column as wide as its widest text so far.
func pad(text string, width *int, least int) string {
	text = printable(text)
	n := len([]rune(text))
	*width = max(*width, min(n, widest), least)
	return text + strings.Repeat(" ", max(0, *width-n))
}

// happened says what has happened, printable, and in which colour.
func (e event) happened() (string, colour) {
	switch p := e.payload.(type) {
	case envelope.OperationStarted:
		return "started" + summary(" with ", p.InputSummary), plain
	case envelope.OperationCompleted:
		return "completed in " + length(p.ExecutionTimeMS) + summary(" with ", p.ResultSummary), green
	case envelope.OperationFailed:
		return printable(fmt.Sprintf("failed after %s: %s: %s", length(p.ExecutionTimeMS), p.ErrorType, p.ErrorMessage)), red
	case envelope.StateChanged:
		return printable(fmt.Sprintf("%s → %s: %s", p.OldState, p.NewState, p.TransitionReason)), cyan
	case envelope.MetricRecorded:
		return printable(fmt.Sprintf("%s = %g %s", p.MetricName, p.MetricValue, p.MetricUnit)), dim
	default:
		return printable(fmt.Sprintf("%s: %v", clip(string(e.env.Payload), clipText), e.fault)), yellow
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
	return printable(before + strings.Join(words, " "))
}
