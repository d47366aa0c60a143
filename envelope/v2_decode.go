package envelope

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// DecodeV2 reads a ModelEventEnvelope from the value of a Kafka record. It takes
// what the newest Python reader takes, of whatever 2.x, and refuses what that one
// refuses, with an error that names the field: an unknown key, a wrong type, a
// number out of its bounds. It takes what Python's json takes beyond JSON too: NaN
// and the infinities, which are null in the result's Payload as they are when Python
// writes them again, and halves of surrogate pairs. Numbers in the payload stay as they
// are spelt; a field's integer that no int64 can be is the largest that one can.
//
// A timestamp and a source stand for envelope_timestamp and source_tool where those
// are missing, as they do for Python's consumer.
//
// As in Python an envelope may say nothing but its payload. Without an envelope_id
// it gets a random EventID, another one each time it is read; without an
// envelope_timestamp its EventTimestamp is zero.
//
// The result does not share memory with data. Its strings are parts of one copy
// of data; who keeps only one of them for long should clone it.
func DecodeV2(data []byte) (*V2, error) {
	r, err := readPython(data)
	if err != nil {
		return nil, err
	}
	defer r.free()
	return r.v2()
}

func readPython(data []byte) (*reader, error) {
	r, err := readText(data, scanner{text: string(data), python: true})
	if err != nil {
		return nil, fmt.Errorf("envelope: the value %w", err)
	}
	return r, nil
}

func (r *reader) v2() (*V2, error) {
	r.rename("timestamp", "envelope_timestamp")
	r.rename("source", "source_tool")
	for i := range r.members {
		if name := r.members[i].name; !keysOfV2[name] {
			r.fail(name, errors.New("is no key of a ModelEventEnvelope"))
		}
	}
	e := &V2{EnvelopeVersion: defaultEnvelopeVersion, OnexVersion: defaultOnexVersion}
	if m := r.find("payload"); m == nil {
		r.fail("payload", errMissing)
	} else {
		e.Payload = r.appendAsJSON(make([]byte, 0, m.end-m.start), m)
	}
	if m := r.find("envelope_id"); m == nil {
		e.EventID = uuid.New()
	} else {
		e.EventID = r.uuidPython("envelope_id", m)
	}
	if m := r.find("envelope_timestamp"); m != nil {
		e.EventTimestamp = r.timePython("envelope_timestamp", m)
	}
	e.CorrelationID = r.nullableUUIDPython("correlation_id")
	e.ParentEventID = r.nullableUUIDPython("parent_envelope_id")
	e.SourceTool = r.nullable("source_tool")
	e.TargetTool = r.nullable("target_tool")
	if m := r.objectAt("metadata"); m != nil {
		r.inside("metadata", m, func(inner *reader) { e.Metadata = inner.metadata() })
	}
	if m := r.notNull("security_context"); m != nil {
		e.SecurityContext = r.securityContext("security_context", m)
	}
	e.EventType = r.nullable("event_type")
	e.PayloadType = r.nullable("payload_type")
	if m := r.notNull("payload_schema_version"); m != nil {
		e.PayloadSchemaVersion = new(r.version("payload_schema_version", m))
	}
	e.Priority = int(r.within("priority", defaultPriority, 1, 10))
	if r.notNull("timeout_seconds") != nil {
		e.TimeoutSeconds = new(r.within("timeout_seconds", 0, 1, math.MaxInt64))
	}
	e.RetryCount = r.within("retry_count", 0, 0, math.MaxInt64)
	e.RequestID = r.nullableUUIDPython("request_id")
	e.TraceID = r.nullableUUIDPython("trace_id")
	e.SpanID = r.nullableUUIDPython("span_id")
	e.TenantID = r.notBlank("tenant_id")
	e.Producer = r.notBlank("producer")
	if m := r.find("onex_version"); m != nil {
		e.OnexVersion = r.version("onex_version", m)
	}
	if m := r.find("envelope_version"); m != nil {
		e.EnvelopeVersion = r.version("envelope_version", m)
	}
	if e.ParentEventID != nil && *e.ParentEventID == e.EventID {
		r.fail("parent_envelope_id", errors.New("is the envelope's own"))
	}
	if r.err != nil {
		return nil, fmt.Errorf("envelope: %w", r.err)
	}
	return e, nil
}

