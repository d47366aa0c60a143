package onex

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// Profile says what goes over the wire: which envelope, in which topics, with what
// headers. The methods of a node are the same, and so are its event types.
// The package's documentation has a table of both.
type Profile int

const (
	// ProfileV1 is OnexEnvelopeV1.
	ProfileV1 Profile = iota

	// Profile2 is ModelEventEnvelope 2.x, which today's bus carries.
	Profile2
)

// String returns "v1" or "2", as ONEX_PROFILE has it.
func (p Profile) String() string {
	switch p {
	case ProfileV1:
		return "v1"
	case Profile2:
		return "2"
	}
	return fmt.Sprintf("Profile(%d)", int(p))
}

// The headers of a dead letter. Their values are text. The first three have the
// names that Kafka Connect gives to those of its own dead letters, so that tools
// which show these show ours.
const (
	HeaderOriginalTopic     = "__connect.errors.topic"
	HeaderOriginalPartition = "__connect.errors.partition" // that has refused the event
	HeaderFailureReason     = "__connect.errors.exception.message"
	HeaderEventID           = "event_id"
)

// DeadLetterHeaders returns the keys of the headers that a dead letter has beside
// those of its event, in the order in which it has them.
func DeadLetterHeaders() []string {
	return slices.Clone(letterHeaders)
}

var letterHeaders = []string{HeaderOriginalTopic, HeaderOriginalPartition, HeaderFailureReason, HeaderEventID}

// isOurs tells whether a header of that name is for the publisher to set, in an event
// that is one of Profile2 or a CloudEvent or not.
func isOurs(name string, isV2, isCloudEvent bool) bool {
	return slices.Contains(letterHeaders, name) || isV2 && slices.Contains(headersV2, name) ||
		isCloudEvent && slices.Contains(encode.CloudEventHeaders, name)
}

// cloudEvent makes events CloudEvents, if that is wanted.
func (cfg *Config) cloudEvent(f encode.Form, eventType, service, nodeID string) encode.Form {
	if !cfg.CloudEvents {
		return f
	}
	return encode.CloudEvent(f, eventType, service, nodeID)
}

// headersOf returns the headers of an event's record.
func headersOf(e *delivery.Event) []kgo.RecordHeader {
	if e.HeadersLen == 0 {
		return nil
	}
	n := 0
	for range encode.Headers(e.Headers()) {
		n++
	}
	headers := make([]kgo.RecordHeader, 0, n)
	for name, value := range encode.Headers(e.Headers()) {
		key, ok := headerNames[string(name)]
		if !ok {
			key = string(name)
		}
		headers = append(headers, kgo.RecordHeader{Key: key, Value: value})
	}
	return headers
}

// headersV2 are those that an event of Profile2 has.
var headersV2 = []string{
	"content_type", "correlation_id", "message_id", "timestamp", "source", "event_type", "schema_version", "priority",
	"retry_count", "max_retries", "parent_message_id",
}

// headerNames are those that need not be made anew for each event.
var headerNames = func() map[string]string {
	names := map[string]string{}
	for _, name := range slices.Concat([]string{"traceparent", "tracestate", "baggage"}, headersV2, encode.CloudEventHeaders) {
		names[name] = name
	}
	return names
}()
