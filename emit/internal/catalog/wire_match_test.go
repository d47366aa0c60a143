package catalog

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/uuid"
)

// pair is one key of a JSON object and its value.
type pair struct {
	key string
	raw json.RawMessage
}

// pairs takes a JSON object apart, in its order.
func pairs(t *testing.T, raw []byte) []pair {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		t.Fatalf("no object: %s", raw)
	}
	var list []pair
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
		list = append(list, pair{key.(string), value})
	}
	return list
}

// seen is what has been found where a field may be, by the field's path.
type seen struct{ null, absent, there map[string]bool }

func newSeen() seen { return seen{map[string]bool{}, map[string]bool{}, map[string]bool{}} }

// match compares a JSON object with what the fields say of it: the keys in
// their order, and what kind of value each has.
func match(t *testing.T, fields []field, raw []byte, path string, seen seen) {
	t.Helper()
	list := pairs(t, raw)
	for _, f := range fields {
		at := path + "." + f.key
		if len(list) == 0 || list[0].key != f.key {
			seen.absent[at] = true
			if !f.optional {
				t.Fatalf("%s is not where it should be: %v", at, list)
			}
			continue
		}
		value := list[0].raw
		list = list[1:]
		if string(value) == "null" {
			seen.null[at] = true
			if !f.nullable {
				t.Errorf("%s is null", at)
			}
			continue
		}
		seen.there[at] = true
		if f.fields != nil {
			match(t, f.fields, value, at, seen)
			continue
		}
		f.matchValue(t, value, at)
	}
	if len(list) > 0 {
		t.Errorf("%s has more keys: %v", path, list)
	}
}

func (f field) matchValue(t *testing.T, raw []byte, at string) {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	s, isText := v.(string)
	var ok bool
	switch f.typ {
	case textType:
		ok = isText
	case uuidType:
		id, err := uuid.Parse(s)
		ok = err == nil && id.String() == s
	case timeType:
		ok = regexp.MustCompile(timePattern).MatchString(s)
	case numberType:
		_, ok = v.(float64)
	case booleanType:
		_, ok = v.(bool)
	case objectType:
		_, ok = v.(map[string]any)
	case summaryType:
		ok = json.Unmarshal(raw, &map[string]string{}) == nil
	}
	if !ok {
		t.Errorf("%s is %s", at, raw)
	}
	if f.fixed && v != f.value {
		t.Errorf("%s is %s, and should always be %v", at, raw, f.value)
	}
}