// rename gives the members called from the name to, unless there are any of it.
// Python's reader of records takes those two names for the others.
func (r *reader) rename(from, to string) {
	if r.find(from) == nil || r.find(to) != nil {
		return
	}
	r.alike = true
	for i := range r.members {
		if r.members[i].name == from {
			r.members[i].name = to
		}
	}
}

// keysOfV2 has the keys of all forms of 2.x.
var keysOfV2 = func() map[string]bool {
	keys := map[string]bool{}
	for _, key := range strings.Fields(`payload envelope_id envelope_timestamp correlation_id parent_envelope_id source_tool target_tool
		metadata security_context event_type payload_type payload_schema_version priority timeout_seconds retry_count request_id
		trace_id span_id tenant_id producer onex_version envelope_version`) {
		keys[key] = true
	}
	return keys
}()

// UnmarshalJSON reads data as [DecodeV2] does. On an error it leaves e as it is.
func (e *V2) UnmarshalJSON(data []byte) error {
	decoded, err := DecodeV2(data)
	if err != nil {
		return err
	}
	*e = *decoded
	return nil
}

func (r *reader) nullableUUIDPython(key string) *uuid.UUID {
	m := r.notNull(key)
	if m == nil {
		return nil
	}
	id := r.uuidPython(key, m)
	return &id
}

func (r *reader) notBlank(key string) *string {
	s := r.nullable(key)
	if s != nil && strings.TrimFunc(*s, isBlank) == "" {
		r.fail(key, errors.New("is blank"))
	}
	return s
}

// isBlank tells what Python takes for white space.
func isBlank(c rune) bool { return unicode.IsSpace(c) || c >= 0x1c && c <= 0x1f }

// within returns the integer at key, which has to be in least to most.
func (r *reader) within(key string, fallback, least, most int64) int64 {
	m := r.find(key)
	if m == nil {
		return fallback
	}
	n := r.integerPython(key, m)
	if n < least || n > most {
		r.fail(key, fmt.Errorf("is out of its bounds: %d", n))
	}
	return n
}

// inside reads the object that is the value of m, which is called key.
func (r *reader) inside(key string, m *member, read func(inner *reader)) {
	inner, _ := readText(nil, scanner{text: r.spelt(m), python: true}) // it has been found valid
	inner.path = r.path + key + "."
	read(inner)
	if r.err == nil {
		r.err = inner.err
	}
	inner.free()
}

func (r *reader) metadata() V2Metadata {
	return V2Metadata{
		TraceID:      r.nullable("trace_id"),
		SpanID:       r.nullable("span_id"),
		ParentSpanID: r.nullable("parent_span_id"),
		RequestID:    r.nullable("request_id"),
		Headers:      r.textsAt("headers"),
		Tags:         r.textsAt("tags"),
	}
}

// textsAt returns the object of strings at key, nil if it is absent or empty.
func (r *reader) textsAt(key string) (texts map[string]string) {
	m := r.objectAt(key)
	if m == nil {
		return nil
	}
	r.inside(key, m, func(inner *reader) {
		for i := range slices.Backward(inner.members) {
			if texts == nil {
				texts = make(map[string]string, len(inner.members))
			}
			// Of a key that comes twice only the last value counts.
			m := &inner.members[i]
			if _, ok := texts[m.name]; !ok {
				texts[m.name] = inner.textOf(m.name, m)
			}
		}
	})
	return texts
}

func (r *reader) version(key string, m *member) (v Version) {
	if r.kindIsNot(key, m, "an object") {
		return v
	}
	r.inside(key, m, func(inner *reader) {
		v.Major, v.Minor, v.Patch = inner.natural("major"), inner.natural("minor"), inner.natural("patch")
		v.Prerelease = inner.identifiers("prerelease", true)
		v.Build = inner.identifiers("build", false)
	})
	if err := v.check(key); r.err == nil {
		r.err = err
	}
	return v
}

// natural returns the number at key, which has to be there and not negative.
func (r *reader) natural(key string) int64 {
	if r.find(key) == nil {
		r.fail(key, errMissing)
	}
	return r.within(key, 0, 0, math.MaxInt64)
}

