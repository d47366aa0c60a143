package envelope

import (
	"fmt"

	"github.com/google/uuid"
)

// Template writes envelopes of which only the event differs: those of one type
// from one node of one publisher. What is the same in all of them is encoded
// once. A Template may be used by several goroutines at once.
//
//	{"envelope_version":"1.0","event_id":        head
//	<id>,"event_type":…,"event_timestamp":       afterID
//	<time>,"source_node_id":…,"correlation_id":  afterTime
//	<id or null>,"causation_id":                 causation
//	<…>,"environment":…,"partition_key":         afterCausation
//	<…>,"payload":{                              payload
//	<…>},"metadata":{"node_type":…               metadata
//	<…>}}
//
// The payload of an operation begins with more that is the same:
//
//	"operation":…,"correlation_id":              operation
//	<id>,"node_id":…,"started_at":               node
//	<time>
type Template struct {
	eventType, nodeID                                  string
	head, afterID, afterTime, afterCausation, metadata []byte
	operation, node                                    []byte // nil for other payloads
	timeKey                                            string
}

// NewTemplate returns the template for events with payloads like p, of which
// only what is the same in all of them counts: its type, and its operation if
// it has one. The other fields come from fixed; its EventID, EventTimestamp,
// CorrelationID, CausationID, PartitionKey, Payload and Metadata do not count.
func NewTemplate(fixed V1, p Payload, nodeType, service string) *Template {
	t := &Template{eventType: p.EventType(nodeType), nodeID: fixed.SourceNodeID}
	t.head = append(appendString([]byte(`{"envelope_version":`), fixed.EnvelopeVersion), `,"event_id":`...)
	t.afterID = append(appendString([]byte(`,"event_type":`), t.eventType), `,"event_version":`...)
	t.afterID = append(appendString(t.afterID, fixed.EventVersion), `,"event_timestamp":`...)
	t.afterTime = append(appendString([]byte(`,"source_node_id":`), fixed.SourceNodeID), `,"source_service":`...)
	t.afterTime = append(appendNullable(t.afterTime, fixed.SourceService), `,"source_version":`...)
	t.afterTime = append(appendNullable(t.afterTime, fixed.SourceVersion), `,"source_instance":`...)
	t.afterTime = append(appendNullable(t.afterTime, fixed.SourceInstance), `,"correlation_id":`...)
	t.afterCausation = append(appendString([]byte(`,"environment":`), fixed.Environment), `,"region":`...)
	t.afterCausation = append(appendNullable(t.afterCausation, fixed.Region), `,"partition_key":`...)
	if operation, timeKey := p.opening(); timeKey != "" {
		t.timeKey = timeKey
		t.operation = append(appendString([]byte(`"operation":`), operation), `,"correlation_id":`...)
		t.node = append(appendString([]byte(`,"node_id":`), t.nodeID), `,"`+timeKey+`":`...)
	}
	w := begin([]byte(`},"metadata":{`))
	p.writeMetadataHead(w, nodeType, service)
	t.metadata, _ = w.end() // there are only strings in it
	return t
}

var (
	causation = []byte(`,"causation_id":`)
	null      = []byte(`null`)
	payload   = []byte(`,"payload":{`)
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
	w.raw(causation)
	w.rawOrNull(causationID)
	w.raw(t.afterCausation)
	w.rawOrNull(partitionKey)
	w.raw(payload)
	if t.operation != nil && h.nodeID == t.nodeID {
		w.raw(t.operation)
		w.rawUUID(h.correlationID.UUID)
		w.raw(t.node)
		w.rawTime(t.timeKey, h.at)
		p.write(w)
	} else {
		w.payload(p, h)
	}
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
