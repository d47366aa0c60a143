package envelope

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
)

// checkTemplate checks that a template writes e, which wraps p, byte by byte as
// e itself does.
func checkTemplate(t *testing.T, e *V1, p Payload, nodeType, service string) {
	t.Helper()
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	want, err := e.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := NewTemplate(*e, p, nodeType, service)
	got, err := template.AppendJSON([]byte("x"), e.EventID, text(e.CausationID), text(e.PartitionKey), p)
	if err != nil || string(got) != "x"+string(want) {
		t.Errorf("by a template, %v:\n got %s\nwant x%s", err, got, want)
	}
	if got := template.AppendKey(nil, e.EventID, text(e.PartitionKey), p); string(got) != e.RecordKey() {
		t.Errorf("key by a template: %s, want %s", got, e.RecordKey())
	}
}

func TestTemplate(t *testing.T) {
	text := "é\xff\"\u2028"
	fixed := V1{
		EnvelopeVersion: "1.0", EventVersion: "1.0", SourceNodeID: text, SourceService: &text, SourceVersion: &text, SourceInstance: &text,
		Environment: text, Region: &text,
	}
	for _, p := range []Payload{
		OperationStarted{Operation: "x", NodeID: text, StartedAt: time.Unix(1, 5000), InputSummary: Summary{{"a", "str"}}},
		OperationCompleted{Operation: "x", CorrelationID: testID, NodeID: text, CompletedAt: time.Unix(1, 0), ExecutionTimeMS: 1.5, Metadata: json.RawMessage(`{"k": 1}`)},
		OperationFailed{Operation: text, CorrelationID: testID, NodeID: text, FailedAt: time.Unix(1, 0), ErrorType: text, ErrorMessage: "no"},
		StateChanged{NodeID: text, NodeType: "effect", CorrelationID: testID, ChangedAt: time.Unix(1, 999_999_999), OldState: text},
		MetricRecorded{NodeID: text, RecordedAt: time.Unix(1, 0)},
		MetricRecorded{NodeID: text, RecordedAt: time.Unix(1, 0), CorrelationID: &testID},
	} {
		for _, optional := range []string{"", text} {
			e, err := Wrap(uuid.Max, p, "effect", text)
			if err != nil {
				t.Fatal(err)
			}
			e.SourceService, e.SourceVersion, e.SourceInstance, e.Region, e.Environment = fixed.SourceService, fixed.SourceVersion, fixed.SourceInstance, fixed.Region, fixed.Environment
			if optional != "" {
				e.CausationID, e.PartitionKey = &optional, &optional
			}
			checkTemplate(t, e, p, "effect", text)
		}
	}
	wrong := MetricRecorded{NodeID: "n", RecordedAt: time.Unix(1, 0), MetricValue: math.NaN()}
	template := NewTemplate(fixed, wrong, "effect", "s")
	if b, err := template.AppendJSON([]byte("x"), uuid.Max, "", "", wrong); err == nil || string(b) != "x" {
		t.Errorf("%s, %v", b, err)
	}
}

// What a type's summary is without a value is what it is with each.
func TestSummaryJSON(t *testing.T) {
	type inner struct{ A int }
	for _, tt := range []struct {
		value  any
		static bool
	}{
		{plain{}, true},
		{struct {
			inner
			At time.Time
			ID uuid.UUID `json:"id"`
			L  []*int
		}{}, true},
		{[]byte{}, true},
		{"text", true},
		{struct{}{}, true},
		{struct{ P *int }{}, false},
		{struct{ V any }{}, false},
		{struct{ *inner }{}, false},
		{map[string]int{}, false},
		{&plain{}, false},
		{embeds{}, false},
		{embeds{embeddedPointer: &embeddedPointer{}}, false},
		{map[string]any{"b": 1, "a": nil, "\xff": "", "\xfe": []int{}, "é": []any{}, "t": time.Time{}}, false},
		{map[string]any{}, false},
		{(map[string]any)(nil), false},
		{map[label]any{"b": 1, "a": new(0.5)}, false},
		{(*plain)(nil), false},
		{struct {
			P *int
			V any
			E struct{ *inner }
		}{V: &plain{}}, false},
	} {
		got := SummaryJSON(reflect.TypeOf(tt.value))
		if (got != nil) != tt.static {
			t.Errorf("%T: %s", tt.value, got)
		}
		want := Summarize(tt.value).appendJSON(nil)
		if got != nil && string(got) != string(want) {
			t.Errorf("%T: %s, want %s", tt.value, got, want)
		}
		if got := AppendSummary([]byte("x"), tt.value); string(got) != "x"+string(want) {
			t.Errorf("%T: appended %s, want x%s", tt.value, got, want)
		}
	}
}

// A template of one node writes another node's payload as that says.
func TestTemplateOfAnotherNode(t *testing.T) {
	p := OperationFailed{Operation: "x", CorrelationID: testID, NodeID: "n2", FailedAt: time.Unix(1, 0)}
	template := NewTemplate(V1{EnvelopeVersion: DefaultVersion, EventVersion: DefaultVersion, SourceNodeID: "n1"}, p, "effect", "a")
	b, err := template.AppendJSON(nil, uuid.Max, "", "", p)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.DecodePayload(); err != nil || got.(OperationFailed).NodeID != "n2" {
		t.Errorf("payload %+v, %v", got, err)
	}
}
