package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	vectors2 "github.com/omninode-ai/onexevents/testdata/vectors-2"
)

// valueOf returns a JSON value in which numbers are exact.
func valueOf(t testing.TB, raw []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return exact(v)
}

func exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, ok := new(big.Rat).SetString(string(v))
		if !ok {
			return v
		}
		return n.RatString()
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = exact(v[key])
		}
		if n, ok := v["metric_value"].(string); ok { // which is a float in Go
			f, _ := new(big.Rat).SetString(n)
			v["metric_value"], _ = f.Float64()
		}
	}
	return v
}

func sameValue(t *testing.T, got, want []byte) {
	t.Helper()
	if !reflect.DeepEqual(valueOf(t, got), valueOf(t, want)) {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// Every event becomes the envelope and the key that OmniNode's own packages made of
// it, and is read back.
func TestCasesV2(t *testing.T) {
	cases := vectors2.Cases(t)
	if len(cases) != 66 {
		t.Fatalf("%d cases, want 66", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			in := c.Input
			read, err := DecodeV2(c.Value)
			if err != nil {
				t.Fatal(err)
			}
			p, err := PayloadOf(read)
			if err != nil {
				t.Fatal(err)
			}
			e, err := WrapV2(in.EventID, p, in.NodeType, in.Service)
			if err != nil {
				t.Fatal(err)
			}
			e.EventTimestamp = in.EventTimestamp
			e.Metadata.Tags[keyEnvironment] = in.Environment
			if in.CausationID != "" {
				e.Metadata.Tags[keyCausation] = in.CausationID
			}
			if in.MintedID != uuid.Nil {
				e.CorrelationID = &in.MintedID
			}
			got, err := e.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			sameValue(t, got, c.Value)
			if err := errors.Join(e.Validate(), read.Validate()); err != nil {
				t.Errorf("Validate: %v", err)
			}
			template := NewTemplateV2(p, in.NodeType, in.Service, in.NodeID, in.Environment, 1)
			byTemplate, err := template.AppendJSON(nil, in.EventID, in.MintedID, in.CausationID, p)
			if err != nil {
				t.Fatal(err)
			}
			e.EventTimestamp = p.head().at // the template reads the clock once
			want, err := e.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			sameValue(t, byTemplate, want)
			if key := template.AppendKey(nil, in.EventID, "", p); string(key) != c.Key {
				t.Errorf("key %s, want %s", key, c.Key)
			}

			ev := read.Event()
			eventType := p.EventType(in.NodeType)
			if ev.ID != in.EventID || ev.Type != eventType || ev.CausationID != in.CausationID || ev.NodeID != in.NodeID ||
				ev.Service != in.Service || ev.Environment != in.Environment || !ev.Time.Equal(in.EventTimestamp) || ev.NodeType != in.NodeType ||
				ev.CorrelationID != or(in.MintedID, orZero(in.CorrelationID)) {
				t.Errorf("read as %+v, of %+v", ev, in)
			}
			if any, err := DecodeAny(c.Value); err != nil || !reflect.DeepEqual(any, read) {
				t.Errorf("DecodeAny: %+v, %v", any, err)
			}
			if _, err := Decode(c.Value); !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "DecodeAny") {
				t.Errorf("Decode: %v", err)
			}
		})
	}
}

func or(a, b uuid.UUID) uuid.UUID {
	if a != uuid.Nil {
		return a
	}
	return b
}

// What the newest reader refuses is refused, and names the field.
func TestRefusedV2(t *testing.T) {
	var cases []struct {
		Name      string
		RefusedBy []string `json:"refused_by"`
		Errors    [][2]string
		Value     string
	}
	vectors2.Read(t, "refused.json", &cases)
	if len(cases) != 70 {
		t.Fatalf("%d values, want 70", len(cases))
	}
	refused := 0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			newest := false
			for _, version := range c.RefusedBy {
				newest = newest || version == "0.47.57"
			}
			e, err := DecodeV2([]byte(c.Value))
			if (err != nil) != newest {
				t.Fatalf("%+v, %v; refused by %v", e, err, c.RefusedBy)
			}
			if !newest {
				return
			}
			refused++
			for _, field := range c.Errors {
				if len(c.Errors) == 1 && !strings.Contains(err.Error(), field[1]) {
					t.Errorf("%v does not name %s", err, field[1])
				}
			}
			if e, err := DecodeAny([]byte(c.Value)); err == nil {
				if v1, ok := e.(*V1); !ok || c.Name != "v1 envelope" {
					t.Errorf("DecodeAny: %+v", v1)
				}
			}
		})
	}
	t.Logf("%d of %d refused, the others by older readers only", refused, len(cases))
}

