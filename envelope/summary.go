package envelope

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Summary tells what an input or a result consists of without telling what it
// says: for each top-level key, in order, the name of its value's type in the
// reference's vocabulary (envelope/contract.md, section 2).
type Summary []SummaryField

// SummaryField is one key of a [Summary].
type SummaryField struct {
	Key  string // as encoding/json would name it
	Type string // "str", "int", "list", "WorkflowRequest", …
}

// Summarize returns the summary of v. The keys of a struct are its exported
// fields in the order in which encoding/json writes them; those of a map are
// its string keys, sorted. A value of any other kind has no keys, and so has a
// nil pointer.
//
// The summary of a map is cut if it has more than [MaxSummaryKeys], or is larger
// than [MaxSummaryBytes]: what comes first of the keys stays, without those of more
// than 1 KiB, and the key [SummaryCut] says how many have been left out.
func Summarize(v any) Summary { return summarize(v, MaxSummaryBytes) }

func summarize(v any, limit int) Summary {
	value, ok := held(reflect.ValueOf(v))
	if !ok {
		return nil
	}
	switch value.Kind() {
	case reflect.Struct:
		return summarizeStruct(value)
	case reflect.Map:
		return summarizeMap(value, limit)
	default:
		return nil
	}
}

func summarizeStruct(v reflect.Value) Summary {
	fields := shapeOf(v.Type()).fields
	s := make(Summary, 0, len(fields))
	for _, f := range fields {
		if value, ok := f.in(v); ok {
			s = append(s, SummaryField{f.key, typeName(value)})
		}
	}
	return s
}

func summarizeMap(v reflect.Value, limit int) Summary {
	s := first{Summary: make(Summary, 0, min(v.Len(), 2*MaxSummaryKeys))}
	for it := v.MapRange(); it.Next(); {
		if key, ok := held(it.Key()); ok && key.Kind() == reflect.String {
			if !s.wants(key.String()) {
				s.more++
				continue
			}
			s = s.with(asWritten(key.String()), typeName(it.Value()))
		}
	}
	return s.within(limit)
}

// sorted sorts the keys of a map. Keys of several types, and keys that are not
// UTF-8, can be written alike; one of them stays.
func (s Summary) sorted() Summary {
	slices.SortFunc(s, func(a, b SummaryField) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return strings.Compare(a.Type, b.Type)
	})
	return slices.CompactFunc(s, func(a, b SummaryField) bool { return a.Key == b.Key })
}

// AppendSummary appends the JSON of v's summary to b, in less time than it takes
// to make the [Summary] first. For a map[string]any it takes no memory but b's.
func AppendSummary(b []byte, v any) []byte { return AppendSummaryWithin(b, v, MaxSummaryBytes) }

// AppendSummaryWithin is [AppendSummary] with another bound for the summary of a map
// than [MaxSummaryBytes].
func AppendSummaryWithin(b []byte, v any, limit int) []byte {
	if m, ok := v.(map[string]any); ok {
		var space [16]SummaryField // for the keys that most maps have
		s := first{Summary: space[:0]}
		for key, value := range m {
			if !s.wants(key) {
				s.more++
				continue
			}
			s = s.with(asWritten(key), typeNameOf(value))
		}
		return s.within(limit).appendJSON(b)
	}
	value, ok := held(reflect.ValueOf(v))
	if !ok || value.Kind() != reflect.Struct {
		return summarize(v, limit).appendJSON(b)
	}
	return shapeOf(value.Type()).appendJSON(b, value)
}

// SummaryJSON returns the JSON of the summary that every value of type t has,
// or nil if it depends on the value: on what a pointer or an interface in it
// holds, or on the keys of a map.
func SummaryJSON(t reflect.Type) []byte {
	switch {
	case isHolder(t), t.Kind() == reflect.Map:
		return nil
	case t.Kind() == reflect.Struct:
		return shapeOf(t).json
	default:
		return []byte("{}")
	}
}

func isHolder(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface
}

func (s Summary) appendJSON(b []byte) []byte {
	b = append(b, '{')
	for i, f := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, f.Key)
		b = append(b, ':')
		b = appendString(b, f.Type)
	}
	return append(b, '}')
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	byteType     = reflect.TypeFor[byte]()
	uuidType     = reflect.TypeFor[uuid.UUID]()
)

// typeNameOf is typeName for what a map holds, most of which is of few types.
func typeNameOf(v any) string {
	switch v.(type) {
	case nil:
		return "NoneType"
	case string:
		return "str"
	case int, int64:
		return "int"
	case float64:
		return "float"
	case bool:
		return "bool"
	case []any, []string:
		return "list"
	case map[string]any:
		return "dict"
	default:
		return typeName(reflect.ValueOf(v))
	}
}

// typeName names the type of what v holds in the reference's vocabulary.
func typeName(v reflect.Value) string {
	v, ok := held(v)
	if !ok {
		return "NoneType"
	}
	return nameOf(v.Type())
}

// nameOf names a type that is no pointer and no interface.
func nameOf(t reflect.Type) string {
	switch t {
	case timeType:
		return "datetime"
	case durationType:
		return "timedelta"
	case uuidType:
		return "UUID"
	}
	switch t.Kind() {
	case reflect.String:
		return "str"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return "int"
	case reflect.Float32, reflect.Float64:
		return "float"
	case reflect.Complex64, reflect.Complex128:
		return "complex"
	case reflect.Bool:
		return "bool"
	case reflect.Slice:
		if t.Elem() == byteType {
			return "bytes"
		}
		return "list"
	case reflect.Array:
		return "list"
	case reflect.Map:
		return "dict"
	case reflect.Struct:
		if t.Name() == "" {
			return "dict"
		}
	}
	return bareName(t)
}

// bareName returns the name of t without package and type arguments, and for
// an unnamed type (a function, a channel) the name of its kind.
func bareName(t reflect.Type) string {
	if t.Name() == "" {
		return t.Kind().String()
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// maxIndirections ends the walk through a pointer that leads to itself.
const maxIndirections = 100

// held follows pointers and interfaces to the value behind them. ok is false
// where there is none.
func held(v reflect.Value) (_ reflect.Value, ok bool) {
	for range maxIndirections {
		if !v.IsValid() {
			return v, false
		}
		if k := v.Kind(); k != reflect.Pointer && k != reflect.Interface {
			return v, true
		}
		v = v.Elem() // the zero Value for nil
	}
	return v, false
}
