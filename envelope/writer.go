package envelope

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

// writer appends the members of a JSON object and keeps the first error, so that
// an encoder reads as the list of its keys.
//
// An envelope says some things twice. What was written last is copied if it
// comes again.
type writer struct {
	b     []byte
	start int
	err   error

	id   last[uuid.UUID]
	time last[time.Time]
	num  last[float64]

	// As events come, most are of the second in which the one before was.
	second     []byte // by appendSecond
	secondUnix int64
}

// last is a value that was written last, and where.
type last[T comparable] struct {
	value    T
	from, to int
}

// writers are used again, because what is given to a Payload's methods is not
// kept on the stack.
var writers = sync.Pool{New: func() any { return new(writer) }}

// begin returns a writer that goes on behind b. It has to be ended.
func begin(b []byte) *writer {
	w := writers.Get().(*writer)
	w.b, w.start = b, len(b)
	return w
}

// end returns what has been written, or after an error what begin got.
func (w *writer) end() ([]byte, error) {
	b, err := w.b, w.err
	if err != nil {
		b = b[:w.start]
	}
	w.b, w.err = nil, nil // which are not kept alive
	w.id.to, w.time.to, w.num.to = 0, 0, 0
	writers.Put(w)
	return b, err
}

// comma parts a member from the one before it.
func (w *writer) comma() {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) key(key string) {
	w.comma()
	b := append(w.b, '"')
	b = append(b, key...)
	w.b = append(b, '"', ':')
}

// raw appends JSON that was encoded before.
func (w *writer) raw(b []byte) { w.b = append(w.b, b...) }

func (w *writer) fail(key string, err error) {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("%s: %w", key, err)
	}
}

func (w *writer) text(key, s string) {
	w.key(key)
	w.b = appendString(w.b, s)
}

func (w *writer) rawOrNull(s string) {
	if s == "" {
		w.raw(null)
		return
	}
	w.b = appendString(w.b, s)
}

func (w *writer) uuid(key string, id uuid.UUID) {
	w.key(key)
	w.rawUUID(id)
}

func (w *writer) rawUUID(id uuid.UUID) {
	if w.id.to > 0 && w.id.value == id {
		w.b = append(w.b, w.b[w.id.from:w.id.to]...)
		return
	}
	from := len(w.b)
	w.b = appendUUID(w.b, id)
	w.id = last[uuid.UUID]{id, from, len(w.b)}
}

func (w *writer) bool(key string, v bool) {
	w.key(key)
	if v {
		w.b = append(w.b, "true"...)
	} else {
		w.b = append(w.b, "false"...)
	}
}

func (w *writer) timestamp(key string, t time.Time) {
	w.key(key)
	w.rawTime(key, t)
}

func (w *writer) rawTime(key string, t time.Time) {
	if w.time.to > 0 && w.time.value == t {
		w.b = append(w.b, w.b[w.time.from:w.time.to]...)
		return
	}
	from := len(w.b)
	if unix := t.Unix(); unix != w.secondUnix || len(w.second) == 0 {
		var err error
		w.second, err = appendSecond(w.second[:0], t)
		w.fail(key, err)
		w.secondUnix = unix
	}
	w.b = appendMicros(append(w.b, w.second...), t)
	w.time = last[time.Time]{t, from, len(w.b)}
}

// rawTimeZ appends t with a Z in place of the offset.
func (w *writer) rawTimeZ(key string, t time.Time) {
	w.rawTime(key, t)
	if w.err == nil {
		w.b = append(w.b[:len(w.b)-len(utcOffset)], `Z"`...)
	}
	w.time.to = 0 // which is no longer so if this was it
}

func (w *writer) float(key string, f float64) {
	w.key(key)
	if w.num.to > 0 && w.num.value == f && f != 0 { // 0 has two spellings
		w.b = append(w.b, w.b[w.num.from:w.num.to]...)
		return
	}
	var err error
	from := len(w.b)
	w.b, err = appendFloat(w.b, f)
	w.fail(key, err)
	w.num = last[float64]{f, from, len(w.b)}
}

func (w *writer) summary(key string, s Summary, encoded []byte) {
	w.key(key)
	if encoded != nil {
		w.b = append(w.b, encoded...)
		return
	}
	w.b = s.appendJSON(w.b)
}

// callersMetadata writes the caller's own metadata, unless it is empty.
func (w *writer) callersMetadata(raw json.RawMessage) {
	if len(raw) == 0 {
		return
	}
	undo := len(w.b)
	w.key("metadata")
	value := len(w.b)
	var err error
	w.b, err = appendObject(w.b, raw)
	w.fail("metadata", err)
	if string(w.b[value:]) == "{}" {
		w.b = w.b[:undo]
	}
}
