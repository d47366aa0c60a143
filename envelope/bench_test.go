package envelope

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/testdata/benchkit"
)

// The events of the benchmarks are that an operation with ten inputs has
// started.

type benchInput struct {
	Workflow  string            `json:"workflow"`
	Step      int               `json:"step"`
	Weight    float64           `json:"weight"`
	Urgent    bool              `json:"urgent"`
	Documents []string          `json:"documents"`
	Labels    map[string]string `json:"labels"`
	Body      []byte            `json:"body"`
	Owner     uuid.UUID         `json:"owner"`
	Due       time.Time         `json:"due"`
	Limit     time.Duration     `json:"limit"`
}

var benchMap = map[string]any{
	"workflow": "w", "step": 1, "weight": 1.5, "urgent": true, "documents": []string{}, "labels": map[string]any{},
	"body": []byte{}, "owner": uuid.Max, "due": time.Time{}, "limit": time.Second,
}

func benchEvent() (*V1, OperationStarted) {
	p := OperationStarted{
		Operation: "orchestration", CorrelationID: testID, NodeID: "orchestrator-1", StartedAt: testTime,
		InputSummary: Summarize(benchInput{}), InputJSON: SummaryJSON(reflect.TypeFor[benchInput]()),
	}
	service, version := "orchestrator", "1.0.0"
	e, err := Wrap(uuid.Max, p, "orchestrator", service)
	if err != nil {
		panic(err)
	}
	e.SourceService, e.SourceVersion = &service, &version
	return e, p
}

// A turn of a benchmark is so short that most have their core to themselves: one
// event, or batch of what would take less time than to tell the time.
const batch = 50

// nsEach reports what one of the n events of a turn took.
func nsEach(b *testing.B, turn time.Duration, n int) {
	b.ReportMetric(float64(turn.Nanoseconds())/float64(n), "ns/event")
	b.ReportMetric(0, "ns/op") // says nothing of one event
}

// BenchmarkEncode writes a started event of a known node and type, and compares
// with encoding/json:
//
//	go test ./envelope -run '^$' -bench Encode -count 6
func BenchmarkEncode(b *testing.B) {
	e, p := benchEvent()
	template := NewTemplate(*e, p, "orchestrator", "orchestrator")
	buf := make([]byte, 0, 2<<10)
	var kept []byte
	ours := func() {
		buf, _ = template.AppendJSON(buf[:0], e.EventID, "", "", &p)
		kept = slices.Clone(buf)
	}
	structs := func() { kept, _ = json.Marshal(plainOf(e, p, "orchestrator", "orchestrator")) }
	maps := func() { kept, _ = json.Marshal(mapsOf(e, p, Summarize(benchInput{}))) }
	turns := benchkit.InTurn(b, ours, structs, maps)
	nsEach(b, turns[0], 1)
	b.ReportMetric(benchkit.Ratio(turns[1], turns[0]), "x-structs")
	b.ReportMetric(benchkit.Ratio(turns[2], turns[0]), "x-maps")
	b.ReportMetric(testing.AllocsPerRun(100, ours), "allocs/event")
	b.ReportMetric(float64(len(kept)), "bytes/event")
}

// mapsOf is how one would do it who has a quarter of an hour.
func mapsOf(e *V1, p OperationStarted, s Summary) map[string]any {
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }
	summary := map[string]any{}
	for _, f := range s {
		summary[f.Key] = f.Type
	}
	return map[string]any{
		"envelope_version": e.EnvelopeVersion,
		"event_id":         e.EventID.String(),
		"event_type":       e.EventType,
		"event_version":    e.EventVersion,
		"event_timestamp":  stamp(e.EventTimestamp),
		"source_node_id":   e.SourceNodeID,
		"source_service":   e.SourceService,
		"source_version":   e.SourceVersion,
		"source_instance":  e.SourceInstance,
		"correlation_id":   p.CorrelationID.String(),
		"causation_id":     e.CausationID,
		"environment":      e.Environment,
		"region":           e.Region,
		"partition_key":    e.PartitionKey,
		"payload": map[string]any{
			"operation":      p.Operation,
			"correlation_id": p.CorrelationID.String(),
			"node_id":        p.NodeID,
			"started_at":     stamp(p.StartedAt),
			"input_summary":  summary,
		},
		"metadata": map[string]any{
			"node_type":       "orchestrator",
			"service_name":    "orchestrator",
			"operation":       p.Operation,
			"lifecycle_stage": "started",
		},
	}
}

