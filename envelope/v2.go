package envelope

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// V2 is a ModelEventEnvelope in its 2.x form: what today's OmniNode bus carries.
// What V1 has too has V1's name; the JSON key of any other field is its name in
// snake case. A nil pointer is JSON's null.
//
// V2 is a plain value. Payload and SecurityContext share their bytes with whoever
// set them; nothing in this package writes to those bytes.
type V2 struct {
	Payload              json.RawMessage // any JSON; an object in what is dispatched
	EventID              uuid.UUID       // envelope_id: by which consumers recognise a duplicate
	EventTimestamp       time.Time       // envelope_timestamp: written in UTC, in whole microseconds; see [NoOffset]
	CorrelationID        *uuid.UUID      // shared by the events of one request
	ParentEventID        *uuid.UUID      // parent_envelope_id: read, but not written
	SourceTool           *string         // "{service}.{node id}"
	TargetTool           *string
	Metadata             V2Metadata
	SecurityContext      json.RawMessage // a JSON object with all its keys; nil is null
	EventType            *string         // "{producer}.{event-name}"
	PayloadType          *string         // "OperationStarted", …
	PayloadSchemaVersion *Version
	Priority             int // 1 to 10
	TimeoutSeconds       *int64
	RetryCount           int64
	RequestID            *uuid.UUID
	TraceID              *uuid.UUID
	SpanID               *uuid.UUID
	TenantID             *string // read, but not written
	Producer             *string // read, but not written
	OnexVersion          Version
	EnvelopeVersion      Version
}

// V2Metadata is the metadata of a [V2].
type V2Metadata struct {
	TraceID, SpanID, ParentSpanID, RequestID *string
	Headers, Tags                            map[string]string
}

// Version is a semantic version. Identifiers that are numbers are written as
// such.
type Version struct {
	Major, Minor, Patch int64
	Prerelease          []string
	Build               []string
}

// What a V2 that this package writes has where nobody says otherwise. The 2.1
// form of the envelope is the one that every reader of 2.x reads.
var (
	defaultOnexVersion     = Version{Major: 1}
	defaultPayloadVersion  = Version{Major: 1}
	defaultEnvelopeVersion = Version{Major: 2, Minor: 1}
)

const defaultPriority = 5

// NoOffset is the location of a time that was read and said no offset from UTC.
// It is written without one again.
var NoOffset = time.FixedZone("no offset", 0)

// WrapV2 returns the envelope of p, published under id by a node of the given
// type and service, as [Wrap] does. A metric without a correlation id leaves that
// of the envelope nil; who publishes it sets a new one. The errors are those of
// p.AppendJSON.
func WrapV2(id uuid.UUID, p Payload, nodeType, service string) (*V2, error) {
	e1, err := Wrap(id, p, nodeType, service)
	if err != nil {
		return nil, err
	}
	e := &V2{
		Payload:              e1.Payload,
		EventID:              id,
		EventTimestamp:       e1.EventTimestamp.UTC(),
		CorrelationID:        e1.CorrelationID,
		SourceTool:           new(service + "." + e1.SourceNodeID),
		EventType:            new(EventTypeV2(service, e1.EventType)),
		PayloadType:          new(p.kind().payloadType),
		PayloadSchemaVersion: new(defaultPayloadVersion),
		Priority:             defaultPriority,
		OnexVersion:          defaultOnexVersion,
		EnvelopeVersion:      defaultEnvelopeVersion,
	}
	e.Metadata.Tags = map[string]string{keyEnvironment: e1.Environment}
	eachTag(p, nodeType, service, e1.SourceNodeID, func(key, value string) { e.Metadata.Tags[key] = value })
	return e, nil
}

// EventTypeV2 returns the event_type that an event of [V1]'s type has in a [V2]:
// "bridge-reducer.effect-stamp-started" for the service bridge_reducer and
// effect.stamp.started.
func EventTypeV2(service, eventType string) string {
	return strings.ReplaceAll(service, "_", "-") + "." + hyphens.Replace(eventType)
}

