package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// reader reads a JSON object. It splits the object into its members without
// looking at their values, because of a key that comes twice the reference
// reads the last value, whatever the first one was. Then it takes the fields one
// by one and keeps the first error, so that a decoder reads as a list of its
// fields.
type reader struct {
	text    string // what is read is a part of it
	members []member
	err     error
}

// readers are used again. They keep what they have read until they read anew,
// or until the garbage collector takes them.
var readers = sync.Pool{New: func() any { return &reader{members: make([]member, 0, 16)} }}

// readObject returns a reader of the JSON object in data, to be freed after use.
// What it reads does not share memory with data.
func readObject(data []byte) (*reader, error) {
	r, ok := newReader(string(data))
	if !ok || !utf8.Valid(data) {
		r.free()
		return nil, faultOf(data)
	}
	return r, nil
}

func newReader(text string) (r *reader, ok bool) {
	r = readers.Get().(*reader)
	r.text, r.members, r.err = text, r.members[:0], nil
	s := scanner{text: text}
	end := s.object(s.space(0), &r.members)
	return r, end != invalid && s.space(end) == len(text)
}

// inside returns a reader of the object that is the value of m, to be freed
// after use.
func (r *reader) inside(m *member) *reader {
	inner, _ := newReader(r.text[m.start:m.end])
	return inner
}

func (r *reader) free() {
	if cap(r.members) <= maxMembers {
		readers.Put(r)
	}
}

// maxMembers bounds what a reader keeps from one object for the next.
const maxMembers = 1 << 10

// faultOf says why data is not a JSON object.
func faultOf(data []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))
	if kind := dec.PeekKind(); kind != '{' && kind != jsontext.KindInvalid {
		return errors.New("is not a JSON object")
	}
	if _, err := dec.ReadValue(); err != nil {
		return syntaxError(err)
	}
	return errors.New("is followed by more than white space")
}

func syntaxError(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("is not valid JSON: %w", err)
}

// find returns the member called key, or nil if there is none.
func (r *reader) find(key string) *member {
	for i := len(r.members) - 1; i >= 0; i-- {
		if r.members[i].name == key {
			return &r.members[i]
		}
	}
	return nil
}

// spelt returns the value of m as it is spelt.
func (r *reader) spelt(m *member) string { return r.text[m.start:m.end] }

func (r *reader) fail(key string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%s %w", key, err)
	}
}

var errMissing = errors.New("is missing")

// string returns the string at key. It must be there unless fallback is given.
func (r *reader) string(key string, fallback ...string) string {
	m := r.find(key)
	if m == nil {
		if len(fallback) == 0 {
			r.fail(key, errMissing)
			return ""
		}
		return fallback[0]
	}
	s, err := r.stringOf(m)
	if err != nil {
		r.fail(key, err)
	}
	return s
}

// nullable returns the string at key, or nil if it is null or absent.
func (r *reader) nullable(key string) *string {
	if m := r.find(key); m == nil || r.spelt(m) == "null" {
		return nil
	}
	s := r.string(key)
	return &s
}

func (r *reader) uuid(key string) uuid.UUID {
	id, err := parseUUID(r.string(key))
	if err != nil {
		r.fail(key, fmt.Errorf("is wrong: %w", err))
	}
	return id
}

func (r *reader) nullableUUID(key string) *uuid.UUID {
	if m := r.find(key); m == nil || r.spelt(m) == "null" {
		return nil
	}
	id := r.uuid(key)
	return &id
}

func (r *reader) time(key string) time.Time {
	t, err := parseTime(r.string(key))
	if err != nil {
		r.fail(key, fmt.Errorf("is wrong: %w", err))
	}
	return t
}

func (r *reader) float(key string) float64 {
	m := r.find(key)
	if m == nil {
		r.fail(key, errMissing)
		return 0
	}
	text := r.spelt(m)
	if kind := kindOf(text); kind != "a number" {
		r.fail(key, fmt.Errorf("is %s where a number belongs", kind))
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		r.fail(key, fmt.Errorf("is out of range: %s", text))
	}
	return f
}

// literal checks that key has the value want, "true" or "false".
func (r *reader) literal(key, want string) {
	m := r.find(key)
	if m == nil {
		r.fail(key, errMissing)
	} else if text := r.spelt(m); text != want {
		r.fail(key, fmt.Errorf("is %s where %s belongs", kindOf(text), want))
	}
}

// object returns the JSON object at key without white space, or nil if there is
// none.
func (r *reader) object(key string) json.RawMessage {
	m := r.objectAt(key)
	if m == nil {
		return nil
	}
	text := r.spelt(m)
	if !m.spaced {
		return json.RawMessage(text)
	}
	// It is valid JSON, so that there can be no error.
	compact, _ := jsontext.AppendFormat(make([]byte, 0, len(text)), []byte(text), jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true))
	return compact
}

// objectAt returns the member that has the object at key.
func (r *reader) objectAt(key string) *member {
	m := r.find(key)
	if m == nil {
		return nil
	}
	if kind := kindOf(r.spelt(m)); kind != "an object" {
		r.fail(key, fmt.Errorf("is %s where an object belongs", kind))
		return nil
	}
	return m
}

// stringOf returns the string that is the value of m.
func (r *reader) stringOf(m *member) (string, error) {
	text := r.spelt(m)
	switch {
	case text[0] != '"':
		return "", fmt.Errorf("is %s where a string belongs", kindOf(text))
	case m.escaped:
		return unescaped(text), nil
	default:
		return text[1 : len(text)-1], nil
	}
}

// unescaped returns the string that is spelt text, which is valid JSON.
func unescaped(text string) string {
	b, _ := jsontext.AppendUnquote(nil, text)
	return string(b)
}

// kindOf says what the JSON value is that is spelt text.
func kindOf(text string) string {
	switch text[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 'n', 't', 'f':
		return text
	default:
		return "a number"
	}
}
