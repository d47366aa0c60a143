package envelope

import (
	"fmt"

	"github.com/google/uuid"
)

// TemplateV2 is for [V2] what [Template] is for V1. It may be used by several
// goroutines at once.
type TemplateV2 struct {
	//	{"payload":{"operation":…                                     head
	//	<…>},"envelope_id":                                           afterPayload
	//	<id>,"envelope_timestamp":                                    afterID
	//	<time>,"correlation_id":                                      correlation
	//	<id>,"source_tool":…,"metadata":{…,"tags":{…,"environment":…  afterCorrelation
	//	,"causation_id":<…>                                           if there is one
	//	}},"security_context":null,…}                                 ending
	eventType                                string
	head, afterCorrelation, ending, uncaused []byte
}

// NewTemplateV2 returns the template for events with payloads like p, of which
// only what is the same in all of them counts: its type, and its operation if it
// has one. A node of the given type, service and id publishes them, in that
// environment. The version is the payload's, from 1.
func NewTemplateV2(p Payload, nodeType, service, nodeID, environment string, version int) *TemplateV2 {
	t := &TemplateV2{eventType: EventTypeV2(service, p.EventType(nodeType))}
	w := begin([]byte(`{"payload":{`))
	p.writeHead(w)
	t.head, _ = w.end() // there are only strings in it

	w = begin(appendString([]byte(`,"source_tool":`), service+"."+nodeID))
	w.raw([]byte(`,"target_tool":null,"metadata":{"trace_id":null,"span_id":null,"parent_span_id":null,"request_id":null,"headers":{},"tags":{`))
	eachTag(p, nodeType, service, nodeID, w.text)
	w.text(keyEnvironment, environment)
	t.afterCorrelation, _ = w.end()

	w = begin([]byte(`}},"security_context":null`))
	w.text("event_type", t.eventType)
	w.text("payload_type", p.kind().payloadType)
	w.key("payload_schema_version")
	w.b = Version{Major: int64(version)}.appendJSON(w.b)
	w.b = fmt.Appendf(w.b, `,"priority":%d`, defaultPriority)
	w.raw([]byte(`,"timeout_seconds":null,"retry_count":0,"request_id":null,"trace_id":null,"span_id":null,"onex_version":`))
	w.b = defaultOnexVersion.appendJSON(w.b)
	w.key("envelope_version")
	w.b = defaultEnvelopeVersion.appendJSON(w.b)
	w.raw([]byte("}"))
	t.ending, _ = w.end()
	t.uncaused = append(t.afterCorrelation[:len(t.afterCorrelation):len(t.afterCorrelation)], t.ending...)
	return t
}

var (
	afterPayload  = []byte(`},"envelope_id":`)
	afterIDV2     = []byte(`,"envelope_timestamp":`)
	correlationV2 = []byte(`,"correlation_id":`)
)

// AppendJSON appends the envelope of an event to b: id is the event's, and
// correlationID counts if p has none of its own, which only a metric may lack.
// There is no causation if causationID is "". The rest is p's. The errors are
// those of p.AppendJSON; b is returned unextended then. p has to be of the
// template's type and operation.
func (t *TemplateV2) AppendJSON(b []byte, id, correlationID uuid.UUID, causationID string, p Payload) ([]byte, error) {
	w := begin(b)
	w.raw(t.head)
	p.writeTail(w)
	w.raw(afterPayload)
	w.b = appendUUID(w.b, id)
	w.raw(afterIDV2)
	w.rawTimeZ("envelope_timestamp", p.head().at)
	w.raw(correlationV2)
	w.rawUUID(t.CorrelationID(p, correlationID))
	if causationID == "" {
		w.raw(t.uncaused)
	} else {
		w.raw(t.afterCorrelation)
		w.text(keyCausation, causationID)
		w.raw(t.ending)
	}
	b, err := w.end()
	if err != nil {
		return b, fmt.Errorf("envelope: encode %s: %w", t.eventType, err)
	}
	return b, nil
}

// CorrelationID returns the correlation id of the envelope for the same arguments.
func (t *TemplateV2) CorrelationID(p Payload, correlationID uuid.UUID) uuid.UUID {
	if h := p.head(); h.correlationID.Valid {
		return h.correlationID.UUID
	}
	return correlationID
}

// AppendKey appends to b the key of the record for the same arguments:
// partitionKey, or else p's correlation id, or else its node's. What a metric was
// given for a correlation id does not count, as it would spread a node's metrics.
func (t *TemplateV2) AppendKey(b []byte, id uuid.UUID, partitionKey string, p Payload) []byte {
	return appendRecordKey(b, id, partitionKey, p)
}
