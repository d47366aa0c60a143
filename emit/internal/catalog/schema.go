package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// schemas are the named schemas of a document. Each object in it has one of its
// own, since what stands without a name is called Anonymous by those who generate
// code from it.
type schemas struct {
	list  ordered
	known map[string]bool
}

func newSchemas() *schemas { return &schemas{known: map[string]bool{}} }

// The schemas of objects that have any keys.
const (
	envelopeName = "OnexEnvelopeV1"
	anySummaries = "Summary"
	anyObject    = "AnyObject"
)

// add adds a schema under a name, unless there is one.
func (s *schemas) add(name, says string, schema func() ordered) ordered {
	if !s.known[name] {
		s.known[name] = true
		// An $id with # names the place, and leaves references as they are.
		head := ordered{{"$id", "#" + name}, {"title", name}, {"description", says}}
		s.list = append(s.list, member{name, append(head, schema()...)})
	}
	return reference("#/components/schemas/" + name)
}

// narrowed adds the schema of an object of one event. It refers to base for what
// events of all types have.
func (s *schemas) narrowed(name, says, base string, fields []field) ordered {
	common := s.add(base, "What every "+base+" has.", func() ordered {
		inner := slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.typ == objectType || f.typ == summaryType })
		return schemaOf(inner, func(f field) any {
			f.fixed, f.pattern = false, ""
			return f.schema()
		})
	})
	return s.add(name, says, func() ordered {
		own := slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return !f.fixed && f.typ != objectType && f.typ != summaryType })
		o := schemaOf(own, func(f field) any { return s.property(name, fields, f) })
		return slices.Insert(o, 1, member{"allOf", []ordered{common}})
	})
}

// property returns the schema of one field of what is called name.
func (s *schemas) property(name string, all []field, f field) any {
	name = strings.TrimSuffix(name, "Event")
	switch {
	case f.typ == summaryType && f.fields == nil:
		return s.add(anySummaries, "The names of types by key.", func() ordered { return f.schema()[1:] })
	case f.typ == summaryType:
		return s.add(name+goName(f.key), f.says, func() ordered { return f.schema()[1:] })
	case f.typ == objectType && f.fields == nil:
		return s.add(anyObject, "Any keys.", func() ordered { return ordered{{"type", "object"}} })
	case f.typ == objectType:
		return s.narrowed(name+goName(f.key), f.says, kindOf(all)+goName(f.key), f.fields)
	default:
		return f.schema()
	}
}

// kindOf returns the kind of an envelope's payload.
func kindOf(fields []field) string {
	for _, f := range fields {
		if f.key == "event_type" {
			stage := fmt.Sprint(f.value)
			return kindsOfPayload[stage[strings.LastIndexByte(stage, '.')+1:]]
		}
	}
	return ""
}

var kindsOfPayload = map[string]string{
	"started": "OperationStarted", "completed": "OperationCompleted", "failed": "OperationFailed",
	"changed": "StateChanged", "recorded": "MetricRecorded",
}

// goName turns a key into words that begin with capitals.
func goName(key string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(key, "_") {
		b.WriteString(strings.ToUpper(word[:min(1, len(word))]) + word[min(1, len(word)):])
	}
	return b.String()
}

// schemaOf returns the JSON Schema of an object with the given fields. It
// allows keys beyond them, as the readers of an envelope do.
func schemaOf(fields []field, property func(field) any) ordered {
	required := []string{}
	list := ordered{}
	for _, f := range fields {
		if !f.optional {
			required = append(required, f.key)
		}
		list = append(list, member{f.key, property(f)})
	}
	return ordered{{"type", "object"}, {"required", required}, {"properties", list}}
}

// notText are the types that a text or null is not of. A list of types, and an
// anyOf, stop some of those who generate code.
var notText = ordered{{"anyOf", []ordered{{{"type", "object"}}, {{"type", "array"}}, {{"type", "number"}}, {{"type", "boolean"}}}}}

// schema returns the JSON Schema of the field's value, with all that is in it.
func (f field) schema() ordered {
	s := ordered{{"description", f.says}}
	typ := func(name string) {
		if f.nullable {
			s = append(s, member{"not", notText})
		} else {
			s = append(s, member{"type", name})
		}
	}
	switch f.typ {
	case textType:
		typ("string")
	case uuidType:
		typ("string")
		s = append(s, member{"format", "uuid"})
		if f.nullable {
			s = append(s, member{"pattern", uuidPattern}) // not all check formats
		}
	case timeType:
		typ("string")
		s = append(s, member{"format", "date-time"}, member{"pattern", timePattern})
	case numberType:
		typ("number")
	case booleanType:
		typ("boolean")
	case summaryType:
		if f.fields != nil {
			return append(s, schemaOf(f.fields, inlined)...)
		}
		typ("object")
		s = append(s, member{"patternProperties", ordered{{"", ordered{{"type", "string"}}}}})
	case objectType:
		if f.fields != nil {
			return append(s, schemaOf(f.fields, inlined)...)
		}
		typ("object")
	}
	if f.pattern != "" {
		s = append(s, member{"pattern", f.pattern})
	}
	if f.fixed {
		s = append(s, member{"const", f.value})
	}
	return s
}

func inlined(f field) any { return f.schema() }

// timePattern is how times are written: in UTC, with microseconds or with no
// fraction at all (contract, section 1).
const timePattern = `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?\+00:00$`

const uuidPattern = `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`

// exampleOf returns an object with the given fields.
func exampleOf(fields []field) ordered {
	o := ordered{}
	for _, f := range fields {
		if f.fields != nil {
			f.value = exampleOf(f.fields)
		}
		o = append(o, member{f.key, f.value})
	}
	return o
}
