package catalog

import (
	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// timePattern2 is how the envelope of Profile2 has times.
const timePattern2 = `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?Z$`

// message2 returns the envelope that an event has with Profile2: the payload is
// that of first, the envelope of the other profile (envelope/contract-2.md, section 1).
func message2(n *annotate.Node, e naming.Event, first []field) []field {
	var payload, metadata field
	for _, f := range first {
		switch f.key {
		case "payload":
			payload = f
		case "metadata":
			metadata = f
		}
	}
	tags := []field{
		{key: "instance_id", value: exampleNodeID(n), says: "Id of the node."},
		{key: "environment", value: "production", says: "Environment that the service runs in."},
		{key: "causation_id", value: exampleCause, optional: true, says: "Id of the event that caused this one."},
	}
	for _, f := range metadata.fields {
		if f.fixed {
			tags = append(tags, f)
		}
	}
	null := func(key string, typ wireType, says string) field {
		return field{key: key, typ: typ, nullable: true, says: says}
	}
	return []field{
		payload,
		{key: "envelope_id", typ: uuidType, value: exampleEvent, says: "Id of this event, by which a consumer recognises a duplicate."},
		{key: "envelope_timestamp", value: "2026-03-14T09:26:53.589793Z", pattern: timePattern2, says: "When it happened, in UTC."},
		{key: "correlation_id", typ: uuidType, value: exampleCorrelation, says: "Shared by all events of one request."},
		{key: "source_tool", value: n.Service + "." + exampleNodeID(n), says: "Service and id of the node that published the event."},
		null("target_tool", textType, "Whom it is for; null."),
		{key: "metadata", typ: objectType, base: "ModelEventMetadata", says: "What to filter by without reading the payload.", fields: []field{
			null("trace_id", textType, "Id of the trace."),
			null("span_id", textType, "Id of the span."),
			null("parent_span_id", textType, "Id of the span around it."),
			null("request_id", textType, "Id of the request."),
			{key: "headers", typ: objectType, value: ordered{}, says: "Texts by key."},
			{key: "tags", typ: objectType, base: kindsOfPayload[e.Stage] + "Tags", fields: tags, says: "What kind of event it is, and where it comes from."},
		}},
		null("security_context", objectType, "Who may see it; null."),
		{key: "event_type", value: naming.EventType2(n, e), fixed: true, says: "Type of the event."},
		{key: "payload_type", value: kindsOfPayload[e.Stage], fixed: true, says: "Name of the payload's type."},
		versionField("payload_schema_version", "Version of the payload.", max(1, e.Version), 0, true),
		{key: "priority", typ: numberType, value: 5, says: "From 1 to 10."},
		null("timeout_seconds", numberType, "How long it counts; null."),
		{key: "retry_count", typ: numberType, value: 0, says: "How often it was tried."},
		null("request_id", textType, "Id of the request."),
		null("trace_id", textType, "Id of the trace."),
		null("span_id", textType, "Id of the span."),
		versionField("onex_version", "Version of ONEX.", 1, 0, false),
		versionField("envelope_version", "Version of the envelope. Whoever reads 2.1 can read it.", 2, 1, false),
	}
}

func versionField(key, says string, major, minor int, fixed bool) field {
	return field{key: key, typ: objectType, base: "Version", says: says, fields: []field{
		{key: "major", typ: numberType, value: major, fixed: fixed, says: "It is another if readers have to change."},
		{key: "minor", typ: numberType, value: minor, says: "It is another if something was added."},
		{key: "patch", typ: numberType, value: 0, says: "It is another if something was mended."},
		{key: "prerelease", typ: listType, nullable: true, says: "What it is before its release; null."},
		{key: "build", typ: listType, nullable: true, says: "What has built it; null."},
	}}
}
