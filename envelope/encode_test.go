package envelope

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

var (
	testID   = uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")
	testTime = time.Date(2025, 11, 5, 13, 34, 56, 123456789, time.FixedZone("CET", 3600))
)

func metric(value float64) MetricRecorded {
	return MetricRecorded{NodeID: "n1", NodeType: "compute", RecordedAt: testTime, MetricName: "m", MetricValue: value, MetricUnit: "u"}
}

// The numbers of the vectors, spelt by Python's repr.
func TestNumbersAreSpeltAsInPython(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", math.Copysign(0, -1): "-0.0", 1: "1.0", 42: "42.0", 12.5: "12.5", 0.1: "0.1", -1.25: "-1.25",
		1e-4: "0.0001", 1e-7: "1e-07", 1.5e-5: "1.5e-05", 1e15: "1000000000000000.0", 1e16: "1e+16", 1e22: "1e+22", 123456789012345.6: "123456789012345.6",
	} {
		got, err := appendFloat(nil, f)
		if err != nil || string(got) != want {
			t.Errorf("%g is written %s (%v), want %s", f, got, err, want)
		}
	}
}

func TestTimestampsAreSpeltAsInPython(t *testing.T) {
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{testTime, `"2025-11-05T12:34:56.123456+00:00"`},
		{time.Date(2025, 11, 5, 12, 34, 56, 0, time.UTC), `"2025-11-05T12:34:56+00:00"`},
		{time.Date(2025, 11, 5, 12, 34, 56, 999, time.UTC), `"2025-11-05T12:34:56+00:00"`},
		{time.Date(2025, 11, 5, 12, 34, 56, 1000, time.UTC), `"2025-11-05T12:34:56.000001+00:00"`},
		{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), `"0001-01-01T00:00:00+00:00"`},
	} {
		if got, err := appendTime(nil, tt.at); err != nil || string(got) != tt.want {
			t.Errorf("%v is written %s (%v), want %s", tt.at, got, err, tt.want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	wrapped := func(change func(*V1)) func() ([]byte, error) {
		return func() ([]byte, error) {
			e, err := Wrap(testID, metric(1), "compute", "transform")
			if err != nil {
				return nil, err
			}
			change(e)
			return e.AppendJSON([]byte("kept"))
		}
	}
	for _, tt := range []struct {
		name   string
		encode func() ([]byte, error)
		want   string
	}{
		{"NaN", func() ([]byte, error) { return metric(math.NaN()).AppendJSON([]byte("kept")) }, "metric_value: NaN is not a number"},
		{"infinity", func() ([]byte, error) { return metric(math.Inf(-1)).AppendJSON([]byte("kept")) }, "metric_value: -Inf is not a number"},
		{"metadata that is no object", func() ([]byte, error) {
			p := metric(1)
			p.Metadata = json.RawMessage("3")
			return p.AppendJSON([]byte("kept"))
		}, "metadata: is not a JSON object"},
		{"year 10000", wrapped(func(e *V1) { e.EventTimestamp = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }), "event_timestamp: year 10000"},
		{"no payload", wrapped(func(e *V1) { e.Payload = nil }), "payload: is not a JSON object"},
		{"broken payload", wrapped(func(e *V1) { e.Payload = json.RawMessage(`{"a":`) }), "payload: "},
		{"two payloads", wrapped(func(e *V1) { e.Payload = json.RawMessage(`{}{}`) }), "payload: "},
		{"payload that breaks out", wrapped(func(e *V1) { e.Payload = json.RawMessage(`{},"event_id":"x"`) }), "payload: "},
		{"broken metadata", wrapped(func(e *V1) { e.Metadata = json.RawMessage(`[]`) }), "metadata: is not a JSON object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := tt.encode()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want it to contain %q", err, tt.want)
			}
			if string(b) != "kept" {
				t.Errorf("returned %q, want what was there before", b)
			}
		})
	}
}

func TestWrapRefusesWhatItsPayloadRefuses(t *testing.T) {
	_, err := Wrap(testID, metric(math.NaN()), "compute", "transform")
	if err == nil || !strings.Contains(err.Error(), "compute.metric.recorded: metric_value: NaN") {
		t.Errorf("error %v", err)
	}
}

func TestHostileStringsStayInsideTheirQuotes(t *testing.T) {
	for _, s := range []string{"\x00\x01\x1f\x7f", `"},"event_id":"`, "\u2028\u2029", "\xff\xfe", "\xed\xa0\x80", "😀", strings.Repeat(`"`, 1<<16)} {
		p := OperationFailed{Operation: s, CorrelationID: testID, NodeID: s, FailedAt: testTime, ErrorType: s, ErrorMessage: s}
		e, err := Wrap(testID, p, s, s)
		if err != nil {
			t.Fatal(err)
		}
		e.PartitionKey, e.CausationID = &s, &s
		b, err := e.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(b, &keys); err != nil || len(keys) != 16 {
			t.Errorf("%q: %d keys, %v", s, len(keys), err)
		}
		back := mustDecode(t, b)
		if back.RecordKey() != e.RecordKey() {
			t.Errorf("%q: the reader's key is %q, the writer's %q", s, back.RecordKey(), e.RecordKey())
		}
	}
}

func TestCallersMetadataGoesLastOrNotAtAll(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", "{}": "", " { } ": "", `{"k":null}`: `,"metadata":{"k":null}`,
	} {
		p := metric(1)
		p.CorrelationID = &testID
		p.Metadata = json.RawMessage(raw)
		got := encodePayload(t, p)
		want := `{"node_id":"n1","node_type":"compute","recorded_at":"2025-11-05T12:34:56.123456+00:00","metric_name":"m","metric_value":1.0,"metric_unit":"u","correlation_id":"` + testID.String() + `"` + want + "}"
		if got != want {
			t.Errorf("metadata %q:\n got %s\nwant %s", raw, got, want)
		}
	}
}

func TestRecordKeyIsTheFirstThatIsNotEmpty(t *testing.T) {
	e := V1{EventID: uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")}
	check := func(want string) {
		t.Helper()
		if got := e.RecordKey(); got != want {
			t.Errorf("key %q, want %q", got, want)
		}
	}
	check("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
	e.SourceNodeID = "n1"
	check("n1")
	e.CorrelationID = &testID
	check(testID.String())
	e.PartitionKey = new("")
	check(testID.String())
	e.PartitionKey = new("tenant-7")
	check("tenant-7")
}

func TestValidateNamesEveryFault(t *testing.T) {
	err := (&V1{CorrelationID: new(uuid.Nil)}).Validate()
	if err == nil {
		t.Fatal("the zero envelope is valid")
	}
	for _, key := range []string{"envelope_version", "event_id", "event_type", "event_version", "event_timestamp", "source_node_id", "correlation_id", "environment", "payload"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%q does not name %s", err, key)
		}
	}
	e, err := Wrap(testID, metric(1), "compute", "transform")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Validate(); err != nil {
		t.Errorf("a wrapped payload: %v", err)
	}
}

func TestMarshalJSONIsAppendJSON(t *testing.T) {
	e, err := Wrap(testID, metric(1), "compute", "transform")
	if err != nil {
		t.Fatal(err)
	}
	direct, err := e.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{"value": *e, "pointer": e} {
		if got, err := json.Marshal(v); err != nil || string(got) != string(direct) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
