package envelope

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// wire is an envelope that decodes, to be changed key by key.
var wire = map[string]string{
	"envelope_version": `"1.0"`,
	"event_id":         `"550e8400-e29b-41d4-a716-446655440000"`,
	"event_type":       `"effect.stamp.started"`,
	"event_version":    `"1.0"`,
	"event_timestamp":  `"2025-11-05T12:34:56.123456+00:00"`,
	"source_node_id":   `"n1"`,
	"correlation_id":   `null`,
	"environment":      `"development"`,
	"payload":          `{"a":1}`,
	"metadata":         `{}`,
}

// with returns wire with key set to the JSON text value, or without key.
func with(key, value string) []byte {
	var b strings.Builder
	b.WriteString("{")
	for k, v := range wire {
		if k != key {
			b.WriteString(`"` + k + `":` + v + ",")
		}
	}
	if value == "" {
		return []byte(strings.TrimSuffix(b.String(), ",") + "}")
	}
	return []byte(b.String() + `"` + key + `":` + value + "}")
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"no event_id", string(with("event_id", "")), "event_id is missing"},
		{"null event_id", string(with("event_id", "null")), "event_id is null where a string belongs"},
		{"no event_timestamp", string(with("event_timestamp", "")), "event_timestamp is missing"},
		{"no event_type", string(with("event_type", "")), "event_type is missing"},
		{"no source_node_id", string(with("source_node_id", "")), "source_node_id is missing"},
		{"no payload", string(with("payload", "")), "payload is missing"},
		{"null payload", string(with("payload", "null")), "payload is null where an object belongs"},
		{"list as payload", string(with("payload", "[]")), "payload is a list where an object belongs"},
		{"null metadata", string(with("metadata", "null")), "metadata is null where an object belongs"},
		{"null environment", string(with("environment", "null")), "environment is null where a string belongs"},
		{"number as type", string(with("event_type", "3")), "event_type is a number where a string belongs"},
		{"number as causation", string(with("causation_id", "3")), "causation_id is a number where a string belongs"},
		{"number as timestamp", string(with("event_timestamp", "1762345678")), "event_timestamp is a number where a string belongs"},
		{"version 2", string(with("envelope_version", `"2.0"`)), `unsupported envelope version "2.0"`},
		{"version 10", string(with("envelope_version", `"10.0"`)), `unsupported envelope version "10.0"`},
		{"empty version", string(with("envelope_version", `""`)), `unsupported envelope version ""`},
		{"null version", string(with("envelope_version", "null")), "envelope_version is null"},
		{"not a uuid", string(with("event_id", `"None"`)), `event_id is wrong: "None" is not a UUID`},
		{"other braces", string(with("event_id", `"x550e8400-e29b-41d4-a716-446655440000x"`)), "is not a UUID"},
		{"correlation None", string(with("correlation_id", `"None"`)), `correlation_id is wrong: "None" is not a UUID`},
		{"no offset", string(with("event_timestamp", `"2025-11-05T12:34:56"`)), "is not a timestamp with an offset"},
		{"date only", string(with("event_timestamp", `"2025-11-05"`)), "is not a timestamp with an offset"},
		{"before year 1", string(with("event_timestamp", `"0001-01-01T00:00:00+01:00"`)), "year 0 is not in 1 to 9999"},
		{"after year 9999", string(with("event_timestamp", `"9999-12-31T23:59:59-01:00"`)), "year 10000 is not in 1 to 9999"},
		{"not an object", `[]`, "the value is not a JSON object"},
		{"empty", ``, "unexpected EOF"},
		{"truncated", `{"event_id":"550e8400`, "unexpected EOF"},
		{"two values", `{} {}`, "the value is followed by more than white space"},
		{"not JSON", `{"event_id":nope}`, "the value is not valid JSON"},
		{"invalid UTF-8", "{\"event_type\":\"\xff\"}", "invalid UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Decode([]byte(tt.in))
			if err == nil {
				t.Fatalf("decoded as %+v", e)
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "envelope: ") {
				t.Errorf("error %q, want it to contain %q", err, tt.want)
			}
			if got := errors.Is(err, ErrVersion); got != strings.Contains(tt.want, "unsupported") {
				t.Errorf("is ErrVersion: %v", got)
			}
		})
	}
}