var hyphens = strings.NewReplacer(".", "-", "_", "-")

// eachTag calls yield for the tags that are the same for all events of p's type
// and operation.
func eachTag(p Payload, nodeType, service, nodeID string, yield func(key, value string)) {
	yield(keyService, service)
	yield(keyNodeID, nodeID)
	yield(keyNodeType, nodeType)
	p.kind().each(yield)
}

// Validate returns one error that names, by its JSON key, every field that makes
// e unfit to be published, or nil. It asks for more than [DecodeV2], which has to
// accept what others have published. It does not read Payload and
// SecurityContext; encoding does.
func (e *V2) Validate() error {
	var faults []error
	wrong := func(key string, is bool, how string) {
		if is {
			faults = append(faults, fmt.Errorf("%s %s", key, how))
		}
	}
	wrong("payload", len(e.Payload) == 0, "is missing")
	wrong("envelope_id", e.EventID == uuid.Nil, "is missing")
	wrong("envelope_timestamp", e.EventTimestamp.IsZero(), "is missing")
	wrong("correlation_id", e.CorrelationID == nil || *e.CorrelationID == uuid.Nil, "is missing")
	wrong("source_tool", e.SourceTool == nil || *e.SourceTool == "", "is missing")
	wrong("event_type", e.EventType == nil || *e.EventType == "", "is missing")
	wrong("payload_type", e.PayloadType == nil || *e.PayloadType == "", "is missing")
	wrong("priority", e.Priority < 1 || e.Priority > 10, "is not in 1 to 10")
	wrong("timeout_seconds", e.TimeoutSeconds != nil && *e.TimeoutSeconds < 1, "is not positive")
	wrong("retry_count", e.RetryCount < 0, "is negative")
	wrong("parent_envelope_id", e.ParentEventID != nil && *e.ParentEventID == e.EventID, "is the envelope's own")
	faults = append(faults, e.OnexVersion.check("onex_version"), e.EnvelopeVersion.check("envelope_version"))
	if e.PayloadSchemaVersion != nil {
		faults = append(faults, e.PayloadSchemaVersion.check("payload_schema_version"))
	}
	if e.EnvelopeVersion.Major != 2 {
		faults = append(faults, fmt.Errorf("envelope_version: %w %d; this writer knows 2.x", ErrVersion, e.EnvelopeVersion.Major))
	}
	return errors.Join(faults...)
}

func (v Version) check(key string) error {
	if min(v.Major, v.Minor, v.Patch) < 0 {
		return fmt.Errorf("%s has a negative number", key)
	}
	for _, id := range v.Prerelease {
		if !isIdentifier(id) || isDigits(id) && len(id) > 1 && id[0] == '0' {
			return fmt.Errorf("%s.prerelease: %q is no identifier", key, id)
		}
	}
	for _, id := range v.Build {
		if !isIdentifier(id) {
			return fmt.Errorf("%s.build: %q is no identifier", key, id)
		}
	}
	return nil
}

