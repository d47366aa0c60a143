package envelope

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Payload is what an event says: one of [OperationStarted],
// [OperationCompleted], [OperationFailed], [StateChanged] and
// [MetricRecorded].
//
// The Metadata of each is the caller's own, a JSON object that goes last; nil
// or an empty object leaves the key out.
type Payload interface {
	// EventType returns the type of the event when a node of the given type
	// publishes it, such as "effect.stamp.started".
	EventType(nodeType string) string

	// AppendJSON appends the payload's JSON to b. It reports a number that
	// JSON cannot carry, a time outside of the years 1 to 9999, and Metadata
	// that is not a JSON object.
	AppendJSON(b []byte) ([]byte, error)

	head() head

	// writeHead begins the payload's members with what is the same for all events
	// of the payload's type; writeTail goes on with what is this event's.
	writeHead(w *writer)
	writeTail(w *writer)

	// kind is what the envelope's metadata begins with; writeMetadataTail goes on
	// with what is this event's.
	kind() kind
	writeMetadataTail(w *writer)
}

// kind is what all events of a payload's type and operation have in common. A
// payload of an operation has a stage, another one a category.
type kind struct{ payloadType, operation, stage, category string }

// each calls yield for what the metadata of an envelope says of the kind.
func (k kind) each(yield func(key, value string)) {
	if k.category != "" {
		yield(keyCategory, k.category)
		return
	}
	yield(keyOperation, k.operation)
	yield(keyStage, k.stage)
}

// writeMetadataHead begins the envelope's metadata with what is the same for all
// events of p's type and operation.
func writeMetadataHead(w *writer, p Payload, nodeType, service string) {
	w.text(keyNodeType, nodeType)
	w.text(keyService, service)
	p.kind().each(w.text)
}

// The keys of what a [V1] says of an event in its metadata and in fields of its
// own, and a [V2] in its tags.
const (
	keyService     = "service_name"
	keyNodeID      = "instance_id"
	keyNodeType    = "node_type"
	keyOperation   = "operation"
	keyStage       = "lifecycle_stage"
	keyCategory    = "event_category"
	keyEnvironment = "environment"
	keyCausation   = "causation_id"
)

// head is what an envelope repeats of its payload.
type head struct {
	nodeID        string
	correlationID uuid.NullUUID
	at            time.Time
}

// OperationStarted says that an operation has begun. JSON keys: operation,
// correlation_id, node_id, started_at, input_summary, [metadata] (envelope/contract.md,
// section 2).
type OperationStarted struct {
	Operation     string
	CorrelationID uuid.UUID
	NodeID        string
	StartedAt     time.Time
	InputSummary  Summary
	InputJSON     []byte // if not nil, the summary's JSON (SummaryJSON), in its place
	Metadata      json.RawMessage
}

// OperationCompleted says that an operation has returned a result. JSON keys:
// operation, correlation_id, node_id, completed_at, execution_time_ms,
// result_summary, success (true), [metadata] (envelope/contract.md, section 2).
type OperationCompleted struct {
	Operation       string
	CorrelationID   uuid.UUID
	NodeID          string
	CompletedAt     time.Time
	ExecutionTimeMS float64 // milliseconds
	ResultSummary   Summary
	ResultJSON      []byte // if not nil, the summary's JSON (SummaryJSON), in its place
	Metadata        json.RawMessage
}

// OperationFailed says that an operation has returned an error. JSON keys:
// operation, correlation_id, node_id, failed_at, execution_time_ms,
// error_type, error_message, success (false), [metadata] (envelope/contract.md, section 2).
type OperationFailed struct {
	Operation       string
	CorrelationID   uuid.UUID
	NodeID          string
	FailedAt        time.Time
	ExecutionTimeMS float64 // milliseconds
	ErrorType       string
	ErrorMessage    string
	Metadata        json.RawMessage
}

// StateChanged says that a node has gone from one state to another. JSON keys:
// node_id, node_type, correlation_id, changed_at, old_state, new_state,
// transition_reason, [metadata] (envelope/contract.md, section 2).
type StateChanged struct {
	NodeID           string
	NodeType         string
	CorrelationID    uuid.UUID
	ChangedAt        time.Time
	OldState         string
	NewState         string
	TransitionReason string
	Metadata         json.RawMessage
}

// MetricRecorded says what a node has measured. JSON keys: node_id, node_type,
// recorded_at, metric_name, metric_value, metric_unit, [correlation_id],
// [metadata] (envelope/contract.md, section 2).
type MetricRecorded struct {
	NodeID        string
	NodeType      string
	RecordedAt    time.Time
	MetricName    string
	MetricValue   float64
	MetricUnit    string
	CorrelationID *uuid.UUID // nil leaves the key out
	Metadata      json.RawMessage
}

// Wrap returns the envelope of p, published under id by a node of the given
// type and service. What concerns the process and not the event is left as it
// is by default: the environment is "development", the source fields, the
// causation id, the region and the partition key are null. The errors are
// those of p.AppendJSON.
func Wrap(id uuid.UUID, p Payload, nodeType, service string) (*V1, error) {
	eventType := p.EventType(nodeType)
	payload, err := p.AppendJSON(nil)
	if err != nil {
		return nil, fmt.Errorf("envelope: encode the payload of %s: %w", eventType, err)
	}
	w := begin(nil)
	w.raw([]byte("{"))
	writeMetadataHead(w, p, nodeType, service)
	p.writeMetadataTail(w)
	w.raw([]byte("}"))
	metadata, err := w.end()
	if err != nil {
		return nil, fmt.Errorf("envelope: encode the metadata of %s: %w", eventType, err)
	}
	h := p.head()
	e := &V1{
		EnvelopeVersion: DefaultVersion,
		EventID:         id,
		EventType:       eventType,
		EventVersion:    DefaultVersion,
		EventTimestamp:  h.at,
		SourceNodeID:    h.nodeID,
		Environment:     DefaultEnvironment,
		Payload:         payload,
		Metadata:        metadata,
	}
	if h.correlationID.Valid {
		e.CorrelationID = &h.correlationID.UUID
	}
	return e, nil
}

func (p OperationStarted) head() head {
	return head{p.NodeID, uuid.NullUUID{UUID: p.CorrelationID, Valid: true}, p.StartedAt}
}

func (p OperationCompleted) head() head {
	return head{p.NodeID, uuid.NullUUID{UUID: p.CorrelationID, Valid: true}, p.CompletedAt}
}

func (p OperationFailed) head() head {
	return head{p.NodeID, uuid.NullUUID{UUID: p.CorrelationID, Valid: true}, p.FailedAt}
}

func (p StateChanged) head() head {
	return head{p.NodeID, uuid.NullUUID{UUID: p.CorrelationID, Valid: true}, p.ChangedAt}
}

func (p MetricRecorded) head() head {
	h := head{nodeID: p.NodeID, at: p.RecordedAt}
	if p.CorrelationID != nil {
		h.correlationID = uuid.NullUUID{UUID: *p.CorrelationID, Valid: true}
	}
	return h
}
