package catalog

import (
	"fmt"
	"slices"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// lifecycleMessage returns what is published when op has reached a stage.
func lifecycleMessage(n *annotate.Node, op annotate.Operation, e naming.Event) []field {
	operation := field{key: "operation", value: op.Name, fixed: true, says: "The operation."}
	elapsed := field{key: "execution_time_ms", typ: numberType, value: 41.25, says: "How long the operation took, in milliseconds."}
	errorType := field{key: "error_type", value: "TimeoutError", says: "Name of the error's type."}
	completed := e.Stage == "completed"
	success := field{key: "success", typ: booleanType, value: completed, fixed: true, says: fmt.Sprintf("Whether the operation has completed: %t.", completed)}

	payload := []field{operation, correlation(), nodeID(n), when(e, "the operation "+e.Stage)}
	metadata := append(source(n), operation,
		field{key: "lifecycle_stage", value: e.Stage, fixed: true, says: "How far the operation has come: " + e.Stage + "."})
	switch e.Stage {
	case "started":
		payload = append(payload, summaryOf(n, "input", op.Input))
	case "completed":
		payload = append(payload, elapsed, summaryOf(n, "result", op.Result), success)
		metadata = append(metadata, elapsed)
	case "failed":
		payload = append(payload, elapsed, errorType,
			field{key: "error_message", value: "the archive did not answer in time", says: "Text of the error, without its credentials, and cut to a limit."},
			success)
		metadata = append(metadata, errorType, elapsed)
	}
	return message(n, e, append(payload, callersMetadata()), metadata)
}

// stateMessage returns what is published when the node's state has changed.
func stateMessage(n *annotate.Node, e naming.Event) []field {
	before := field{key: "old_state", value: "idle", says: "State that the node was in."}
	after := field{key: "new_state", value: "running", says: "State that the node is in now."}
	return message(n, e, []field{
		nodeID(n), nodeType(n), correlation(), when(e, "the state changed"), before, after,
		{key: "transition_reason", value: "a request came in", says: "Why the state changed."},
		callersMetadata(),
	}, append(source(n), category("state_transition"), before, after))
}

// metricMessage returns what is published when the node has recorded a metric.
func metricMessage(n *annotate.Node, e naming.Event) []field {
	name := field{key: "metric_name", value: "cpu_load", says: "Name of the metric."}
	unit := field{key: "metric_unit", value: "ratio", says: "Unit of the value."}
	correlation := correlation()
	correlation.optional = true
	return message(n, e, []field{
		nodeID(n), nodeType(n), when(e, "the metric was recorded"), name,
		{key: "metric_value", typ: numberType, value: 0.75, says: "Value of the metric."},
		unit, correlation, callersMetadata(),
	}, append(source(n), category("metric"), name, unit))
}

// The fields that several payloads have, or several metadata.

func nodeID(n *annotate.Node) field {
	return field{key: "node_id", value: exampleNodeID(n), says: "Id of the node."}
}

func nodeType(n *annotate.Node) field {
	return field{key: "node_type", value: n.Type, fixed: true, says: "Type of the node."}
}

func correlation() field {
	return field{key: "correlation_id", typ: uuidType, value: exampleCorrelation, says: "Shared by all events of one request."}
}

func when(e naming.Event, what string) field {
	return field{key: e.Stage + "_at", typ: timeType, value: exampleTime, says: "When " + what + ", in UTC."}
}

// anySummary is an example of a summary whose keys are not known.
var anySummary = ordered{{"document", "str"}, {"pages", "int"}}

func summaryOf(n *annotate.Node, what string, t *annotate.Type) field {
	f := field{
		key: what + "_summary", typ: summaryType, value: anySummary,
		says: "The keys of the " + what + " and the names of their types, never a value.",
	}
	keys, known := summaryKeys(n, t)
	// Whatever reads a schema or an example takes the key $ref for a reference.
	if !known || slices.ContainsFunc(keys, func(k summaryKey) bool { return k.key == "$ref" }) {
		return f
	}
	f.fields = []field{}
	for _, k := range keys {
		key := field{key: k.key, value: k.names[0], optional: !k.fixed, says: "Name of the type."}
		switch {
		case k.names[0] == anyType:
			key.value = "str"
		case len(k.names) == 1:
			key.fixed = true
		default:
			key.pattern = "^(" + k.namesOf() + ")$"
		}
		f.fields = append(f.fields, key)
	}
	return f
}

func callersMetadata() field {
	return field{key: "metadata", typ: objectType, value: ordered{{"attempt", 2}}, optional: true, says: "What the caller has added of its own."}
}

func source(n *annotate.Node) []field {
	return []field{nodeType(n), {key: "service_name", value: n.Service, fixed: true, says: "Service that the node belongs to."}}
}

func category(name string) field {
	return field{key: "event_category", value: name, fixed: true, says: "Kind of the event: " + name + "."}
}
