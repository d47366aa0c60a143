package envelope

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// Template writes envelopes of which only the event differs: those of one type
// from one node of one publisher. What is the same in all of them is encoded
// once. A Template may be used by several goroutines at once.
type Template struct {
	//	{"envelope_version":"1.0","event_id":        head
	//	<id>,"event_type":…,"event_timestamp":       afterID
	//	<time>,"source_node_id":…,"correlation_id":  afterTime
	//	<id or null>,"causation_id":                 causation
	//	<…>,"environment":…,"partition_key":         afterCausation
	//	<…>,"payload":{"operation":…                 payload
	//	<…>},"metadata":{"node_type":…               metadata
	//	<…>}}
	//
	// Most events have neither a causation nor a partition key: what is from causation
	// to payload then is in uncaused.
	eventType                                                             string
	head, afterID, afterTime, afterCausation, payload, uncaused, metadata []byte
}

// NewTemplate returns the template for events with payloads like p, of which
// only what is the same in all of them counts: its type, and its operation if
// it has one. The other fields come from fixed; its EventID, EventTimestamp,
// CorrelationID, CausationID, PartitionKey, Payload and Metadata do not count.
func NewTemplate(fixed V1, p Payload, nodeType, service string) *Template {
	t := &Template{eventType: p.EventType(nodeType)}
	t.head = append(appendString([]byte(`{"envelope_version":`), fixed.EnvelopeVersion), `,"event_id":`...)
	t.afterID = append(appendString([]byte(`,"event_type":`), t.eventType), `,"event_version":`...)
	t.afterID = append(appendString(t.afterID, fixed.EventVersion), `,"event_timestamp":`...)
	t.afterTime = append(appendString([]byte(`,"source_node_id":`), fixed.SourceNodeID), `,"source_service":`...)
	t.afterTime = append(appendNullable(t.afterTime, fixed.SourceService), `,"source_version":`...)
	t.afterTime = append(appendNullable(t.afterTime, fixed.SourceVersion), `,"source_instance":`...)
	t.afterTime = append(appendNullable(t.afterTime, fixed.SourceInstance), `,"correlation_id":`...)
	t.afterCausation = append(appendString([]byte(`,"environment":`), fixed.Environment), `,"region":`...)
	t.afterCausation = append(appendNullable(t.afterCausation, fixed.Region), `,"partition_key":`...)
	w := begin([]byte(`,"payload":{`))
	p.writeHead(w)
	t.payload, _ = w.end() // there are only strings in it
	t.uncaused = slices.Concat(causation, null, t.afterCausation, null, t.payload)
	w = begin([]byte(`},"metadata":{`))
	writeMetadataHead(w, p, nodeType, service)
	t.metadata, _ = w.end()
	return t
}

var (
	causation = []byte(`,"causation_id":`)
	null      = []byte(`null`)
	ending    = []byte(`}}`)
)

// AppendJSON appends the envelope of an event to b, as [V1.AppendJSON] would
// write it: id is the event's, causationID and partitionKey are null if they
// are "", and the rest is p's. The errors are those of p.AppendJSON; b is
// returned unextended then. p has to be of the template's type and operation.
func (t *Template) AppendJSON(b []byte, id uuid.UUID, causationID, partitionKey string, p Payload) ([]byte, error) {
	h := p.head()
	w := begin(b)
	w.raw(t.head)
	w.b = appendUUID(w.b, id)
	w.raw(t.afterID)
	w.rawTime("event_timestamp", h.at)
	w.raw(t.afterTime)
	if h.correlationID.Valid {
		w.rawUUID(h.correlationID.UUID)
	} else {
		w.raw(null)
	}
	if causationID == "" && partitionKey == "" {
		w.raw(t.uncaused)
	} else {
		w.raw(causation)
		w.rawOrNull(causationID)
		w.raw(t.afterCausation)
		w.rawOrNull(partitionKey)
		w.raw(t.payload)
	}
	p.writeTail(w)
	w.raw(t.metadata)
	p.writeMetadataTail(w)
	w.raw(ending)
	b, err := w.end()
	if err != nil {
		return b, fmt.Errorf("envelope: encode %s: %w", t.eventType, err)
	}
	return b, nil
}

// AppendKey appends to b the key of the record for the same arguments, as
// [V1.RecordKey] has it.
func (t *Template) AppendKey(b []byte, id uuid.UUID, partitionKey string, p Payload) []byte {
	return appendRecordKey(b, id, partitionKey, p)
}

// appendRecordKey appends the key that the record of an event has, whatever the
// form of its envelope.
func appendRecordKey(b []byte, id uuid.UUID, partitionKey string, p Payload) []byte {
	h := p.head()
	switch {
	case partitionKey != "":
		return append(b, asWritten(partitionKey)...)
	case h.correlationID.Valid:
		return appendHyphenated(b, h.correlationID.UUID)
	case h.nodeID != "":
		return append(b, asWritten(h.nodeID)...)
	default:
		return appendHyphenated(b, id)
	}
}
