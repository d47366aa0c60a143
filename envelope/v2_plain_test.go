package envelope

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/testdata/benchkit"
	vectors2 "github.com/omninode-ai/onexevents/testdata/vectors-2"
)

// The plain encoder of a V2, as plain_test.go has V1's.

type plainV2 struct {
	Payload              any             `json:"payload"`
	EnvelopeID           uuid.UUID       `json:"envelope_id"`
	EnvelopeTimestamp    plainTimeZ      `json:"envelope_timestamp"`
	CorrelationID        *uuid.UUID      `json:"correlation_id"`
	SourceTool           *string         `json:"source_tool"`
	TargetTool           *string         `json:"target_tool"`
	Metadata             plainMetadataV2 `json:"metadata"`
	SecurityContext      *struct{}       `json:"security_context"`
	EventType            *string         `json:"event_type"`
	PayloadType          *string         `json:"payload_type"`
	PayloadSchemaVersion *plainVersion   `json:"payload_schema_version"`
	Priority             int             `json:"priority"`
	TimeoutSeconds       *int64          `json:"timeout_seconds"`
	RetryCount           int64           `json:"retry_count"`
	RequestID            *uuid.UUID      `json:"request_id"`
	TraceID              *uuid.UUID      `json:"trace_id"`
	SpanID               *uuid.UUID      `json:"span_id"`
	OnexVersion          plainVersion    `json:"onex_version"`
	EnvelopeVersion      plainVersion    `json:"envelope_version"`
}

type plainMetadataV2 struct {
	TraceID      *string        `json:"trace_id"`
	SpanID       *string        `json:"span_id"`
	ParentSpanID *string        `json:"parent_span_id"`
	RequestID    *string        `json:"request_id"`
	Headers      map[string]any `json:"headers"`
	Tags         plainTags      `json:"tags"`
}

type plainTags struct {
	ServiceName    string  `json:"service_name"`
	InstanceID     string  `json:"instance_id"`
	NodeType       string  `json:"node_type"`
	Operation      *string `json:"operation,omitempty"`
	LifecycleStage string  `json:"lifecycle_stage,omitempty"`
	EventCategory  string  `json:"event_category,omitempty"`
	Environment    string  `json:"environment"`
	CausationID    string  `json:"causation_id,omitempty"`
}

type plainVersion struct {
	Major      int64    `json:"major"`
	Minor      int64    `json:"minor"`
	Patch      int64    `json:"patch"`
	Prerelease []string `json:"prerelease"`
	Build      []string `json:"build"`
}

type plainTimeZ struct{ time.Time }

func (t plainTimeZ) MarshalJSON() ([]byte, error) {
	b, err := plainTime(t).MarshalJSON()
	return []byte(strings.Replace(string(b), "+00:00", "Z", 1)), err
}

// plainV2Of returns what an event is to become, from what the plain encoder makes
// of it in V1.
func plainV2Of(e *V1, p Payload, ev event, correlationID uuid.UUID) plainV2 {
	v1 := plainOf(e, p, ev.nodeType, ev.service)
	own := v1.Metadata.(plainMetadata)
	if v1.CorrelationID != nil {
		correlationID = *v1.CorrelationID
	}
	return plainV2{
		Payload: v1.Payload, EnvelopeID: v1.EventID, EnvelopeTimestamp: plainTimeZ(v1.EventTimestamp), CorrelationID: &correlationID,
		SourceTool: new(ev.service + "." + v1.SourceNodeID),
		Metadata: plainMetadataV2{Headers: map[string]any{}, Tags: plainTags{
			own.ServiceName, v1.SourceNodeID, own.NodeType, own.Operation, own.LifecycleStage, own.EventCategory, v1.Environment, ev.causation,
		}},
		EventType:            new(EventTypeV2(ev.service, v1.EventType)),
		PayloadType:          new(reflect.TypeOf(p).Name()),
		PayloadSchemaVersion: &plainVersion{Major: 1},
		Priority:             5,
		OnexVersion:          plainVersion{Major: 1},
		EnvelopeVersion:      plainVersion{Major: 2, Minor: 1},
	}
}