func TestDecodeAccepts(t *testing.T) {
	t.Run("uuid forms", func(t *testing.T) {
		for _, form := range []string{
			"550E8400-E29B-41D4-A716-446655440000",
			"550e8400e29b41d4a716446655440000",
			"{550e8400-e29b-41d4-a716-446655440000}",
			"urn:uuid:550e8400-e29b-41d4-a716-446655440000",
		} {
			e := mustDecode(t, with("event_id", `"`+form+`"`))
			if got := e.EventID.String(); got != "550e8400-e29b-41d4-a716-446655440000" {
				t.Errorf("%s gives %s", form, got)
			}
		}
	})
	t.Run("timestamp forms", func(t *testing.T) {
		for form, want := range map[string]string{
			"2025-11-05T12:34:56.123456+00:00": "2025-11-05T12:34:56.123456Z",
			"2025-11-05T12:34:56Z":             "2025-11-05T12:34:56Z",
			"2025-11-05 12:34:56.5+05:30":      "2025-11-05T07:04:56.5Z",
			"2025-11-05T12:34:56-0800":         "2025-11-05T20:34:56Z",
			"2025-11-05t12:34z":                "2025-11-05T12:34:00Z",
			"2025-11-05T12:34:56.123456789Z":   "2025-11-05T12:34:56.123456Z",
		} {
			e := mustDecode(t, with("event_timestamp", `"`+form+`"`))
			if got := e.EventTimestamp.Format(time.RFC3339Nano); got != want {
				t.Errorf("%s gives %s, want %s", form, got, want)
			}
		}
	})
	t.Run("defaults", func(t *testing.T) {
		e := mustDecode(t, []byte(`{"event_id":"550e8400-e29b-41d4-a716-446655440000","event_type":"x",
			"event_timestamp":"2025-11-05T12:34:56Z","source_node_id":"n1","payload":{}}`))
		if e.EnvelopeVersion != "1.0" || e.EventVersion != "1.0" || e.Environment != "development" || string(e.Metadata) != "{}" {
			t.Errorf("defaults: %+v", e)
		}
		if e.SourceService != nil || e.SourceVersion != nil || e.CorrelationID != nil || e.CausationID != nil {
			t.Errorf("made up: %+v", e)
		}
	})
	t.Run("last of duplicate keys", func(t *testing.T) {
		in := string(with("event_type", "3"))
		e := mustDecode(t, []byte(strings.TrimSuffix(in, "}")+`,"event_type":"a.b.failed"}`))
		if e.EventType != "a.b.failed" {
			t.Errorf("event type %q", e.EventType)
		}
	})
	t.Run("keys are case sensitive and unknown ones ignored", func(t *testing.T) {
		in := string(with("nobody_knows", "[1,{}]"))
		e := mustDecode(t, []byte(strings.TrimSuffix(in, "}")+`,"Event_Type":"other"}`))
		if e.EventType != "effect.stamp.started" {
			t.Errorf("event type %q", e.EventType)
		}
	})
	t.Run("minor version", func(t *testing.T) {
		if e := mustDecode(t, with("envelope_version", `"1.7"`)); e.EnvelopeVersion != "1.7" {
			t.Errorf("version %q", e.EnvelopeVersion)
		}
	})
	t.Run("payload keeps its spelling", func(t *testing.T) {
		e := mustDecode(t, with("payload", `{ "z" : 1.0, "a": [1e+16, -0.0, 9223372036854775808], "a": "\u00e9" }`))
		want := `{"z":1.0,"a":[1e+16,-0.0,9223372036854775808],"a":"\u00e9"}`
		if string(e.Payload) != want {
			t.Errorf("payload %s, want %s", e.Payload, want)
		}
	})
	t.Run("result does not share memory", func(t *testing.T) {
		in := with("payload", `{"k":"v"}`)
		e := mustDecode(t, in)
		clear(in)
		if string(e.Payload) != `{"k":"v"}` {
			t.Errorf("payload %s", e.Payload)
		}
	})
	t.Run("through encoding/json", func(t *testing.T) {
		var list []V1
		if err := json.Unmarshal([]byte("["+string(with("region", `"eu"`))+"]"), &list); err != nil {
			t.Fatal(err)
		}
		if len(list) != 1 || *list[0].Region != "eu" {
			t.Errorf("decoded %+v", list)
		}
	})
}

