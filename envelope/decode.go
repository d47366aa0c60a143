package envelope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Decode reads the value of a Kafka record. It accepts what the reference
// accepts: unknown keys, the last of duplicate keys, UUIDs and timestamps in
// their several forms, defaults for what is absent and has one. It refuses,
// with an error that names the field, what the reference would have made up
// (event_id and event_timestamp), a timestamp without an offset, and an
// envelope_version other than 1.x ([ErrVersion]). The error for what is a
// ModelEventEnvelope by its keys says so and wraps ErrVersion too: [DecodeAny] and
// [DecodeV2] read that.
//
// The result does not share memory with data. Its strings are parts of one copy
// of data; who keeps only one of them for long should clone it.
func Decode(data []byte) (*V1, error) {
	r, err := readObject(data, false)
	if err != nil {
		return nil, notV1(data, fmt.Errorf("envelope: the value %w", err))
	}
	defer r.free()
	version := r.string("envelope_version", DefaultVersion)
	if r.err == nil {
		// Before anything else, as another version may have other fields.
		r.err = checkVersion(version)
	}
	d := new(decoded)
	r.texts = d.texts[:0]
	d.EnvelopeVersion = version
	d.EventID = r.uuid("event_id")
	d.EventType = r.string("event_type")
	d.EventVersion = r.string("event_version", DefaultVersion)
	d.EventTimestamp = r.time("event_timestamp")
	d.SourceNodeID = r.string("source_node_id")
	d.SourceService = r.nullable("source_service")
	d.SourceVersion = r.nullable("source_version")
	d.SourceInstance = r.nullable("source_instance")
	d.CorrelationID = r.nullableUUID("correlation_id", &d.correlationID)
	d.CausationID = r.nullable("causation_id")
	d.Environment = r.string("environment", DefaultEnvironment)
	d.Region = r.nullable("region")
	d.PartitionKey = r.nullable("partition_key")
	d.Payload, d.Metadata = r.objects("payload", "metadata")
	if d.Payload == nil {
		r.fail("payload", errMissing)
	}
	if d.Metadata == nil {
		d.Metadata = json.RawMessage("{}")
	}
	if r.err != nil {
		return nil, notV1(data, fmt.Errorf("envelope: %w", r.err))
	}
	return &d.V1, nil
}

// notV1 returns the error for a value that Decode refuses because of err.
func notV1(data []byte, err error) error {
	r, wrong := readPython(data)
	if wrong != nil {
		return err
	}
	defer r.free()
	if r.isV1() {
		return err
	}
	if _, wrong := r.v2(); wrong != nil && !r.isV2() {
		return err
	}
	return fmt.Errorf("envelope: the value is a ModelEventEnvelope: %w 2.x; DecodeAny and DecodeV2 read it", ErrVersion)
}

// decoded is an envelope and, in the same piece of memory, what it points to.
type decoded struct {
	V1
	correlationID uuid.UUID
	texts         [2]string // most envelopes have a service and a version
}

// UnmarshalJSON reads data as [Decode] does. On an error it leaves e as it is.
func (e *V1) UnmarshalJSON(data []byte) error {
	decoded, err := Decode(data)
	if err != nil {
		return err
	}
	*e = *decoded
	return nil
}

// Envelope is what a record's value was read as: a [*V1] or a [*V2].
type Envelope interface {
	// Event returns what an envelope says of its event, in either form.
	Event() Event

	// Validate, AppendJSON and DecodePayload are those of V1 and V2.
	Validate() error
	AppendJSON(b []byte) ([]byte, error)
	DecodePayload() (Payload, error)
}

// Event is what both envelopes say of an event. What an envelope does not say is
// the zero value.
type Event struct {
	ID            uuid.UUID // by which consumers recognise a duplicate
	Type          string    // V1's: of a V2 too, if it has the tags for it
	Version       int       // of the payload; 1 if it is not said
	Time          time.Time
	CorrelationID uuid.UUID // shared by the events of one request
	CausationID   string    // the id of the event that caused this one
	NodeID        string
	NodeType      string
	Service       string
	Environment   string
	Payload       json.RawMessage // shares its bytes with the envelope
}

