package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// object is a JSON object that has been split into its members and not yet
// been looked at: of a key that comes twice the reference reads the last
// value, whatever the first one was.
type object []member

type member struct {
	name  string
	value jsontext.Value // compact, not shared with the input
}

func readObject(data []byte) (object, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	if kind := dec.PeekKind(); kind != '{' && kind != jsontext.KindInvalid {
		return nil, errors.New("is not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, syntaxError(err)
	}
	var obj object
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, syntaxError(err)
		}
		m := member{name: name.String()}
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, syntaxError(err)
		}
		m.value = raw.Clone()
		if err := m.value.Compact(jsontext.AllowDuplicateNames(true)); err != nil {
			return nil, syntaxError(err)
		}
		obj = append(obj, m)
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, syntaxError(err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, errors.New("is followed by more than white space")
	}
	return obj, nil
}

func syntaxError(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("is not valid JSON: %w", err)
}

// reader takes the fields of an object one by one and keeps the first error,
// so that a decoder reads as a list of its fields.
type reader struct {
	obj object
	err error
}

// value returns the value of key, or nil if there is none.
func (r *reader) value(key string) jsontext.Value {
	for i := len(r.obj) - 1; i >= 0; i-- {
		if r.obj[i].name == key {
			return r.obj[i].value
		}
	}
	return nil
}

func (r *reader) fail(key string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%s %w", key, err)
	}
}

var errMissing = errors.New("is missing")

// text returns the string at key. It must be there unless fallback is given.
func (r *reader) text(key string, fallback ...string) string {
	raw := r.value(key)
	if raw == nil {
		if len(fallback) == 0 {
			r.fail(key, errMissing)
			return ""
		}
		return fallback[0]
	}
	s, err := stringOf(raw)
	if err != nil {
		r.fail(key, err)
	}
	return s
}

// nullable returns the string at key, or nil if it is null or absent.
func (r *reader) nullable(key string) *string {
	if raw := r.value(key); raw == nil || raw.Kind() == 'n' {
		return nil
	}
	s := r.text(key)
	return &s
}

func (r *reader) uuid(key string) uuid.UUID {
	id, err := parseUUID(r.text(key))
	if err != nil {
		r.fail(key, fmt.Errorf("is wrong: %w", err))
	}
	return id
}

func (r *reader) nullableUUID(key string) *uuid.UUID {
	if raw := r.value(key); raw == nil || raw.Kind() == 'n' {
		return nil
	}
	id := r.uuid(key)
	return &id
}

func (r *reader) time(key string) time.Time {
	t, err := parseTime(r.text(key))
	if err != nil {
		r.fail(key, fmt.Errorf("is wrong: %w", err))
	}
	return t
}

func (r *reader) float(key string) float64 {
	raw := r.value(key)
	if raw == nil {
		r.fail(key, errMissing)
		return 0
	}
	if raw.Kind() != '0' {
		r.fail(key, fmt.Errorf("is %s where a number belongs", kindName(raw)))
		return 0
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		r.fail(key, fmt.Errorf("is out of range: %s", raw))
	}
	return f
}

// literal checks that key has the value want, "true" or "false".
func (r *reader) literal(key, want string) {
	raw := r.value(key)
	if raw == nil {
		r.fail(key, errMissing)
	} else if string(raw) != want {
		r.fail(key, fmt.Errorf("is %s where %s belongs", kindName(raw), want))
	}
}

// object returns the JSON object at key, or nil if there is none.
func (r *reader) object(key string) json.RawMessage {
	raw := r.value(key)
	if raw == nil {
		return nil
	}
	if raw.Kind() != '{' {
		r.fail(key, fmt.Errorf("is %s where an object belongs", kindName(raw)))
		return nil
	}
	return json.RawMessage(raw)
}

func stringOf(raw jsontext.Value) (string, error) {
	if raw.Kind() != '"' {
		return "", fmt.Errorf("is %s where a string belongs", kindName(raw))
	}
	b, err := jsontext.AppendUnquote(nil, raw)
	return string(b), err
}

func kindName(raw jsontext.Value) string {
	switch raw.Kind() {
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	default:
		return string(raw) // null, true, false
	}
}
