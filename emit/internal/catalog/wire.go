package catalog

import (
	"strconv"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// field is one key of a JSON object on the wire. The fields in this file and in
// wire_payload.go are the one place where emit states what package envelope
// writes (envelope/contract.md, sections 1 and 2); a test holds the two together.
type field struct {
	key      string
	typ      wireType
	says     string
	value    any     // an example
	fixed    bool    // value is the only one that the field has in events of this type
	nullable bool    // it may be null, and is there even so
	optional bool    // it is there only if it is given
	pattern  string  // of a text, "" for any
	base     string  // what a document calls an object like it of any event
	fields   []field // of an object whose keys are known, in their order
}

// wireType is the kind of JSON value that a field has.
type wireType int

const (
	textType wireType = iota
	uuidType          // a text
	timeType          // a text: ISO 8601, in UTC
	numberType
	booleanType
	objectType
	listType
	summaryType // an object that has names of types by key
)

// The values that the parts of an example share, so that they fit together.
const (
	exampleTime        = "2026-03-14T09:26:53.589793+00:00"
	exampleEvent       = "0b6f6d4e-5f0a-4c57-9a1e-3d2c1b0a9f8e"
	exampleCause       = "5e9d8c7b-6a5f-4e3d-8c2b-1a0f9e8d7c6b"
	exampleCorrelation = "c4a1f3d2-8b7e-4f60-9d5c-2e1a0b9c8d7f"
)

// eventVersion is the version of the envelope, and of a payload's first version.
const eventVersion = "1.0"

func versionOf(e naming.Event) string {
	if e.Version > 0 {
		return strconv.Itoa(e.Version) + ".0"
	}
	return eventVersion
}

// message returns the envelope of an event: what the value of its record is.
func message(n *annotate.Node, e naming.Event, payload, metadata []field) []field {
	return []field{
		{key: "envelope_version", value: eventVersion, says: "Version of the envelope. Whoever reads 1.0 can read every 1.x."},
		{key: "event_id", typ: uuidType, value: exampleEvent, says: "Id of this event, by which a consumer recognises a duplicate."},
		{key: "event_type", value: e.Literal, fixed: true, says: "Type of the event."},
		{key: "event_version", value: versionOf(e), fixed: e.Version > 0, says: "Version of the payload."},
		{key: "event_timestamp", typ: timeType, value: exampleTime, says: "When it happened, in UTC."},
		{key: "source_node_id", value: exampleNodeID(n), says: "Id of the node that published the event."},
		{key: "source_service", value: n.Service, nullable: true, says: "Service that published the event."},
		{key: "source_version", value: "1.4.0", nullable: true, says: "Version of that service."},
		{key: "source_instance", nullable: true, says: "Instance of that service."},
		{key: "correlation_id", typ: uuidType, value: exampleCorrelation, nullable: true, says: "Shared by all events of one request."},
		{key: "causation_id", value: exampleCause, nullable: true, says: "Id of the event that caused this one."},
		{key: "environment", value: "production", says: "Environment that the service runs in."},
		{key: "region", nullable: true, says: "Region that the service runs in."},
		{key: "partition_key", nullable: true, says: "Key of the record, where the publisher was given one."},
		payloadOf(e, payload),
		{key: "metadata", typ: objectType, base: kindsOfPayload[e.Stage] + "Metadata", fields: metadata, says: "What to filter by without reading the payload."},
	}
}

func payloadOf(e naming.Event, fields []field) field {
	return field{key: "payload", typ: objectType, base: kindsOfPayload[e.Stage] + "Payload", fields: fields, says: "What happened."}
}

// kindsOfPayload are the payloads by the last words of event types.
var kindsOfPayload = map[string]string{
	"started": "OperationStarted", "completed": "OperationCompleted", "failed": "OperationFailed",
	"changed": "StateChanged", "recorded": "MetricRecorded",
}

func exampleNodeID(n *annotate.Node) string { return annotate.SnakeCase(n.Name) + "-1" }
