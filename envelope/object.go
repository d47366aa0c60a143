package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
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
	inner   []member // of the objects in it
	alike   bool     // some members may have one name
	next    int      // the place behind the member that was found last
	path    string   // what comes before the names of its members in errors
	texts   []string // where there is place for strings that are pointed to
	err     error
}

// readers are used again. They keep what they have read until they read anew,
// or until the garbage collector takes them.
var readers = sync.Pool{New: func() any { return &reader{members: make([]member, 0, 16), inner: make([]member, 0, 16)} }}

// readObject returns a reader of the JSON object in data, to be freed after use.
// What it reads does not share memory with data. If deep, it has the members of
// the objects in the object too.
func readObject(data []byte, deep bool) (*reader, error) {
	return readText(data, scanner{text: string(data), deep: deep})
}

// readText returns a reader of the object in the text of s, which is data's.
func readText(data []byte, s scanner) (*reader, error) {
	r := readers.Get().(*reader)
	s.members, s.inner = r.members[:0], r.inner[:0]
	end := s.object(s.space(0))
	*r = reader{text: s.text, members: s.members, inner: s.inner}
	if end == invalid || s.space(end) != len(r.text) || !s.isASCII() && !utf8.Valid(data) {
		r.free()
		return nil, faultOf(data)
	}
	marks := uint64(0)
	for i := range r.members {
		marks |= markOf(r.members[i].name)
	}
	r.alike = bits.OnesCount64(marks) < len(r.members)
	return r, nil
}

func (r *reader) free() {
	r.texts = nil // which are not kept alive
	if cap(r.members)+cap(r.inner) <= maxMembers {
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

// find returns the last member called key, or nil if there is none. Members come
// in the order in which they are asked for, as a rule.
func (r *reader) find(key string) *member {
	i := r.next
	if r.alike || i >= len(r.members) || r.members[i].name != key {
		for i = len(r.members) - 1; i >= 0 && r.members[i].name != key; i-- {
		}
	}
	if i < 0 {
		return nil
	}
	r.next = i + 1
	return &r.members[i]
}

// markOf returns one bit, by which names are told apart without comparing each
// with each: those with different marks are different. The keys of each of the
// contract's objects have different marks.
func markOf(name string) uint64 {
	n := len(name)
	if n == 0 {
		return 1
	}
	return 1 << ((uint(name[0]) + uint(name[n-1]) + 3*uint(name[n/2])) % 64)
}

// spelt returns the value of m as it is spelt.
func (r *reader) spelt(m *member) string { return r.text[m.start:m.end] }

func (r *reader) fail(key string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%s%s %w", r.path, key, err)
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
	return r.textOf(key, m)
}

// notNull returns the member called key, or nil if it is null or absent.
func (r *reader) notNull(key string) *member {
	m := r.find(key)
	if m == nil || r.spelt(m) == "null" {
		return nil
	}
	return m
}

// nullable returns the string at key, or nil if it is null or absent.
func (r *reader) nullable(key string) *string {
	m := r.notNull(key)
	if m == nil {
		return nil
	}
	s := r.textOf(key, m)
	if len(r.texts) == cap(r.texts) {
		return new(s)
	}
	r.texts = append(r.texts, s)
	return &r.texts[len(r.texts)-1]
}

func (r *reader) uuid(key string) uuid.UUID { return r.uuidOf(key, r.string(key)) }

// nullableUUID returns place with the UUID at key in it, or nil if it is null or
// absent.
func (r *reader) nullableUUID(key string, place *uuid.UUID) *uuid.UUID {
	m := r.notNull(key)
	if m == nil {
		return nil
	}
	*place = r.uuidOf(key, r.textOf(key, m))
	return place
}

func (r *reader) uuidOf(key, s string) uuid.UUID {
	id, err := parseUUID(s)
	if err != nil {
		r.fail(key, fmt.Errorf("is wrong: %w", err))
	}
	return id
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
	return r.appendCompact(make([]byte, 0, m.end-m.start), m)
}

// objects returns the JSON objects at two keys, in one piece of memory.
func (r *reader) objects(first, second string) (json.RawMessage, json.RawMessage) {
	m, n := r.objectAt(first), r.objectAt(second)
	if m == nil || n == nil {
		return r.object(first), r.object(second)
	}
	b := r.appendCompact(make([]byte, 0, m.end-m.start+n.end-n.start), m)
	return b[:len(b):len(b)], r.appendCompact(b, n)[len(b):]
}

// appendCompact appends the value of m without white space.
func (r *reader) appendCompact(b []byte, m *member) []byte {
	if !m.spaced {
		return append(b, r.spelt(m)...)
	}
	// It is valid JSON, so that there can be no error.
	b, _ = jsontext.AppendFormat(b, []byte(r.spelt(m)), jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true))
	return b
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

// textOf returns the string that is the value of m, which is called key.
func (r *reader) textOf(key string, m *member) string {
	s, err := r.stringOf(m)
	if err != nil {
		r.fail(key, err)
	}
	return s
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
