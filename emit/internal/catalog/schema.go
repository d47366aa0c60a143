package catalog

import (
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
	envelopeName  = "OnexEnvelopeV1"
	envelope2Name = "ModelEventEnvelope"
	anySummaries  = "Summary"
	anyObject     = "AnyObject"
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
		inner := slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.isObject() })
		return schemaOf(inner, func(f field) any {
			f.fixed = false
			return f.schema()
		})
	})
	own := slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return !f.fixed && !f.isObject() })
	if len(own) == 0 {
		return common
	}
	return s.add(name, says, func() ordered {
		o := schemaOf(own, func(f field) any { return s.property(name, f) })
		return slices.Insert(o, 1, member{"allOf", []ordered{common}})
	})
}

// isObject tells the fields whose schema has a name.
func (f field) isObject() bool { return (f.typ == objectType || f.typ == summaryType) && !f.nullable }

// property returns the schema of one field of what is called name.
func (s *schemas) property(name string, f field) any {
	name = strings.TrimSuffix(name, "Event")
	if f.key == "payload" { // which is the same in all profiles
		name = strings.TrimSuffix(name, profile2)
	}
	switch {
	case f.typ == summaryType && f.fields == nil:
		return s.add(anySummaries, "The names of types by key.", func() ordered { return f.schema()[1:] })
	case f.typ == summaryType:
		return s.add(name+goName(f.key), f.says, func() ordered { return f.schema()[1:] })
	case f.isObject() && f.fields == nil:
		return s.add(anyObject, "Any keys.", func() ordered { return ordered{{"type", "object"}} })
	case f.isObject():
		return s.narrowed(name+goName(f.key), f.says, f.base, f.fields)
	default:
		return f.schema()
	}
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

// orNull is what a value is of that is of one type or null: of no other. A list of
// types, and an anyOf, stop some of those who generate code.
func orNull(typ string) ordered {
	var others []ordered
	for _, other := range []string{"object", "array", "number", "boolean", "string"} {
		if other != typ {
			others = append(others, ordered{{"type", other}})
		}
	}
	return ordered{{"anyOf", others}}
}

// schema returns the JSON Schema of the field's value, with all that is in it.
func (f field) schema() ordered {
	s := ordered{{"description", f.says}}
	typ := func(name string) {
		if f.nullable {
			s = append(s, member{"not", orNull(name)})
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
	case listType:
		typ("array")
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
// fraction at all (envelope/contract.md, section 1).
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