// checkPlainV2 checks that a template writes what the plain encoder writes, and
// that it means what [WrapV2] does.
func checkPlainV2(t *testing.T, ev event) {
	t.Helper()
	id, minted := uuid.Max, testID
	e, err := Wrap(id, ev.payload, ev.nodeType, ev.service)
	if err != nil {
		t.Fatal(err)
	}
	e.Environment = ev.environment
	template := NewTemplateV2(ev.payload, ev.nodeType, ev.service, e.SourceNodeID, ev.environment, 1)
	fast, err := template.AppendJSON([]byte("x"), id, minted, ev.causation, ev.payload)
	if err != nil {
		t.Fatal(err)
	}
	fast = fast[1:]
	plain, err := plainJSON(plainV2Of(e, ev.payload, ev, minted))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := canonical(t, fast), canonical(t, plain); got != want {
		t.Fatalf("%T:\n fast %.3000s\nplain %.3000s", ev.payload, got, want)
	}
	v2, err := WrapV2(id, ev.payload, ev.nodeType, ev.service)
	if err != nil {
		t.Fatal(err)
	}
	if v2.CorrelationID == nil {
		v2.CorrelationID = &minted
	}
	v2.Metadata.Tags[keyEnvironment] = ev.environment
	if ev.causation != "" {
		v2.Metadata.Tags[keyCausation] = ev.causation
	}
	wrapped, err := v2.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(valueOf(t, fast), valueOf(t, wrapped)) {
		t.Fatalf("%T:\n   fast %.3000s\nwrapped %.3000s", ev.payload, fast, wrapped)
	}
	read, err := DecodeV2(fast)
	if err != nil {
		t.Fatalf("%v in %.3000s", err, fast)
	}
	if again, err := read.AppendJSON(nil); err != nil || !reflect.DeepEqual(valueOf(t, fast), valueOf(t, again)) {
		t.Fatalf("%v\nwritten %.3000s\n  again %.3000s", err, fast, again)
	}
}

