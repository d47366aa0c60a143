package encode

import (
	"encoding/binary"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// Form is what the events of one type from one node become: a record's value, key
// and headers.
type Form interface {
	appendValue(b []byte, h *Header, p envelope.Payload) ([]byte, error)
	appendKey(b []byte, h *Header, p envelope.Payload) []byte
	appendHeaders(b, key []byte, h *Header, p envelope.Payload) []byte
}

// V1 is the form of an OnexEnvelopeV1, which has no headers.
func V1(fixed envelope.V1, p envelope.Payload, nodeType, service string) Form {
	return v1{envelope.NewTemplate(fixed, p, nodeType, service)}
}

type v1 struct{ *envelope.Template }

func (f v1) appendValue(b []byte, h *Header, p envelope.Payload) ([]byte, error) {
	return f.AppendJSON(b, h.ID, h.CausationID, h.PartitionKey, p)
}

func (f v1) appendKey(b []byte, h *Header, p envelope.Payload) []byte {
	return f.AppendKey(b, h.ID, h.PartitionKey, p)
}

func (v1) appendHeaders(b, _ []byte, _ *Header, _ envelope.Payload) []byte { return b }

// V2 is the form of a ModelEventEnvelope, with the headers of its bus. The topic is
// that of the contract, without a namespace.
func V2(p envelope.Payload, nodeType, service, nodeID, environment, topic string, version int) Form {
	f := v2{TemplateV2: envelope.NewTemplateV2(p, nodeType, service, nodeID, environment, version)}
	f.first = appendHeader(nil, "content_type", "application/json")
	f.last = appendHeader(f.last, "source", string([]rune(environment)))
	f.last = appendHeader(f.last, "event_type", topic)
	f.last = appendHeader(f.last, "schema_version", "1.0.0")
	f.last = appendHeader(f.last, "priority", "normal")
	f.last = appendHeader(f.last, "retry_count", "0")
	f.last = appendHeader(f.last, "max_retries", "3")
	return f
}

type v2 struct {
	*envelope.TemplateV2
	first, last []byte // the headers that are the same for all events, before and behind the others
}

func (f v2) appendValue(b []byte, h *Header, p envelope.Payload) ([]byte, error) {
	return f.AppendJSON(b, h.ID, h.CorrelationID, h.CausationID, p)
}

func (f v2) appendKey(b []byte, h *Header, p envelope.Payload) []byte {
	return f.AppendKey(b, h.ID, h.PartitionKey, p)
}

func (f v2) appendHeaders(b, _ []byte, h *Header, p envelope.Payload) []byte {
	b = append(b, f.first...)
	b = appendID(b, "correlation_id", f.CorrelationID(p, h.CorrelationID))
	b = appendID(b, "message_id", h.ID)
	b = appendTime(b, "timestamp", h.At)
	b = append(b, f.last...)
	if parent, ok := parentOf(h.CausationID); ok {
		b = appendID(b, "parent_message_id", parent)
	}
	return b
}

// parentOf returns the UUID that the id of a cause is, if it is one.
func parentOf(cause string) (uuid.UUID, bool) {
	if cause == "" || len(cause) == 38 && (cause[0] != '{' || cause[37] != '}') {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(cause)
	return id, err == nil
}

// Headers stand behind an event's key, each as its name and its value, and each of
// those behind its length: that of a value is one more, and 0 if the value is nil.

func appendHeader[T string | []byte](b []byte, name string, value T) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
	return append(binary.AppendUvarint(b, uint64(len(value))+1), value...)
}

func appendID(b []byte, name string, id uuid.UUID) []byte {
	var text [36]byte
	return appendHeader(b, name, envelope.AppendID(text[:0], id))
}

// appendTime writes a time as Python's isoformat does.
func appendTime(b []byte, name string, at time.Time) []byte {
	var text [34]byte
	return appendHeader(b, name, envelope.AppendTime(text[:0], at))
}

// AppendHeader appends a header to those that b has.
func AppendHeader(b []byte, name string, value []byte) []byte {
	if value == nil {
		return append(append(binary.AppendUvarint(b, uint64(len(name))), name...), 0)
	}
	return appendHeader(b, name, value)
}

// Headers returns the names and the values of the headers in b, which share its
// memory.
func Headers(b []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for len(b) > 0 {
			n, size := binary.Uvarint(b)
			name, rest := cut(b[size:], int(n))
			n, size = binary.Uvarint(rest)
			var value []byte
			if value, b = nil, rest[size:]; n > 0 {
				value, b = cut(b, int(n)-1)
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

func cut(b []byte, n int) (field, rest []byte) { return b[:n:n], b[n:] }
