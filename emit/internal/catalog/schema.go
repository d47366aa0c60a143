package catalog

// schemaOf returns the JSON Schema of an object with the given fields. It
// allows keys beyond them, as the readers of an envelope do.
func schemaOf(fields []field, property func(field) ordered) ordered {
	required := []string{}
	var properties ordered
	for _, f := range fields {
		if !f.optional {
			required = append(required, f.key)
		}
		properties = append(properties, member{f.key, property(f)})
	}
	return ordered{{"type", "object"}, {"required", required}, {"properties", properties}}
}

// envelopeName is where the document keeps the schema of all envelopes.
const envelopeName = "OnexEnvelopeV1"

// anyEnvelope returns the JSON Schema of an envelope whatever its event.
func anyEnvelope(fields []field) ordered {
	return schemaOf(fields, func(f field) ordered {
		f.fixed, f.fields = false, nil
		return f.schema()
	})
}

// envelopeOf returns the JSON Schema of the envelope of one event. It refers to
// that of any envelope for the keys that are alike in all.
func envelopeOf(fields []field) ordered {
	return schemaOf(fields, func(f field) ordered {
		if f.fixed || f.fields != nil {
			return f.schema()
		}
		return reference("#/components/schemas/" + envelopeName + "/properties/" + f.key)
	})
}

// schema returns the JSON Schema of the field's value.
func (f field) schema() ordered {
	s := ordered{{"description", f.says}}
	typ := func(name string) {
		if f.nullable {
			s = append(s, member{"type", []string{name, "null"}})
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
	case timeType:
		typ("string")
		s = append(s, member{"format", "date-time"}, member{"pattern", timePattern})
	case numberType:
		typ("number")
	case booleanType:
		typ("boolean")
	case summaryType:
		typ("object")
		s = append(s, member{"additionalProperties", ordered{{"type", "string"}}})
	case objectType:
		if f.fields != nil {
			return append(s, schemaOf(f.fields, field.schema)...)
		}
		typ("object")
	}
	if f.fixed {
		s = append(s, member{"const", f.value})
	}
	return s
}

// timePattern is how times are written: in UTC, with microseconds or with no
// fraction at all (contract, section 1).
const timePattern = `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?\+00:00$`

// exampleOf returns an object with the given fields.
func exampleOf(fields []field) ordered {
	var o ordered
	for _, f := range fields {
		if f.fields != nil {
			f.value = exampleOf(f.fields)
		}
		o = append(o, member{f.key, f.value})
	}
	return o
}
