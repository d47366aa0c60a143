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
// order in which they are written (contract, section 1). The JSON key of a
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
