package envelope

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// V1 is an OnexEnvelopeV1: the 16 fields that every event travels in, in the
// order in which they are written (envelope/contract.md, section 1). The JSON key of a
// field is its name in snake case. A nil pointer is JSON's null.
//
// V1 is a plain value. Payload and Metadata share their bytes with whoever set
// them; nothing in this package writes to those bytes.
type V1 struct {
	EnvelopeVersion string    // of the envelope itself; its major number is 1
	EventID         uuid.UUID // by which consumers recognise a duplicate
	EventType       string    // "{type}.{operation}.started", …
	EventVersion    string    // of the payload
	EventTimestamp  time.Time // written in UTC, in whole microseconds
	SourceNodeID    string
	SourceService   *string
	SourceVersion   *string
	SourceInstance  *string
	CorrelationID   *uuid.UUID // shared by the events of one request
	CausationID     *string    // the id of the event that caused this one
	Environment     string     // "development", "production", …
	Region          *string
	PartitionKey    *string         // takes the place of the record key
	Payload         json.RawMessage // a JSON object
	Metadata        json.RawMessage // a JSON object; nil is written as {}
}

// What the versions and the environment of an envelope are where nobody says
// otherwise.
const (
	DefaultVersion     = "1.0"
	DefaultEnvironment = "development"
)

// ErrVersion is wrapped by the error for an envelope whose version this
// package does not know.
var ErrVersion = errors.New("unsupported envelope version")

// RecordKey returns the key of the Kafka record that carries e: the first that
// is not empty of PartitionKey, CorrelationID, SourceNodeID and EventID.
func (e *V1) RecordKey() string {
	switch {
	case e.PartitionKey != nil && *e.PartitionKey != "":
		return asWritten(*e.PartitionKey)
	case e.CorrelationID != nil:
		return e.CorrelationID.String()
	case e.SourceNodeID != "":
		return asWritten(e.SourceNodeID)
	default:
		return e.EventID.String()
	}
}

// asWritten returns s as a reader of its JSON form gets it, so that producer
// and reader agree on the key.
func asWritten(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// Validate returns one error that names, by its JSON key, every field that
// makes e unfit to be published, or nil. It asks for more than [Decode], which
// has to accept what others have published. It does not read Payload and
// Metadata; encoding does.
func (e *V1) Validate() error {
	var faults []error
	missing := func(key string, is bool) {
		if is {
			faults = append(faults, fmt.Errorf("%s is missing", key))
		}
	}
	if err := checkVersion(e.EnvelopeVersion); err != nil {
		faults = append(faults, err)
	}
	missing("event_id", e.EventID == uuid.Nil)
	missing("event_type", e.EventType == "")
	missing("event_version", e.EventVersion == "")
	missing("event_timestamp", e.EventTimestamp.IsZero())
	missing("source_node_id", e.SourceNodeID == "")
	missing("correlation_id", e.CorrelationID != nil && *e.CorrelationID == uuid.Nil)
	missing("environment", e.Environment == "")
	missing("payload", len(e.Payload) == 0)
	return errors.Join(faults...)
}

func checkVersion(v string) error {
	if major, _, _ := strings.Cut(v, "."); major != "1" {
		return fmt.Errorf("envelope_version: %w %q; this reader knows 1.x", ErrVersion, v)
	}
	return nil
}

// AppendJSON appends the envelope's JSON to b: 16 keys, nulls included, in the
// contract's order. It reports a timestamp outside of the years 1 to 9999, and
// a payload or metadata that is not a JSON object; b is returned unextended
// then.
//
// It writes what it is given: see [V1.Validate] for what may be published.
func (e *V1) AppendJSON(b []byte) ([]byte, error) {
	start := len(b)
	fail := func(key string, err error) ([]byte, error) {
		return b[:start], fmt.Errorf("envelope: encode %s: %w", key, err)
	}
	var err error

	b = append(b, `{"envelope_version":`...)
	b = appendString(b, e.EnvelopeVersion)
	b = append(b, `,"event_id":`...)
	b = appendUUID(b, e.EventID)
	b = append(b, `,"event_type":`...)
	b = appendString(b, e.EventType)
	b = append(b, `,"event_version":`...)
	b = appendString(b, e.EventVersion)
	b = append(b, `,"event_timestamp":`...)
	if b, err = appendTime(b, e.EventTimestamp); err != nil {
		return fail("event_timestamp", err)
	}
	b = append(b, `,"source_node_id":`...)
	b = appendString(b, e.SourceNodeID)
	b = append(b, `,"source_service":`...)
	b = appendNullable(b, e.SourceService)
	b = append(b, `,"source_version":`...)
	b = appendNullable(b, e.SourceVersion)
	b = append(b, `,"source_instance":`...)
	b = appendNullable(b, e.SourceInstance)
	b = append(b, `,"correlation_id":`...)
	if e.CorrelationID == nil {
		b = append(b, "null"...)
	} else {
		b = appendUUID(b, *e.CorrelationID)
	}
	b = append(b, `,"causation_id":`...)
	b = appendNullable(b, e.CausationID)
	b = append(b, `,"environment":`...)
	b = appendString(b, e.Environment)
	b = append(b, `,"region":`...)
	b = appendNullable(b, e.Region)
	b = append(b, `,"partition_key":`...)
	b = appendNullable(b, e.PartitionKey)
	b = append(b, `,"payload":`...)
	if b, err = appendObject(b, e.Payload); err != nil {
		return fail("payload", err)
	}
	b = append(b, `,"metadata":`...)
	if e.Metadata == nil {
		b = append(b, "{}"...)
	} else if b, err = appendObject(b, e.Metadata); err != nil {
		return fail("metadata", err)
	}
	return append(b, '}'), nil
}

// MarshalJSON returns the envelope's JSON, as [V1.AppendJSON] writes it.
func (e V1) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil) }
