package envelope

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

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
		{"envelope_timestamp", `".5"`, `"1970-01-01T00:00:00.500000Z"`},
		{"envelope_timestamp", `"+.5e1"`, `"1970-01-01T00:00:05Z"`},
		{"envelope_timestamp", `"1762346096.5E+0"`, `"2025-11-05T12:34:56.500000Z"`},
		{"envelope_timestamp", `"1.5e-400"`, `"1970-01-01T00:00:00Z"`},
		{"envelope_timestamp", `"1.5e400"`, ""},
		{"envelope_timestamp", `"1.5e"`, ""},
		{"envelope_timestamp", `".e1"`, ""},
		{"envelope_timestamp", `"2026-02-26_ 3:13Z"`, ""},
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
		{"priority", `"-0__0_5"`, ""},
		{"priority", `"+0__0_5"`, `5`},
		{"priority", `"0_5_"`, ""},
		{"priority", `"0_"`, ""},
		{"priority", `"` + strings.Repeat("0", 4300) + `5.0"`, `5`},
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
		{"retry_count", `9223372036854775808`, `9223372036854775807`},
		{"retry_count", `"1_000_000_000_000_000_000_000"`, `9223372036854775807`},
		{"retry_count", `-9223372036854775809`, ""},
		{"retry_count", `"0_0"`, `0`},
		{"retry_count", `"` + strings.Repeat("1", 4300) + `"`, `9223372036854775807`},
		{"retry_count", `"` + strings.Repeat("1", 4301) + `"`, ""},
		{"retry_count", `9223372036854775808.0`, ""},
		{"timeout_seconds", `18446744073709551616`, `9223372036854775807`},
		{"onex_version", `{"major":1,"minor":100000000000000000000,"patch":0}`, `{"major":1,"minor":9223372036854775807,"patch":0,"prerelease":null,"build":null}`},
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
		{"envelope_version", `{"major":2,"minor":1,"patch":0,"prerelease":["` + strings.Repeat("1", 4301) + `"]}`, ""},
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
		{"metadata", `{"tags":{"a":1,"a":"2"},"headers":{"b":null,"b":"3"}}`, `{"trace_id":null,"span_id":null,"parent_span_id":null,"request_id":null,"headers":{"b":"3"},"tags":{"a":"2"}}`},
		{"metadata", `{"tags":{"a":"2","a":1}}`, ""},
		{"metadata", `{"trace_id":7}`, ""},
		{"metadata", `{"headers":null}`, ""},
		{"metadata", `{"headers":{"a":1}}`, ""},
		{
			"security_context", `{"user_id":"550E8400E29B41D4A716446655440000","mfa_verified":"YES","roles":["a"],"trust_level":"7","auth_timestamp":5,"token_expires_at":"2026-11-05","security_labels":{"a":"b"},"x":1}`,
			`{"user_id":"550e8400-e29b-41d4-a716-446655440000","username":null,"service_account":null,"auth_method":null,"auth_timestamp":"1970-01-01T00:00:05+00:00","mfa_verified":true,"session_id":null,"ip_address":null,"user_agent":null,"roles":["a"],"permissions":[],"groups":[],"access_token":null,"token_expires_at":"2026-11-05T00:00:00","request_id":null,"correlation_id":null,"security_labels":{"a":"b"},"trust_level":7}`,
		},
		{
			"security_context", `{"trust_level":-18446744073709551617,"security_labels":{"a":[],"a":"b"}}`,
			`{"user_id":null,"username":null,"service_account":null,"auth_method":null,"auth_timestamp":null,"mfa_verified":false,"session_id":null,"ip_address":null,"user_agent":null,"roles":[],"permissions":[],"groups":[],"access_token":null,"token_expires_at":null,"request_id":null,"correlation_id":null,"security_labels":{"a":"b"},"trust_level":-18446744073709551617}`,
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
		{"payload", `{"a":[-9223372036854775809,18446744073709551616,1.50,1E+2]}`, `{"a":[-9223372036854775809,18446744073709551616,1.50,1E+2]}`},
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
