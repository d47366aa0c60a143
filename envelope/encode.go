package envelope

import "fmt"

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
