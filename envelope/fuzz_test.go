package envelope

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/testdata/vectors"
)

func addVectors(f *testing.F) {
	var envelopes envelopeVectors
	vectors.Read(f, "envelopes.json", &envelopes)
	for _, v := range envelopes.Envelopes {
		f.Add([]byte(v.Bytes))
	}
	var events []eventVector
	vectors.Read(f, "events.json", &events)
	for _, v := range events {
		f.Add([]byte(v.Envelope))
	}
}

// What decodes encodes to something that decodes to the same, and so does its
// payload if it is one of the five.
func FuzzDecode(f *testing.F) {
	addVectors(f)
	f.Add([]byte(`{"event_id":"{550e8400-e29b-41d4-a716-446655440000}","event_type":"effect.metric.recorded",` +
		`"event_timestamp":"2025-11-05 12:34:56.5-0800","source_node_id":"","payload":{"node_id":"","node_type":"","recorded_at":"0001-01-01t00:00z","metric_name":"","metric_value":-0,"metric_unit":"","metadata":{}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := Decode(data)
		if err != nil {
			return
		}
		encoded, err := e.AppendJSON(nil)
		if err != nil {
			t.Fatalf("decoded, but cannot be encoded: %v", err)
		}
		again, err := Decode(encoded)
		if err != nil {
			t.Fatalf("encoded as %s, which does not decode: %v", encoded, err)
		}
		if !reflect.DeepEqual(e, again) {
			t.Fatalf("decoded as\n%+v\nencoded and decoded again as\n%+v", e, again)
		}
		if e.RecordKey() != again.RecordKey() {
			t.Fatalf("key %q, then %q", e.RecordKey(), again.RecordKey())
		}
		p, err := e.DecodePayload()
		if err != nil {
			return
		}
		e.Payload = json.RawMessage(encodePayload(t, p))
		q, err := e.DecodePayload()
		if err != nil {
			t.Fatalf("payload encoded as %s, which does not decode: %v", e.Payload, err)
		}
		if got := encodePayload(t, q); got != string(e.Payload) {
			t.Fatalf("payload %s, decoded and encoded again %s", e.Payload, got)
		}
	})
}

// The scanner and jsontext agree on what is a JSON object, and on its members.
func FuzzScan(f *testing.F) {
	addVectors(f)
	for _, text := range []string{
		`{"a":-0.5e+3,"b":01}`, `{"a":[1,{},[]],"b":tru}`, `{"\ud83d\ude00\u0000":"\ud83d"}`, " { } ", `{"a":1,}`, `{"a"1}`, `{"a":"\x"}`,
		"{\"\xff\":1}", "{\"a\":\"\x01\"}", `{"a":.5}`, `{"a":5.}`, `{"a":1e}`, `{"a":-}`, `{1:2}`, `{"a":1}}`, `{"a":[1 2]}`, `{"a":"\uDC00"}`, `{"a":"\u12G4"}`,
		strings.Repeat(`{"a":`, maxDepth-1) + "{}" + strings.Repeat("}", maxDepth-1), strings.Repeat(`{"a":`, maxDepth) + "{}" + strings.Repeat("}", maxDepth),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := readObject(data, false)
		members, valid := membersByJSONText(data)
		if (err == nil) != valid {
			t.Fatalf("jsontext says valid: %v, and the scanner: %v", valid, err)
		}
		if err != nil {
			return
		}
		defer r.free()
		var got []string
		for _, m := range r.members {
			got = append(got, m.name, r.spelt(&m))
		}
		if !slices.Equal(got, members) {
			t.Fatalf("members %q, want %q", got, members)
		}
	})
}

// membersByJSONText returns names and values of the members of an object, the
// values as they are spelt.
func membersByJSONText(data []byte) (members []string, valid bool) {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '{' {
		return nil, false
	}
	_, err := dec.ReadToken()
	for err == nil && dec.PeekKind() != '}' {
		var name jsontext.Token
		var value jsontext.Value
		if name, err = dec.ReadToken(); err != nil {
			return nil, false
		}
		text := name.String()
		value, err = dec.ReadValue()
		members = append(members, text, string(value))
	}
	if err == nil {
		_, err = dec.ReadToken()
	}
	if err != nil {
		return nil, false
	}
	_, err = dec.ReadToken()
	return members, err == io.EOF
}

// Whatever a failed operation says of itself comes out as one valid envelope
// that reads back as it was.
func FuzzEncode(f *testing.F) {
	f.Add("stamp", "n1", "TimeoutError", "no answer in 30 s", 30000.25, int64(1762346096), "")
	f.Add("", "\xff", "\u2028", `"\`, math.MaxFloat64, int64(-62135596800), `{"k":[]}`)
	f.Fuzz(func(t *testing.T, operation, node, errorType, message string, ms float64, at int64, metadata string) {
		p := OperationFailed{
			Operation: operation, CorrelationID: testID, NodeID: node, FailedAt: time.Unix(at, 0),
			ExecutionTimeMS: ms, ErrorType: errorType, ErrorMessage: message, Metadata: json.RawMessage(metadata),
		}
		e, err := Wrap(uuid.Max, p, "effect", "stamping")
		if err != nil {
			return
		}
		b, err := e.AppendJSON(nil)
		if err != nil {
			t.Fatalf("wrapped, but cannot be encoded: %v", err)
		}
		if !json.Valid(b) {
			t.Fatalf("not JSON: %s", b)
		}
		checkTemplate(t, e, p, "effect", "stamping")
		e.EventType = "effect.op.failed" // the operation is free text here
		decoded, err := e.DecodePayload()
		if err != nil {
			t.Fatalf("%v in %s", err, b)
		}
		got := decoded.(OperationFailed)
		if got.Operation != asWritten(operation) || got.ErrorMessage != asWritten(message) || got.ExecutionTimeMS != ms || !got.FailedAt.Equal(p.FailedAt) {
			t.Fatalf("wrote %+v, read %+v", p, got)
		}
	})
}
