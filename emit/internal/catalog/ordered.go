package catalog

import (
	"bytes"
	"encoding/json"
)

// ordered is a JSON object that keeps the order of its keys, so that a schema
// reads like the contract.
type ordered []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements [json.Marshaler], for an object in what is not ordered.
func (o ordered) MarshalJSON() ([]byte, error) { return encodeJSON(o) }

// encodeJSON returns the JSON of v, indented, with <, > and & as they are.
func encodeJSON(v any) ([]byte, error) {
	w := jsonWriter{}
	w.leaves = json.NewEncoder(&w.Buffer)
	w.leaves.SetEscapeHTML(false)
	if err := w.value(v, ""); err != nil {
		return nil, err
	}
	w.WriteByte('\n')
	return w.Bytes(), nil
}

// jsonWriter writes each part of a document once, however deep it is in it: what
// [json.Marshaler] returns is read and written again by each object around it.
type jsonWriter struct {
	bytes.Buffer
	leaves *json.Encoder // to the buffer
}

// value writes v, whose lines begin with indent.
func (w *jsonWriter) value(v any, indent string) error {
	const step = "  "
	switch v := v.(type) {
	case ordered:
		return w.list("{}", len(v), indent, func(i int) error {
			if err := w.value(v[i].key, ""); err != nil {
				return err
			}
			w.WriteString(": ")
			return w.value(v[i].value, indent+step)
		})
	case []ordered:
		if v == nil {
			break
		}
		return w.list("[]", len(v), indent, func(i int) error { return w.value(v[i], indent+step) })
	}
	w.leaves.SetIndent(indent, step)
	if _, ok := v.(string); ok {
		w.leaves.SetIndent("", "") // there is nothing to indent
	}
	err := w.leaves.Encode(v)
	w.Truncate(max(0, w.Len()-len("\n"))) // that it ends with
	return err
}

// list writes items between brackets.
func (w *jsonWriter) list(brackets string, items int, indent string, item func(int) error) error {
	w.WriteByte(brackets[0])
	for i := range items {
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteString("\n" + indent + "  ")
		if err := item(i); err != nil {
			return err
		}
	}
	if items > 0 {
		w.WriteString("\n" + indent)
	}
	w.WriteByte(brackets[1])
	return nil
}