// AppendJSON appends the envelope's JSON to b in the 2.1 form, which every reader
// of 2.x takes: exactly its keys, nulls included. What later forms have beside
// (ParentEventID, TenantID, Producer) is left out, as an older reader refuses a key
// that it does not know. It reports a timestamp outside of the years 1 to 9999, a
// payload that is not JSON, and a security context that is not a JSON object; b is
// returned unextended then.
//
// It writes what it is given: see [V2.Validate] for what may be published.
func (e *V2) AppendJSON(b []byte) ([]byte, error) {
	w := begin(slices.Grow(b, len(e.Payload)+len(e.SecurityContext)+restOfV2))
	w.raw([]byte(`{"payload":`))
	w.value("payload", e.Payload, appendValue)
	w.uuid("envelope_id", e.EventID)
	w.key("envelope_timestamp")
	var err error
	w.b, err = appendTimeZ(w.b, e.EventTimestamp)
	w.fail("envelope_timestamp", err)
	w.nullableUUID("correlation_id", e.CorrelationID)
	w.nullable("source_tool", e.SourceTool)
	w.nullable("target_tool", e.TargetTool)
	w.key("metadata")
	w.metadata(&e.Metadata)
	w.key("security_context")
	w.value("security_context", e.SecurityContext, appendObject)
	w.nullable("event_type", e.EventType)
	w.nullable("payload_type", e.PayloadType)
	w.key("payload_schema_version")
	if e.PayloadSchemaVersion == nil {
		w.raw(null)
	} else {
		w.b = e.PayloadSchemaVersion.appendJSON(w.b)
	}
	w.int("priority", int64(e.Priority))
	if e.TimeoutSeconds == nil {
		w.key("timeout_seconds")
		w.raw(null)
	} else {
		w.int("timeout_seconds", *e.TimeoutSeconds)
	}
	w.int("retry_count", e.RetryCount)
	w.nullableUUID("request_id", e.RequestID)
	w.nullableUUID("trace_id", e.TraceID)
	w.nullableUUID("span_id", e.SpanID)
	w.key("onex_version")
	w.b = e.OnexVersion.appendJSON(w.b)
	w.key("envelope_version")
	w.b = e.EnvelopeVersion.appendJSON(w.b)
	w.raw([]byte("}"))
	b, err = w.end()
	if err != nil {
		return b, fmt.Errorf("envelope: encode %w", err)
	}
	return b, nil
}

// restOfV2 is about how much there is of an envelope beside its payload.
const restOfV2 = 1 << 10

// MarshalJSON returns the envelope's JSON, as [V2.AppendJSON] writes it.
func (e V2) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil) }

// value appends JSON that has to be checked, or null if there is none.
func (w *writer) value(key string, raw json.RawMessage, appendTo func([]byte, json.RawMessage) ([]byte, error)) {
	if raw == nil {
		w.raw(null)
		return
	}
	var err error
	w.b, err = appendTo(w.b, raw)
	w.fail(key, err)
}

func (w *writer) nullable(key string, s *string) {
	w.key(key)
	w.b = appendNullable(w.b, s)
}

func (w *writer) nullableUUID(key string, id *uuid.UUID) {
	w.key(key)
	if id == nil {
		w.raw(null)
		return
	}
	w.rawUUID(*id)
}

func (w *writer) int(key string, n int64) {
	w.key(key)
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *writer) metadata(m *V2Metadata) {
	w.raw([]byte("{"))
	w.nullable("trace_id", m.TraceID)
	w.nullable("span_id", m.SpanID)
	w.nullable("parent_span_id", m.ParentSpanID)
	w.nullable("request_id", m.RequestID)
	w.texts("headers", m.Headers)
	w.texts("tags", m.Tags)
	w.raw([]byte("}"))
}

// texts writes an object of strings, sorted by key.
func (w *writer) texts(key string, texts map[string]string) {
	w.key(key)
	w.raw([]byte("{"))
	keys := slices.AppendSeq(make([]string, 0, 16), maps.Keys(texts)) // mostly on the stack
	slices.Sort(keys)
	for _, key := range keys {
		w.comma()
		w.b = append(appendString(w.b, key), ':')
		w.b = appendString(w.b, texts[key])
	}
	w.raw([]byte("}"))
}

func (v Version) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"major":`...), v.Major, 10)
	b = strconv.AppendInt(append(b, `,"minor":`...), v.Minor, 10)
	b = strconv.AppendInt(append(b, `,"patch":`...), v.Patch, 10)
	b = append(b, `,"prerelease":`...)
	b = appendIdentifiers(b, v.Prerelease, true)
	b = append(b, `,"build":`...)
	return append(appendIdentifiers(b, v.Build, false), '}')
}

// appendIdentifiers writes those that are numbers as such if that is wanted.
func appendIdentifiers(b []byte, ids []string, numbers bool) []byte {
	if len(ids) == 0 {
		return append(b, null...)
	}
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		if numbers && isDigits(id) {
			b = append(b, id...)
		} else {
			b = appendString(b, id)
		}
	}
	return append(b, ']')
}