// identifiers returns the list at key, which may have numbers in it if it is said.
func (r *reader) identifiers(key string, numbers bool) (ids []string) {
	m := r.notNull(key)
	if m == nil || r.kindIsNot(key, m, "a list") {
		return nil
	}
	for _, text := range r.elements(m) {
		switch {
		case text[0] == '"':
			id := unescaped(text)
			if digits := strings.TrimSuffix(id, "\n"); numbers && isDigits(digits) {
				id = digits // as a number is written
				if len(digits) > maxDigits {
					r.fail(key, errors.New("has too long a number in it"))
				}
			}
			ids = append(ids, id)
		case numbers && text == "true":
			ids = append(ids, "1")
		case numbers && text == "false", numbers && text == "-0":
			ids = append(ids, "0")
		case numbers && isDigits(text):
			ids = append(ids, text)
		default:
			r.fail(key, fmt.Errorf("has %s in it, which is no identifier", text))
		}
	}
	return ids
}

// isIdentifier tells what may stand between two dots of a version. Python lets a
// line end behind it.
func isIdentifier(id string) bool {
	id = strings.TrimSuffix(id, "\n")
	for _, c := range []byte(id) {
		if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return id != ""
}

// securityFields are the fields of a security context, in the order of writing.
var securityFields = []struct {
	key       string
	otherwise string // what is written if it is absent
	read      func(r *reader, key string, m *member) any
}{
	{"user_id", "null", (*reader).uuidOrNull},
	{"username", "null", (*reader).textOrNull},
	{"service_account", "null", (*reader).textOrNull},
	{"auth_method", "null", (*reader).textOrNull},
	{"auth_timestamp", "null", (*reader).timeOrNull},
	{"mfa_verified", "false", (*reader).boolPython},
	{"session_id", "null", (*reader).uuidOrNull},
	{"ip_address", "null", (*reader).textOrNull},
	{"user_agent", "null", (*reader).textOrNull},
	{"roles", "[]", (*reader).textList},
	{"permissions", "[]", (*reader).textList},
	{"groups", "[]", (*reader).textList},
	{"access_token", "null", (*reader).textOrNull},
	{"token_expires_at", "null", (*reader).timeOrNull},
	{"request_id", "null", (*reader).uuidOrNull},
	{"correlation_id", "null", (*reader).uuidOrNull},
	{"security_labels", "{}", (*reader).textMap},
	{"trust_level", "null", (*reader).integerOrNull},
}

// securityContext returns the object with all its keys, as Python writes it again.
func (r *reader) securityContext(key string, m *member) json.RawMessage {
	if r.kindIsNot(key, m, "an object") {
		return nil
	}
	b := []byte("{")
	r.inside(key, m, func(inner *reader) {
		for i, field := range securityFields {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, field.key), ':')
			m := inner.find(field.key)
			if m == nil {
				b = append(b, field.otherwise...)
				continue
			}
			value, err := json.Marshal(field.read(inner, field.key, m))
			if err != nil {
				inner.fail(field.key, err)
			}
			b = append(b, value...)
		}
	})
	return append(b, '}')
}

func (r *reader) textOrNull(key string, m *member) any {
	if r.spelt(m) == "null" {
		return nil
	}
	return r.textOf(key, m)
}

func (r *reader) uuidOrNull(key string, m *member) any {
	if r.spelt(m) == "null" {
		return nil
	}
	return r.uuidPython(key, m)
}

func (r *reader) timeOrNull(key string, m *member) any {
	if r.spelt(m) == "null" {
		return nil
	}
	b, err := appendTimeOffset(nil, r.timePython(key, m), "+00:00")
	if err != nil {
		r.fail(key, err)
		return nil
	}
	return json.RawMessage(b)
}

func (r *reader) integerOrNull(key string, m *member) any {
	if r.spelt(m) == "null" {
		return nil
	}
	n, _ := new(big.Int).SetString(r.digitsPython(key, m), 10)
	return n
}

func (r *reader) textList(key string, m *member) any {
	texts := []string{}
	if r.kindIsNot(key, m, "a list") {
		return texts
	}
	for i, text := range r.elements(m) {
		if text[0] != '"' {
			r.fail(fmt.Sprintf("%s.%d", key, i), fmt.Errorf("is %s where a string belongs", kindOf(text)))
			continue
		}
		texts = append(texts, unescaped(text))
	}
	return texts
}

func (r *reader) textMap(key string, _ *member) any {
	if texts := r.textsAt(key); texts != nil {
		return texts
	}
	return struct{}{}
}