// BenchmarkDecode reads a started event and its payload, and compares with
// encoding/json into structs of the same fields, which checks less:
//
//	go test ./envelope -run '^$' -bench Decode -count 6
func BenchmarkDecode(b *testing.B) {
	e, _ := benchEvent()
	data, err := e.AppendJSON(nil)
	if err != nil {
		b.Fatal(err)
	}
	ours := func() {
		e, err := Decode(data)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.DecodePayload(); err != nil {
			b.Fatal(err)
		}
	}
	// As a consumer has to that does not know what comes.
	twice := func() {
		var e struct {
			readEnvelope
			Payload json.RawMessage `json:"payload"`
		}
		var p readStarted
		if err := json.Unmarshal(data, &e); err != nil {
			b.Fatal(err)
		}
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			b.Fatal(err)
		}
	}
	// As one could that does.
	once := func() {
		var e struct {
			readEnvelope
			Payload readStarted `json:"payload"`
		}
		if err := json.Unmarshal(data, &e); err != nil {
			b.Fatal(err)
		}
	}
	turns := benchkit.InTurn(b, ours, twice, once)
	nsEach(b, turns[0], 1)
	b.ReportMetric(benchkit.Ratio(turns[1], turns[0]), "x-json")
	b.ReportMetric(benchkit.Ratio(turns[2], turns[0]), "x-jsononce")
	b.ReportMetric(testing.AllocsPerRun(100, ours), "allocs/event")
}

// readEnvelope and readStarted have the fields of V1 and OperationStarted.

type readEnvelope struct {
	EnvelopeVersion string          `json:"envelope_version"`
	EventID         uuid.UUID       `json:"event_id"`
	EventType       string          `json:"event_type"`
	EventVersion    string          `json:"event_version"`
	EventTimestamp  time.Time       `json:"event_timestamp"`
	SourceNodeID    string          `json:"source_node_id"`
	SourceService   *string         `json:"source_service"`
	SourceVersion   *string         `json:"source_version"`
	SourceInstance  *string         `json:"source_instance"`
	CorrelationID   *uuid.UUID      `json:"correlation_id"`
	CausationID     *string         `json:"causation_id"`
	Environment     string          `json:"environment"`
	Region          *string         `json:"region"`
	PartitionKey    *string         `json:"partition_key"`
	Metadata        json.RawMessage `json:"metadata"`
}

type readStarted struct {
	Operation     string            `json:"operation"`
	CorrelationID uuid.UUID         `json:"correlation_id"`
	NodeID        string            `json:"node_id"`
	StartedAt     time.Time         `json:"started_at"`
	InputSummary  map[string]string `json:"input_summary"`
	Metadata      json.RawMessage   `json:"metadata"`
}

// BenchmarkSummary writes the summary of an input with ten fields or keys.
//
//	go test ./envelope -run '^$' -bench Summary -count 6
func BenchmarkSummary(b *testing.B) {
	holder := struct {
		A, B, C, D *int
		E, F, G, H any
		I, J       string
	}{E: 1, F: "text"}
	for _, bb := range []struct {
		name  string
		value any
	}{{"struct", benchInput{}}, {"pointers", &holder}, {"map", benchMap}} {
		b.Run(bb.name, func(b *testing.B) {
			buf := make([]byte, 0, 1<<10)
			turns := benchkit.InTurn(b, func() {
				for range batch {
					buf = AppendSummary(buf[:0], bb.value)
				}
			})
			nsEach(b, turns[0], batch)
		})
	}
}
