package catalog

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
	"github.com/omninode-ai/onexevents/emit/internal/page"
)

// Run is the events that the nodes of a catalog have published, or others.
type Run struct{ events []runEvent }

// runEvent is what of an event tells where it belongs.
type runEvent struct{ id, cause, topic string }

// runLine is a line of a run: an envelope of either profile.
type runLine struct {
	Value      json.RawMessage `json:"value"` // of a record; an envelope has none
	NotAnEvent string          `json:"not_an_event"`

	EventID       string `json:"event_id"`
	EventType     string `json:"event_type"`
	EventVersion  string `json:"event_version"`
	SourceService string `json:"source_service"`
	CausationID   string `json:"causation_id"`

	EnvelopeID    string `json:"envelope_id"`
	ParentID      string `json:"parent_message_id"`
	SchemaVersion struct {
		Major int `json:"major"`
	} `json:"payload_schema_version"`
	Metadata struct {
		ServiceName string         `json:"service_name"`
		Tags        map[string]any `json:"tags"`
	} `json:"metadata"`
}

// mostMistakes is how many lines of a run are said to be wrong.
const mostMistakes = 10

// ReadRun reads a line for each event, as onexctl tail -json prints them. What is
// wrong are [annotate.Diagnostics] with the line, and no file.
func ReadRun(src []byte) (*Run, error) {
	var r Run
	var diags annotate.Diagnostics
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(src, []byte("\uFEFF"))) { // some editors begin a file so
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		e, err := readRunLine(line)
		if err != nil {
			diags = append(diags, annotate.Diagnostic{Pos: token.Position{Line: number}, Message: err.Error() + "; write what onexctl tail -json prints"})
		} else if e.id != "" {
			r.events = append(r.events, e)
		}
	}
	if more := len(diags) - mostMistakes; more > 0 {
		diags = diags[:mostMistakes]
		diags[mostMistakes-1].Message += fmt.Sprintf(" (and %d more lines are wrong)", more)
	}
	if len(diags) == 0 && len(r.events) == 0 {
		diags = append(diags, annotate.Diagnostic{Message: "there is no event in it; write what onexctl tail -json prints"})
	}
	return &r, diags.Err()
}

func readRunLine(line []byte) (runEvent, error) {
	var e runLine
	err := json.Unmarshal(line, &e)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		err = fmt.Errorf("a JSON %s in the place of %s", wrong.Value, cmp.Or(wrong.Field, "an object"))
	}
	switch {
	case err != nil:
		return runEvent{}, fmt.Errorf("this is no event in JSON (%w)", err)
	case e.NotAnEvent != "":
		return runEvent{}, nil
	case len(e.Value) > 0:
		return readRunLine(e.Value)
	case e.EventID != "" && e.EventType != "":
		major, _, _ := strings.Cut(e.EventVersion, ".")
		version, _ := strconv.Atoi(major)
		n := annotate.Node{Service: cmp.Or(e.Metadata.ServiceName, e.SourceService)}
		return runEvent{e.EventID, e.CausationID, naming.Topic(placeholder, &n, naming.Event{Literal: e.EventType, Version: version})}, nil
	case e.EnvelopeID != "" && e.EventType != "":
		cause, _ := e.Metadata.Tags["causation_id"].(string)
		return runEvent{e.EnvelopeID, cmp.Or(cause, e.ParentID), naming.BusTopic(e.EventType, e.SchemaVersion.Major)}, nil
	default:
		return runEvent{}, errors.New("this is no event: it has no event_type with an event_id or an envelope_id")
	}
}

// on finds the events of the run on a page that has events by their topics. An
// event that has come twice is one.
func (r *Run) on(shown map[string]*page.Event) *page.Run {
	p := &page.Run{Seen: map[*page.Event]int{}}
	byID := map[string]*page.Event{}
	for _, e := range r.events {
		if _, again := byID[e.id]; again {
			continue
		}
		p.Events++
		at := shown[e.topic]
		byID[e.id] = at
		if at == nil {
			p.Foreign++
			continue
		}
		p.Seen[at]++
	}
	type pair struct{ from, to *page.Event }
	at := map[pair]int{} // in the list
	done := map[string]bool{}
	for _, e := range r.events {
		from, to := byID[e.cause], byID[e.id]
		if from == nil || to == nil || done[e.id] {
			continue
		}
		done[e.id] = true
		i, known := at[pair{from, to}]
		if !known {
			i = len(p.Causes)
			at[pair{from, to}] = i
			p.Causes = append(p.Causes, page.Cause{From: from, To: to})
		}
		p.Causes[i].Times++
	}
	slices.SortStableFunc(p.Causes, func(a, b page.Cause) int {
		return cmp.Or(cmp.Compare(a.From.ID, b.From.ID), cmp.Compare(a.To.ID, b.To.ID))
	})
	return p
}
