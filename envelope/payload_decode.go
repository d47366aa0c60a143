package envelope

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrEventType is wrapped by the error for an event type that is none of the
// five.
var ErrEventType = errors.New("unknown event type")

// DecodePayload reads the payload that e.EventType announces. Every key of the
// contract's table that is not in brackets has to be there; unknown keys are
// ignored. An event type that is none of the five gives an error that wraps
// [ErrEventType]; e.Payload is still there for whoever knows better.
func (e *V1) DecodePayload() (Payload, error) {
	return decodePayload(scanner{text: string(e.Payload), deep: true}, e.EventType, decoderOf(e.EventType))
}

// DecodePayload reads the payload that e.PayloadType announces, or where it is
// null what [V2.Event] has for a type. Otherwise it is as [V1.DecodePayload].
func (e *V2) DecodePayload() (Payload, error) {
	name := e.Event().Type
	decode := decoderOf(name)
	if e.PayloadType != nil {
		decode = decoders[*e.PayloadType]
	}
	return decodePayload(scanner{text: string(e.Payload), deep: true, python: true}, name, decode)
}

func decodePayload(payload scanner, eventType string, decode func(*reader) Payload) (Payload, error) {
	if decode == nil {
		return nil, fmt.Errorf("envelope: %w %q", ErrEventType, eventType)
	}
	r, err := readText([]byte(payload.text), payload)
	if err != nil {
		return nil, fmt.Errorf("envelope: the payload of %s %w", eventType, err)
	}
	defer r.free()
	p := decode(r)
	if r.err != nil {
		return nil, fmt.Errorf("envelope: payload of %s: %w", eventType, r.err)
	}
	return p, nil
}

// decoders are the payloads by the names of their types.
var decoders = map[string]func(*reader) Payload{
	OperationStarted{}.kind().payloadType:   decodeStarted,
	OperationCompleted{}.kind().payloadType: decodeCompleted,
	OperationFailed{}.kind().payloadType:    decodeFailed,
	StateChanged{}.kind().payloadType:       decodeStateChanged,
	MetricRecorded{}.kind().payloadType:     decodeMetricRecorded,
}

// decoderOf tells the five kinds of event apart by their type:
// "{type}.{op}.{stage}", "{type}.state.changed" or "{type}.metric.recorded".
func decoderOf(eventType string) func(*reader) Payload {
	_, rest, _ := strings.Cut(eventType, ".")
	switch rest {
	case stateChanged:
		return decodeStateChanged
	case metricRecorded:
		return decodeMetricRecorded
	}
	_, stage, _ := strings.Cut(rest, ".")
	switch stage {
	case stageStarted:
		return decodeStarted
	case stageCompleted:
		return decodeCompleted
	case stageFailed:
		return decodeFailed
	}
	return nil
}

func decodeStarted(r *reader) Payload {
	return OperationStarted{
		Operation:     r.string("operation"),
		CorrelationID: r.uuid("correlation_id"),
		NodeID:        r.string("node_id"),
		StartedAt:     r.time("started_at"),
		InputSummary:  r.summary("input_summary"),
		Metadata:      r.object("metadata"),
	}
}

func decodeCompleted(r *reader) Payload {
	p := OperationCompleted{
		Operation:       r.string("operation"),
		CorrelationID:   r.uuid("correlation_id"),
		NodeID:          r.string("node_id"),
		CompletedAt:     r.time("completed_at"),
		ExecutionTimeMS: r.float("execution_time_ms"),
		ResultSummary:   r.summary("result_summary"),
		Metadata:        r.object("metadata"),
	}
	r.literal("success", "true")
	return p
}

func decodeFailed(r *reader) Payload {
	p := OperationFailed{
		Operation:       r.string("operation"),
		CorrelationID:   r.uuid("correlation_id"),
		NodeID:          r.string("node_id"),
		FailedAt:        r.time("failed_at"),
		ExecutionTimeMS: r.float("execution_time_ms"),
		ErrorType:       r.string("error_type"),
		ErrorMessage:    r.string("error_message"),
		Metadata:        r.object("metadata"),
	}
	r.literal("success", "false")
	return p
}

func decodeStateChanged(r *reader) Payload {
	return StateChanged{
		NodeID:           r.string("node_id"),
		NodeType:         r.string("node_type"),
		CorrelationID:    r.uuid("correlation_id"),
		ChangedAt:        r.time("changed_at"),
		OldState:         r.string("old_state"),
		NewState:         r.string("new_state"),
		TransitionReason: r.string("transition_reason"),
		Metadata:         r.object("metadata"),
	}
}

func decodeMetricRecorded(r *reader) Payload {
	p := MetricRecorded{
		NodeID:      r.string("node_id"),
		NodeType:    r.string("node_type"),
		RecordedAt:  r.time("recorded_at"),
		MetricName:  r.string("metric_name"),
		MetricValue: r.float("metric_value"),
		MetricUnit:  r.string("metric_unit"),
		Metadata:    r.object("metadata"),
	}
	if r.find("correlation_id") != nil {
		id := r.uuid("correlation_id")
		p.CorrelationID = &id
	}
	return p
}

// summary reads an object of strings in the order in which it was written.
func (r *reader) summary(key string) Summary {
	object := r.objectAt(key)
	if object == nil {
		r.fail(key, errMissing) // unless it has failed already
		return nil
	}
	members := r.inner[object.from:object.to]
	s := make(Summary, 0, len(members))
	var places map[string]int // of keys that are too many to look at them all
	if len(members) > fewKeys {
		places = make(map[string]int, len(members))
	}
	marks := uint64(0)
	for i := range members {
		m := &members[i]
		name, err := r.stringOf(m)
		if err != nil {
			r.fail(key+"."+m.name, err)
			return nil
		}
		// As in Python's dict, a key keeps the place of its first coming and
		// the value of its last.
		mark := markOf(m.name)
		if marks&mark != 0 {
			at, known := places[m.name]
			if places == nil {
				at = slices.IndexFunc(s, func(f SummaryField) bool { return f.Key == m.name })
				known = at >= 0
			}
			if known {
				s[at].Type = name
				continue
			}
		}
		marks |= mark
		if places != nil {
			places[m.name] = len(s)
		}
		s = append(s, SummaryField{m.name, name})
	}
	return s
}

const fewKeys = 16