func mustDecode(t *testing.T, data []byte) *V1 {
	t.Helper()
	e, err := Decode(data)
	if err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return e
}

func TestDecodePayloadRefuses(t *testing.T) {
	const started = `{"operation":"stamp","correlation_id":"550e8400-e29b-41d4-a716-446655440000","node_id":"n1",` +
		`"started_at":"2025-11-05T12:34:56+00:00","input_summary":{}}`
	for _, tt := range []struct{ name, eventType, payload, want string }{
		{"unknown stage", "effect.stamp.begun", started, `unknown event type "effect.stamp.begun"`},
		{"no stage", "effect", started, `unknown event type "effect"`},
		{"four parts", "effect.stamp.twice.started", started, "unknown event type"},
		{"correlation None", "effect.stamp.started", strings.Replace(started, "550e8400-e29b-41d4-a716-446655440000", "None", 1), `correlation_id is wrong: "None" is not a UUID`},
		{"no summary", "effect.stamp.started", strings.Replace(started, "input_summary", "x", 1), "input_summary is missing"},
		{"summary with data", "effect.stamp.started", strings.Replace(started, "{}", `{"n":3}`, 1), "input_summary.n is a number where a string belongs"},
		{"summary of a list", "effect.stamp.started", strings.Replace(started, "{}", `[]`, 1), "input_summary is a list where an object belongs"},
		{"another event", "effect.stamp.completed", started, "completed_at is missing"},
		{"text as duration", "effect.stamp.failed", `{"operation":"s","correlation_id":"550e8400-e29b-41d4-a716-446655440000","node_id":"n",` +
			`"failed_at":"2025-11-05T12:34:56Z","execution_time_ms":"1","error_type":"E","error_message":"m","success":false}`, "execution_time_ms is a string where a number belongs"},
		{"failed with success", "effect.stamp.failed", `{"operation":"s","correlation_id":"550e8400-e29b-41d4-a716-446655440000","node_id":"n",` +
			`"failed_at":"2025-11-05T12:34:56Z","execution_time_ms":1,"error_type":"E","error_message":"m","success":true}`, "success is true where false belongs"},
		{"number out of range", "effect.metric.recorded", `{"node_id":"n","node_type":"effect","recorded_at":"2025-11-05T12:34:56Z","metric_name":"m","metric_value":1e999,"metric_unit":"u"}`, "metric_value is out of range: 1e999"},
		{"null correlation of a metric", "effect.metric.recorded", `{"node_id":"n","node_type":"effect","recorded_at":"2025-11-05T12:34:56Z","metric_name":"m","metric_value":1,"metric_unit":"u","correlation_id":null}`, "correlation_id is null where a string belongs"},
		{"state without reason", "effect.state.changed", `{"node_id":"n","node_type":"effect","correlation_id":"550e8400-e29b-41d4-a716-446655440000","changed_at":"2025-11-05T12:34:56Z","old_state":"a","new_state":"b"}`, "transition_reason is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := V1{EventType: tt.eventType, Payload: json.RawMessage(tt.payload)}
			p, err := e.DecodePayload()
			if err == nil {
				t.Fatalf("decoded as %+v", p)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want it to contain %q", err, tt.want)
			}
			if got := errors.Is(err, ErrEventType); got != strings.Contains(tt.want, "unknown event type") {
				t.Errorf("is ErrEventType: %v", got)
			}
		})
	}
}

// An operation may be called state or metric.
func TestDecodePayloadTellsOperationsFromCategories(t *testing.T) {
	for eventType, want := range map[string]string{
		"effect.state.started": "OperationStarted", "effect.metric.started": "OperationStarted",
	} {
		e := V1{EventType: eventType, Payload: json.RawMessage(`{"operation":"o","correlation_id":"550e8400-e29b-41d4-a716-446655440000","node_id":"n1","started_at":"2025-11-05T12:34:56+00:00","input_summary":{}}`)}
		p, err := e.DecodePayload()
		if _, ok := p.(OperationStarted); err != nil || !ok {
			t.Errorf("%s decodes to %T, %v; want %s", eventType, p, err, want)
		}
	}
}