// DecodeAny reads the value of a Kafka record, as [Decode] or as [DecodeV2]. Its
// keys tell which it is: only an OnexEnvelopeV1 has an event_id, an
// event_timestamp and a source_node_id.
func DecodeAny(data []byte) (Envelope, error) {
	if bytes.Contains(data, []byte(`"event_id"`)) { // most likely a key
		if e, err := Decode(data); err == nil {
			return e, nil
		}
	}
	r, err := readPython(data)
	if err != nil {
		return nil, err
	}
	defer r.free()
	if r.isV1() {
		return orNil(Decode(data))
	}
	e, err := r.v2()
	if err != nil && !r.isV2() {
		return orNil(Decode(data)) // whose error has what an event's id is called in V1
	}
	return orNil(e, err)
}

// isV2 tells whether there is a key that only a V2 has.
func (r *reader) isV2() bool {
	return slices.ContainsFunc(r.members, func(m member) bool { return keysOfV2[m.name] && !keysOfBoth[m.name] })
}

var keysOfBoth = map[string]bool{"payload": true, "correlation_id": true, "event_type": true, "metadata": true, "envelope_version": true}

// isV1 tells which of the two envelopes has such keys, if it is one.
func (r *reader) isV1() bool {
	return r.find("envelope_id") == nil && (r.find("event_id") != nil || r.find("source_node_id") != nil || r.find("event_timestamp") != nil)
}

// orNil keeps a nil pointer from becoming an Envelope.
func orNil[E Envelope](e E, err error) (Envelope, error) {
	if err != nil {
		return nil, err
	}
	return e, nil
}

// PayloadOf reads the payload of an envelope: one of the five, or an error that
// wraps [ErrEventType].
func PayloadOf(e Envelope) (Payload, error) { return e.DecodePayload() }

// Event implements [Envelope].
func (e *V1) Event() Event {
	return Event{
		ID: e.EventID, Type: e.EventType, Version: majorOf(e.EventVersion), Time: e.EventTimestamp, CorrelationID: orZero(e.CorrelationID), CausationID: orZero(e.CausationID),
		NodeID: e.SourceNodeID, NodeType: e.metadataText(keyNodeType), Service: e.service(), Environment: e.Environment, Payload: e.Payload,
	}
}

// majorOf returns the first number of a version; what is none is the first version.
func majorOf(version string) int {
	major, _, _ := strings.Cut(version, ".")
	n, _ := strconv.Atoi(major)
	return max(1, n)
}

// service returns the node's service.
func (e *V1) service() string {
	if name := e.metadataText(keyService); name != "" {
		return name
	}
	return orZero(e.SourceService)
}

// metadataText returns a string of the metadata, "" if there is none.
func (e *V1) metadataText(key string) string {
	if len(e.Metadata) == 0 {
		return ""
	}
	r, err := readObject(e.Metadata, false)
	if err != nil {
		return ""
	}
	defer r.free()
	if m := r.find(key); m != nil {
		text, _ := r.stringOf(m)
		return text
	}
	return ""
}

func orZero[T any](p *T) (zero T) {
	if p == nil {
		return zero
	}
	return *p
}

// Event implements [Envelope]. The cause is what the tag causation_id says, and
// else the parent.
func (e *V2) Event() Event {
	tags := e.Metadata.Tags
	ev := Event{
		ID: e.EventID, Type: orZero(e.EventType), Version: int(max(1, orZero(e.PayloadSchemaVersion).Major)), Time: e.EventTimestamp, CorrelationID: orZero(e.CorrelationID), CausationID: tags[keyCausation],
		NodeID: tags[keyNodeID], NodeType: tags[keyNodeType], Service: tags[keyService], Environment: tags[keyEnvironment], Payload: e.Payload,
	}
	if ev.CausationID == "" && e.ParentEventID != nil {
		ev.CausationID = e.ParentEventID.String()
	}
	if v1 := typeOf(tags); EventTypeV2(ev.Service, v1) == ev.Type {
		ev.Type = v1
	}
	return ev
}

// typeOf returns the event type that the tags spell.
func typeOf(tags map[string]string) string {
	switch tags[keyCategory] {
	case StateChanged{}.kind().category:
		return StateChanged{}.EventType(tags[keyNodeType])
	case MetricRecorded{}.kind().category:
		return MetricRecorded{}.EventType(tags[keyNodeType])
	}
	return strings.Join([]string{tags[keyNodeType], tags[keyOperation], tags[keyStage]}, ".")
}
