package catalog

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/envelope"
)

// What the fields say of the envelope of Profile2 is what package envelope writes.
func TestWire2IsWhatEnvelopeWrites(t *testing.T) {
	n := &annotate.Node{Package: "p", Name: "Node", Type: "reducer", Service: "svc"}
	for stage, written := range whatEnvelopeWrites(t) {
		e := onNode("reducer", "svc", "op")[stage]
		fields := message2(n, e.Event, e.fields)
		for _, raw := range written {
			v1, err := envelope.Decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			p, err := v1.DecodePayload()
			if err != nil {
				t.Fatal(err)
			}
			v2, err := envelope.WrapV2(v1.EventID, p, "reducer", "svc")
			if err != nil {
				t.Fatal(err)
			}
			raw, err := v2.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			sameKeys(t, stage, fields, raw)
		}
	}
}

// sameKeys compares the keys of an envelope, and of the objects in it but the
// payload, and the values that are fixed.
func sameKeys(t *testing.T, at string, fields []field, raw json.RawMessage) {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		t.Fatal(at, err)
	}
	for _, f := range fields {
		value, ok := object[f.key]
		delete(object, f.key)
		if !ok && !f.optional {
			t.Errorf("%s: envelopes have no %s", at, f.key)
		}
		if want, _ := json.Marshal(f.value); f.fixed && string(value) != string(want) {
			t.Errorf("%s.%s is %s, and the schema says %s", at, f.key, value, want)
		}
		if f.fields != nil && f.key != "payload" {
			sameKeys(t, at+"."+f.key, f.fields, value)
		}
	}
	if len(object) > 0 {
		t.Errorf("%s: the schema has no %v", at, slices.Sorted(maps.Keys(object)))
	}
}