// What all readers take is taken, and is read as they read it.
func TestAcceptedV2(t *testing.T) {
	var cases []struct {
		Name, Value string
		Read        map[string]json.RawMessage
	}
	vectors2.Read(t, "accepted.json", &cases)
	if len(cases) != 66 {
		t.Fatalf("%d values, want 66", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			e, err := DecodeV2([]byte(c.Value))
			if err != nil {
				t.Fatal(err)
			}
			written, err := e.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			var got, want map[string]json.RawMessage
			if err := json.Unmarshal(written, &got); err != nil {
				t.Fatal(err)
			}
			value := strings.NewReplacer("NaN", "null", "Infinity", "null", "1e400", "null").Replace(c.Value)
			if err := json.Unmarshal([]byte(value), &want); err != nil {
				t.Fatal(err)
			}
			for key, read := range c.Read {
				want[key] = read
			}
			for key := range got {
				if want[key] == nil {
					t.Errorf("%s: written %s, not said how it is read", key, got[key])
					continue
				}
				switch string(want[key]) {
				case `"<random>"`:
					again, err := DecodeV2([]byte(c.Value))
					if err != nil || again.EventID == e.EventID || e.EventID == uuid.Nil {
						t.Errorf("read with the ids %v and %v, %v", e.EventID, again, err)
					}
				case `"<now>"`:
					if !e.EventTimestamp.IsZero() {
						t.Errorf("made up the time %v", e.EventTimestamp)
					}
				case `"<the reader's own>"`:
					if !reflect.DeepEqual(e.EnvelopeVersion, defaultEnvelopeVersion) {
						t.Errorf("version %+v", e.EnvelopeVersion)
					}
				default:
					sameValue(t, got[key], want[key])
				}
			}
			if any, err := DecodeAny([]byte(c.Value)); err != nil {
				t.Errorf("DecodeAny: %+v, %v", any, err)
			}
		})
	}
}

