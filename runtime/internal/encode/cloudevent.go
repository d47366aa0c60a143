package encode

import (
	"net/url"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/omninode-ai/onexevents/envelope"
)

// CloudEvent returns f with the headers that make its events CloudEvents, in the binary
// mode of their Kafka binding: the envelope is the event's data.
func CloudEvent(f Form, eventType, service, nodeID string) Form {
	c := cloudEvent{Form: f}
	c.fixed = appendHeader(c.fixed, "content-type", "application/json")
	c.fixed = appendHeader(c.fixed, "ce_specversion", "1.0")
	c.fixed = appendHeader(c.fixed, "ce_type", eventType)
	c.fixed = appendHeader(c.fixed, "ce_source", "/"+url.PathEscape(service)+"/"+url.PathEscape(nodeID))
	return c
}

// CloudEventHeaders are those that a CloudEvent has.
var CloudEventHeaders = []string{"content-type", "ce_specversion", "ce_type", "ce_source", "ce_id", "ce_time", "ce_partitionkey"}

type cloudEvent struct {
	Form
	fixed []byte
}

func (c cloudEvent) appendHeaders(b, key []byte, h *Header, p envelope.Payload) []byte {
	b = c.Form.appendHeaders(b, key, h, p)
	b = append(b, c.fixed...)
	b = appendID(b, "ce_id", h.ID)
	const layout = "2006-01-02T15:04:05.999999Z"
	var at [len(layout) + 3]byte // nine digits of it are written, and then cut
	b = appendHeader(b, "ce_time", h.At.UTC().Truncate(time.Microsecond).AppendFormat(at[:0], layout))
	if isCloudText(key) {
		b = appendHeader(b, "ce_partitionkey", key)
	}
	return b
}

// isCloudText tells whether a CloudEvent's attribute may have a text: it is not empty, and
// of characters that can be shown.
func isCloudText(text []byte) bool {
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		isNoCharacter := r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
		if unicode.IsControl(r) || isNoCharacter || r == utf8.RuneError && size == 1 {
			return false
		}
		rest = rest[size:]
	}
	return len(text) > 0
}
