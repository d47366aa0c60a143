package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"

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
			refusesV2(t, c.Value)
		})
	}
}

// refusesV2 checks that Decode says what the value is, and what reads it.
func refusesV2(t *testing.T, value []byte) {
	t.Helper()
	_, err := Decode(value)
	if !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "2.x") || !strings.Contains(err.Error(), "DecodeAny") {
		t.Errorf("Decode: %v", err)
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
			if json.Valid([]byte(c.Value)) && strings.Contains(c.Value, `"envelope_id"`) {
				refusesV2(t, []byte(c.Value))
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
			refusesV2(t, []byte(c.Value))
		})
	}
}