// The fast encoder of a V2 writes what the plain one writes, as that of V1 does.
func TestFastIsPlainV2(t *testing.T) {
	for _, c := range vectors2.Cases(t) {
		e, err := DecodeV2(c.Value)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.DecodePayload()
		if err != nil {
			t.Fatal(err)
		}
		checkPlainV2(t, event{p, c.Input.NodeType, c.Input.Service, c.Input.Environment, c.Input.CausationID, ""})
	}
	for _, s := range hostile {
		for kind := range kinds {
			checkPlainV2(t, eventOf(kind, func() string { return s }, testID, testTime, 1.5, json.RawMessage("{}")))
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range *randomEvents {
		checkPlainV2(t, randomEvent(r))
	}
}

func FuzzPlainV2(f *testing.F) {
	for kind := range kinds {
		f.Add(uint8(kind), "text", "é\x00", []byte("0123456789abcdef"), int64(1762346096), int64(123456), 12.5)
		f.Add(uint8(kind), "\xff\xed\xa0\x80", "\u2028", []byte{}, int64(-62135596800), int64(0), -1e300)
	}
	f.Fuzz(func(t *testing.T, kind uint8, a, b string, id []byte, seconds, nanos int64, number float64) {
		if ev, ok := fuzzedEvent(t, kind, a, b, id, seconds, nanos, number); ok {
			checkPlainV2(t, ev)
		}
	})
}

// What decodes, in either form, encodes to something that decodes to the same; and
// what is JSON and no envelope of Go's is none of Python's.
func FuzzDecodeV2(f *testing.F) {
	for _, c := range vectors2.Cases(f) {
		f.Add([]byte(c.Value))
	}
	for _, name := range []string{"accepted.json", "refused.json"} {
		var values []struct{ Value string }
		vectors2.Read(f, name, &values)
		for _, v := range values {
			f.Add([]byte(v.Value))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := DecodeAny(data)
		if err != nil {
			return
		}
		_ = e.Event()
		encoded, err := e.AppendJSON(nil)
		if err != nil {
			t.Fatalf("decoded, but cannot be encoded: %v", err)
		}
		if !json.Valid(encoded) {
			t.Fatalf("not JSON: %s", encoded)
		}
		again, err := DecodeAny(encoded)
		if err != nil {
			t.Fatalf("encoded as %s, which does not decode: %v", encoded, err)
		}
		if e, ok := e.(*V2); ok {
			e.ParentEventID, e.TenantID, e.Producer = nil, nil, nil // which are not written
		}
		if !sameEnvelope(e, again) {
			t.Fatalf("decoded as\n%+v\nencoded and decoded again as\n%+v", e, again)
		}
		p, err := PayloadOf(e)
		if err != nil {
			return
		}
		// Half a surrogate pair may be read, as in Python, but is not written.
		if _, err := p.AppendJSON(nil); err != nil && jsontext.Value(payloadOf(e)).IsValid() {
			t.Fatal(err)
		}
	})
}

func payloadOf(e Envelope) json.RawMessage {
	if e, ok := e.(*V2); ok {
		return e.Payload
	}
	return e.(*V1).Payload
}

// sameEnvelope compares times by what is written of them.
func sameEnvelope(a, b Envelope) bool {
	v, ok := a.(*V2)
	w, both := b.(*V2)
	if !ok || !both {
		return reflect.DeepEqual(a, b)
	}
	at, errAt := appendTimeZ(nil, v.EventTimestamp)
	bt, errBt := appendTimeZ(nil, w.EventTimestamp)
	c, d := *v, *w
	c.EventTimestamp, d.EventTimestamp = time.Time{}, time.Time{}
	return reflect.DeepEqual(errAt, errBt) && string(at) == string(bt) && reflect.DeepEqual(c, d)
}

func TestTemplateV2Fails(t *testing.T) {
	wrong := MetricRecorded{NodeID: "n", RecordedAt: testTime, MetricValue: math.NaN()}
	if b, err := NewTemplateV2(wrong, "effect", "s", "n", "e", 1).AppendJSON([]byte("x"), uuid.Max, testID, "", wrong); err == nil || string(b) != "x" {
		t.Errorf("%s, %v", b, err)
	}
}

func TestValidateV2(t *testing.T) {
	valid := func() *V2 {
		e, err := WrapV2(uuid.Max, StateChanged{NodeID: "n", CorrelationID: testID, ChangedAt: testTime}, "effect", "s")
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if err := valid().Validate(); err != nil {
		t.Fatal(err)
	}
	for key, spoil := range map[string]func(e *V2){
		"payload":                           func(e *V2) { e.Payload = nil },
		"envelope_id":                       func(e *V2) { e.EventID = uuid.Nil },
		"envelope_timestamp":                func(e *V2) { e.EventTimestamp = time.Time{} },
		"correlation_id":                    func(e *V2) { e.CorrelationID = nil },
		"source_tool":                       func(e *V2) { e.SourceTool = nil },
		"event_type":                        func(e *V2) { e.EventType = new("") },
		"payload_type":                      func(e *V2) { e.PayloadType = nil },
		"priority":                          func(e *V2) { e.Priority = 0 },
		"timeout_seconds":                   func(e *V2) { e.TimeoutSeconds = new(int64(0)) },
		"retry_count":                       func(e *V2) { e.RetryCount = -1 },
		"parent_envelope_id":                func(e *V2) { e.ParentEventID = new(e.EventID) },
		"onex_version":                      func(e *V2) { e.OnexVersion.Patch = -1 },
		"envelope_version":                  func(e *V2) { e.EnvelopeVersion.Major = 3 },
		"payload_schema_version.prerelease": func(e *V2) { e.PayloadSchemaVersion = &Version{Prerelease: []string{"01"}} },
		"payload_schema_version.build":      func(e *V2) { e.PayloadSchemaVersion = &Version{Build: []string{"a.b"}} },
	} {
		e := valid()
		spoil(e)
		if err := e.Validate(); err == nil || !strings.HasPrefix(err.Error(), key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestEncodeRefusesV2(t *testing.T) {
	for key, e := range map[string]V2{
		"payload":            {Payload: json.RawMessage(`{"a":NaN}`)},
		"payload is":         {Payload: json.RawMessage("{} {}")},
		"security_context":   {SecurityContext: json.RawMessage("[]")},
		"envelope_timestamp": {EventTimestamp: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		key, _, _ = strings.Cut(key, " ")
		if b, err := e.AppendJSON([]byte("x")); err == nil || !strings.Contains(err.Error(), key) || string(b) != "x" {
			t.Errorf("%s: %s, %v", key, b, err)
		}
	}
}

// BenchmarkEncodeV2 writes events of each kind as a V2 and as a V1, and reports how
// many times as long V2 takes: by a template into memory that is there, by a template
// with a copy of what came, and without a template:
//
//	go test ./envelope -run '^$' -bench EncodeV2 -count 6
func BenchmarkEncodeV2(b *testing.B) {
	e, started := benchEvent()
	id := started.CorrelationID
	for name, p := range map[string]Payload{
		"started":   &started,
		"completed": &OperationCompleted{Operation: "orchestration", CorrelationID: id, NodeID: "orchestrator-1", CompletedAt: testTime, ExecutionTimeMS: 1.234, ResultSummary: started.InputSummary},
		"failed":    &OperationFailed{Operation: "orchestration", CorrelationID: id, NodeID: "orchestrator-1", FailedAt: testTime, ErrorType: "ValueError", ErrorMessage: "no documents"},
		"state":     &StateChanged{NodeID: "orchestrator-1", NodeType: "orchestrator", CorrelationID: id, ChangedAt: testTime, OldState: "idle", NewState: "running"},
		"metric":    &MetricRecorded{NodeID: "orchestrator-1", NodeType: "orchestrator", CorrelationID: &id, RecordedAt: testTime, MetricName: "waiting", MetricValue: 2, MetricUnit: "workflows"},
	} {
		b.Run(name, func(b *testing.B) {
			v1, err1 := Wrap(e.EventID, p, "orchestrator", "orchestrator")
			v2, err2 := WrapV2(e.EventID, p, "orchestrator", "orchestrator")
			if err1 != nil || err2 != nil {
				b.Fatal(err1, err2)
			}
			template1 := NewTemplate(*v1, p, "orchestrator", "orchestrator")
			template2 := NewTemplateV2(p, "orchestrator", "orchestrator", "orchestrator-1", v1.Environment, 1)
			buf := make([]byte, 0, 2<<10)
			var kept []byte
			append1 := func() { buf, _ = template1.AppendJSON(buf[:0], e.EventID, "", "", p) }
			append2 := func() { buf, _ = template2.AppendJSON(buf[:0], e.EventID, id, "", p) }
			turns := benchkit.InTurn(b, append1, append2,
				func() { append1(); kept = slices.Clone(buf) }, func() { append2(); kept = slices.Clone(buf) },
				func() { kept, _ = v1.AppendJSON(nil) }, func() { kept, _ = v2.AppendJSON(nil) })
			nsEach(b, turns[1], 1)
			b.ReportMetric(benchkit.Ratio(turns[1], turns[0]), "x-v1")
			b.ReportMetric(benchkit.Ratio(turns[3], turns[2]), "x-v1-copied")
			b.ReportMetric(benchkit.Ratio(turns[5], turns[4]), "x-v1-by-hand")
			b.ReportMetric(float64(len(kept)), "bytes/event")
		})
	}
}

// BenchmarkDecodeV2 reads the event of BenchmarkDecode as a V2, not knowing which
// it is, and compares with V1:
//
//	go test ./envelope -run '^$' -bench DecodeV2 -count 6
func BenchmarkDecodeV2(b *testing.B) {
	e, p := benchEvent()
	read := func(data []byte) func() {
		return func() {
			e, err := DecodeAny(data)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := PayloadOf(e); err != nil {
				b.Fatal(err)
			}
		}
	}
	v1, _ := e.AppendJSON(nil)
	v2, err := NewTemplateV2(p, "orchestrator", "orchestrator", p.NodeID, "production", 1).AppendJSON(nil, e.EventID, uuid.Nil, "", p)
	if err != nil {
		b.Fatal(err)
	}
	turns := benchkit.InTurn(b, read(v2), read(v1))
	nsEach(b, turns[0], 1)
	b.ReportMetric(benchkit.Ratio(turns[0], turns[1]), "x-v1")
	b.ReportMetric(testing.AllocsPerRun(100, read(v2)), "allocs/event")
}
