package envelope

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// Decode reads the value of a Kafka record. It accepts what the reference
// accepts: unknown keys, the last of duplicate keys, UUIDs and timestamps in
// their several forms, defaults for what is absent and has one. It refuses,
// with an error that names the field, what the reference would have made up
// (event_id and event_timestamp), a timestamp without an offset, and an
// envelope_version other than 1.x ([ErrVersion]).
//
// The result does not share memory with data. Its strings are parts of one copy
// of data; who keeps only one of them for long should clone it.
func Decode(data []byte) (*V1, error) {
	r, err := readObject(data, false)
	if err != nil {
		return nil, fmt.Errorf("envelope: the value %w", err)
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
		return nil, fmt.Errorf("envelope: %w", r.err)
	}
	return &d.V1, nil
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
