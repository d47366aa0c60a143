package envelope

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A field is one key of a struct's JSON object.
type field struct {
	key    string
	tagged bool  // the key comes from a tag
	index  []int // the way to the field, through embedded structs

	keyJSON  []byte // "key":
	typeJSON []byte // the name of its type; nil if it depends on the value
}

// in returns the field's value in v. ok is false where the way to it leads
// through a nil pointer; encoding/json leaves such fields out.
func (f *field) in(v reflect.Value) (_ reflect.Value, ok bool) {
	for i, n := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v, true
}

// typeIn returns the name of the field's type in every value of struct type t.
// ok is false if it depends on the value.
func (f *field) typeIn(t reflect.Type) (name string, ok bool) {
	for _, n := range f.index {
		if isHolder(t) {
			return "", false
		}
		t = t.Field(n).Type
	}
	if isHolder(t) {
		return "", false
	}
	return nameOf(t), true
}

// shape is what the summaries of all values of a struct type have in common.
type shape struct {
	fields []field
	json   []byte // all of the summary; nil if it depends on the value
}

// shapes holds the *shape of each struct type that was summarized.
var shapes sync.Map // reflect.Type → *shape

func shapeOf(t reflect.Type) *shape {
	if known, ok := shapes.Load(t); ok {
		return known.(*shape)
	}
	known, _ := shapes.LoadOrStore(t, newShape(t))
	return known.(*shape)
}

func newShape(t reflect.Type) *shape {
	s := &shape{fields: visibleFields(t)}
	all := Summary{}
	for i := range s.fields {
		f := &s.fields[i]
		f.keyJSON = append(appendString(nil, f.key), ':')
		if name, ok := f.typeIn(t); ok {
			f.typeJSON = appendString(nil, name)
			all = append(all, SummaryField{f.key, name})
		}
	}
	if len(all) == len(s.fields) {
		s.json = all.appendJSON(nil)
	}
	return s
}

// appendJSON appends the summary of v.
func (s *shape) appendJSON(b []byte, v reflect.Value) []byte {
	if s.json != nil {
		return append(b, s.json...)
	}
	b = append(b, '{')
	for i := range s.fields {
		f := &s.fields[i]
		value, ok := f.in(v)
		if !ok {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(b, f.keyJSON...)
		if f.typeJSON != nil {
			b = append(b, f.typeJSON...)
		} else {
			b = appendString(b, typeName(value))
		}
	}
	return append(b, '}')
}

// visibleFields returns the fields of struct type t that encoding/json would
// write, under its names and in its order. It goes through the embedded
// structs level by level; of fields with one key the shallowest counts, of
// several at one depth the tagged one, and of several of those none.
func visibleFields(t reflect.Type) []field {
	var fields []field
	settled := map[string]bool{} // keys that a shallower level has
	seen := map[reflect.Type]bool{t: true}
	for level := []embedded{{t: t}}; len(level) > 0; {
		found, next := fieldsAt(level)
		for key, rivals := range found {
			if settled[key] {
				continue
			}
			settled[key] = true
			if f, ok := dominant(rivals); ok {
				fields = append(fields, f)
			}
		}
		level = slices.DeleteFunc(next, func(e embedded) bool { return seen[e.t] })
		for _, e := range level {
			seen[e.t] = true
		}
	}
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return fields
}

// embedded is a struct type and the way to it.
type embedded struct {
	t     reflect.Type
	index []int
}

// fieldsAt returns the fields that the structs of one level have, by key, and
// the structs that are embedded in them. A type that is embedded several times
// is gone through once, with every field there as many times.
func fieldsAt(level []embedded) (found map[string][]field, next []embedded) {
	count := map[reflect.Type]int{}
	for _, e := range level {
		count[e.t]++
	}
	found = map[string][]field{}
	for _, e := range level {
		times := count[e.t]
		if count[e.t] = 0; times == 0 {
			continue
		}
		for i := range e.t.NumField() {
			sf := e.t.Field(i)
			index := append(slices.Clone(e.index), i)
			key, tagged, embeds, ok := jsonKey(sf)
			switch {
			case !ok:
			case embeds:
				next = append(next, embedded{deref(sf.Type), index})
			default:
				found[key] = append(found[key], slices.Repeat([]field{{key: key, tagged: tagged, index: index}}, times)...)
			}
		}
	}
	return found, next
}

// dominant picks the one field that gets the key which all of rivals claim at
// the same depth, if there is one.
func dominant(rivals []field) (field, bool) {
	if len(rivals) == 1 {
		return rivals[0], true
	}
	tagged := slices.DeleteFunc(slices.Clone(rivals), func(f field) bool { return !f.tagged })
	if len(tagged) == 1 {
		return tagged[0], true
	}
	return field{}, false
}

// jsonKey tells how encoding/json treats a field: under which key it is
// written, or that its own fields take its place, or (ok false) not at all.
func jsonKey(sf reflect.StructField) (key string, tagged, embeds, ok bool) {
	t := deref(sf.Type)
	if sf.Anonymous {
		if !sf.IsExported() && t.Kind() != reflect.Struct {
			return "", false, false, false
		}
	} else if !sf.IsExported() {
		return "", false, false, false
	}
	tag := sf.Tag.Get("json")
	if tag == "-" {
		return "", false, false, false
	}
	name, _, _ := strings.Cut(tag, ",")
	if isJSONName(name) {
		return name, true, false, true
	}
	if sf.Anonymous && t.Kind() == reflect.Struct {
		return "", false, true, true
	}
	return sf.Name, false, false, true
}

// isJSONName tells which names encoding/json accepts in a tag.
func isJSONName(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

// deref returns what an embedded pointer points to. An unnamed pointer type is
// all that Go lets one embed.
func deref(t reflect.Type) reflect.Type {
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