// What the vectors do not have, the readers were asked about: "" is refused.
func TestReadAsPython(t *testing.T) {
	for _, tt := range []struct{ key, value, want string }{
		{"envelope_timestamp", `"2026-11-05T12:34"`, `"2026-11-05T12:34:00"`},
		{"envelope_timestamp", `"2026-11-05 12:34:56,5Z"`, `"2026-11-05T12:34:56.500000Z"`},
		{"envelope_timestamp", `"2026-11-05_12:34:56z"`, `"2026-11-05T12:34:56Z"`},
		{"envelope_timestamp", `"2026-11-05t12:34:56+0530"`, `"2026-11-05T12:34:56+05:30"`},
		{"envelope_timestamp", `"2026-11-05T12:34:56−05:00"`, `"2026-11-05T12:34:56-05:00"`},
		{"envelope_timestamp", `"2026-11-05T12:34:56-00:00"`, `"2026-11-05T12:34:56Z"`},
		{"envelope_timestamp", `"2026-11-05T12:34:56.1234567890123Z"`, `"2026-11-05T12:34:56.123456Z"`},
		{"envelope_timestamp", `"9999-12-31T23:59:59-05:00"`, `"9999-12-31T23:59:59-05:00"`},
		{"envelope_timestamp", `"0001-01-01T00:00:00+05:00"`, `"0001-01-01T00:00:00+05:00"`},
		{"envelope_timestamp", `"2024-02-29"`, `"2024-02-29T00:00:00"`},
		{"envelope_timestamp", `"1762346096.12345649"`, `"2025-11-05T12:34:56.123456Z"`},
		{"envelope_timestamp", `"+1762346096123"`, `"2025-11-05T12:34:56.123000Z"`},
		{"envelope_timestamp", `"1762346096."`, `"2025-11-05T12:34:56Z"`},
		{"envelope_timestamp", `"20261105"`, `"1970-08-23T12:05:05Z"`},
		{"envelope_timestamp", `1762346096123.5`, `"2025-11-05T12:34:56.123500Z"`},
		{"envelope_timestamp", `1762346096.9999999`, `"2025-11-05T12:34:57Z"`},
		{"envelope_timestamp", `-0.5`, `"1969-12-31T23:59:59.500000Z"`},
		{"envelope_timestamp", `20000000001`, `"1970-08-20T11:33:20.001000Z"`},
		{"envelope_timestamp", `2e10`, `"2603-10-11T11:33:20Z"`},
		{"envelope_timestamp", `1e-400`, `"1970-01-01T00:00:00Z"`},
		{"envelope_timestamp", `253402300799999`, `"9999-12-31T23:59:59.999000Z"`},
		{"envelope_timestamp", `253402300800000`, ""},
		{"envelope_timestamp", `1e20`, ""},
		{"envelope_timestamp", `NaN`, ""},
		{"envelope_timestamp", `"1e9"`, ""},
		{"envelope_timestamp", `"+-5"`, ""},
		{"envelope_timestamp", `"-"`, ""},
		{"envelope_timestamp", `"."`, ""},
		{"envelope_timestamp", `"2026-11-05T12:34:56+05"`, ""},
		{"envelope_timestamp", `"2026-11-05T12:34:56+24:00"`, ""},
		{"envelope_timestamp", `"2026-11-05T12:34:56+05:60"`, ""},
		{"envelope_timestamp", `"2026-11-05T12:34:56 Z"`, ""},
		{"envelope_timestamp", `"2026-11-05T12:34:56.Z"`, ""},
		{"envelope_timestamp", `"2026-11-05T1:02:03Z"`, ""},
		{"envelope_timestamp", `"2026-11-05TZ12:34"`, ""},
		{"envelope_timestamp", `"2026-11-05T12:34.5Z"`, ""},
		{"envelope_timestamp", `" 2026-11-05T12:34:56Z"`, ""},
		{"envelope_timestamp", `"0000-01-01T00:00:00Z"`, ""},
		{"envelope_timestamp", `"2026-02-29T00:00:00Z"`, ""},
		{"envelope_timestamp", `"2026-11-5"`, ""},
		{"envelope_timestamp", `"2026-11-05Z"`, ""},
		{"envelope_timestamp", `"2026-11-05T12:34:56Z\n"`, ""},
		{"envelope_timestamp", `"-2026-01-01"`, ""},
		{"envelope_timestamp", `{}`, ""},
		{"priority", `" 5 "`, `5`},
		{"priority", `"1_0"`, `10`},
		{"priority", `"005.000"`, `5`},
		{"priority", `"\u20055"`, `5`},
		{"priority", `1e1`, `10`},
		{"priority", `"5_"`, ""},
		{"priority", `"1__0"`, ""},
		{"priority", `"5."`, ""},
		{"priority", `"+ 5"`, ""},
		{"priority", `"٥"`, ""},
		{"priority", `"5e0"`, ""},
		{"priority", `false`, ""},
		{"priority", `[5]`, ""},
		{"retry_count", `-0`, `0`},
		{"retry_count", `1e15`, `1000000000000000`},
		{"retry_count", `1e30`, ""},
		{"retry_count", `1e400`, ""},
		{"retry_count", `NaN`, ""},
		{"retry_count", `"-1"`, ""},
		{"envelope_id", `"{550e8400e29b41d4a716446655440000}"`, ""},
		{"envelope_id", `"URN:UUID:550e8400-e29b-41d4-a716-446655440000"`, ""},
		{"envelope_id", `"(550e8400-e29b-41d4-a716-446655440000)"`, ""},
		{"envelope_id", `"550e8400-e29b-41d4-a716-446655440000\n"`, ""},
		{"source_tool", `"\ud83d"`, `"\ufffd"`},
		{"source_tool", `true`, ""},
		{"envelope_version", `{"major":"2.0","minor":1.0,"patch":true,"prerelease":["1","00a",-0,true],"build":[]}`, `{"major":2,"minor":1,"patch":1,"prerelease":[1,"00a",0,1],"build":null}`},
		{"envelope_version", `{"major":1,"major":2,"minor":1,"patch":0,"prerelease":[],"build":["01","-"]}`, `{"major":2,"minor":1,"patch":0,"prerelease":null,"build":["01","-"]}`},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"prerelease":["1\n","rc\n"]}`, `{"major":2,"minor":1,"patch":0,"prerelease":[1,"rc\n"],"build":null}`},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"prerelease":["00"]}`, ""},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"prerelease":[1.0]}`, ""},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"prerelease":[-1]}`, ""},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"prerelease":[null]}`, ""},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"prerelease":"rc"}`, ""},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"prerelease":[""]}`, ""},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"build":[1]}`, ""},
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"build":["é"]}`, ""},
		{"envelope_version", `{"major":null,"minor":1,"patch":0}`, ""},
		{"envelope_version", `{"major":2.5,"minor":1,"patch":0}`, ""},
		{"payload_schema_version", `{}`, ""},
		{"metadata", `{"tags":{"a":"1","a":"2"},"trace_id":"","x":1}`, `{"trace_id":"","span_id":null,"parent_span_id":null,"request_id":null,"headers":{},"tags":{"a":"2"}}`},
		{"metadata", `{"trace_id":7}`, ""},
		{"metadata", `{"headers":null}`, ""},
		{"metadata", `{"headers":{"a":1}}`, ""},
		{
			"security_context", `{"user_id":"550E8400E29B41D4A716446655440000","mfa_verified":"YES","roles":["a"],"trust_level":"7","auth_timestamp":5,"token_expires_at":"2026-11-05","security_labels":{"a":"b"},"x":1}`,
			`{"user_id":"550e8400-e29b-41d4-a716-446655440000","username":null,"service_account":null,"auth_method":null,"auth_timestamp":"1970-01-01T00:00:05+00:00","mfa_verified":true,"session_id":null,"ip_address":null,"user_agent":null,"roles":["a"],"permissions":[],"groups":[],"access_token":null,"token_expires_at":"2026-11-05T00:00:00","request_id":null,"correlation_id":null,"security_labels":{"a":"b"},"trust_level":7}`,
		},
		{"security_context", `{"mfa_verified":2}`, ""},
		{"security_context", `{"mfa_verified":null}`, ""},
		{"security_context", `{"roles":null}`, ""},
		{"security_context", `{"roles":[1]}`, ""},
		{"security_context", `{"security_labels":[]}`, ""},
		{"security_context", `{"access_token":5}`, ""},
		{"security_context", `[]`, ""},
		{"tenant_id", `"\u3000\u001c\u0085"`, ""},
		{"payload", ` { "a" : [ -1E400 , 2e308 , 1.7976931348623159e308 , Infinity, "NaN \" 1e999" ] } `, `{"a":[null,null,null,null,"NaN \" 1e999"]}`},
		{"payload", `-Infinity`, `null`},
		{"payload", `-NaN`, ""},
		{"payload", strings.Repeat("1", 4300), strings.Repeat("1", 4300)},
		{"payload", strings.Repeat("1", 4301), ""},
		{"Payload", `1`, ""},
	} {
		value := `{"payload":{},"` + tt.key + `":` + tt.value + `}`
		e, err := DecodeV2([]byte(value))
		switch {
		case (err != nil) != (tt.want == ""):
			t.Errorf("%s: %+v, %v", value, e, err)
		case err != nil:
			if !strings.Contains(err.Error(), tt.key) && tt.key != "payload" {
				t.Errorf("%s: %v does not name the key", value, err)
			}
		default:
			written, err := e.AppendJSON(nil)
			if err != nil {
				t.Fatalf("%s: %v", value, err)
			}
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(written, &fields); err != nil {
				t.Fatal(err)
			}
			sameValue(t, fields[tt.key], []byte(tt.want))
		}
	}
}

// timestamp and source stand for what is missing, and nothing else.
func TestAliasesV2(t *testing.T) {
	e, err := DecodeV2([]byte(`{"payload":1,"timestamp":"2026-11-05T12:34:56Z","source":"s","source":"t"}`))
	if err != nil || *e.SourceTool != "t" || e.EventTimestamp.Unix() != 1793882096 {
		t.Errorf("%+v, %v", e, err)
	}
	for _, value := range []string{
		`{"payload":1,"timestamp":"2026-11-05T12:34:56Z","envelope_timestamp":"2026-11-05T12:34:56Z"}`, `{"payload":1,"source":null,"source_tool":null}`,
		`{"payload":1,"timestamp":"today"}`, `{"payload":1,"source":7}`,
	} {
		if e, err := DecodeV2([]byte(value)); err == nil {
			t.Errorf("%s is read as %+v", value, e)
		}
	}
}

// A time that was not read is written in UTC, whatever its zone.
func TestTimeZ(t *testing.T) {
	at := time.Date(2026, 11, 5, 12, 34, 56, 123456789, time.FixedZone("CET", 3600))
	got, err := appendTimeZ(nil, at)
	if want := `"2026-11-05T11:34:56.123456Z"`; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if got, err := appendTimeZ(nil, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Errorf("%s is no time of Python's", got)
	}
}
