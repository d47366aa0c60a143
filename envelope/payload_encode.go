package envelope

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// AppendJSON implements [Payload].
func (p OperationStarted) AppendJSON(b []byte) ([]byte, error) {
	w := begin(b)
	w.text("operation", p.Operation)
	w.uuid("correlation_id", p.CorrelationID)
	w.text("node_id", p.NodeID)
	w.time("started_at", p.StartedAt)
	w.summary("input_summary", p.InputSummary, p.InputJSON)
	w.callersMetadata(p.Metadata)
	return w.end()
}

// AppendJSON implements [Payload].
func (p OperationCompleted) AppendJSON(b []byte) ([]byte, error) {
	w := begin(b)
	w.text("operation", p.Operation)
	w.uuid("correlation_id", p.CorrelationID)
	w.text("node_id", p.NodeID)
	w.time("completed_at", p.CompletedAt)
	w.float("execution_time_ms", p.ExecutionTimeMS)
	w.summary("result_summary", p.ResultSummary, p.ResultJSON)
	w.bool("success", true)
	w.callersMetadata(p.Metadata)
	return w.end()
}

// AppendJSON implements [Payload].
func (p OperationFailed) AppendJSON(b []byte) ([]byte, error) {
	w := begin(b)
	w.text("operation", p.Operation)
	w.uuid("correlation_id", p.CorrelationID)
	w.text("node_id", p.NodeID)
	w.time("failed_at", p.FailedAt)
	w.float("execution_time_ms", p.ExecutionTimeMS)
	w.text("error_type", p.ErrorType)
	w.text("error_message", p.ErrorMessage)
	w.bool("success", false)
	w.callersMetadata(p.Metadata)
	return w.end()
}

// AppendJSON implements [Payload].
func (p StateChanged) AppendJSON(b []byte) ([]byte, error) {
	w := begin(b)
	w.text("node_id", p.NodeID)
	w.text("node_type", p.NodeType)
	w.uuid("correlation_id", p.CorrelationID)
	w.time("changed_at", p.ChangedAt)
	w.text("old_state", p.OldState)
	w.text("new_state", p.NewState)
	w.text("transition_reason", p.TransitionReason)
	w.callersMetadata(p.Metadata)
	return w.end()
}

// AppendJSON implements [Payload].
func (p MetricRecorded) AppendJSON(b []byte) ([]byte, error) {
	w := begin(b)
	w.text("node_id", p.NodeID)
	w.text("node_type", p.NodeType)
	w.time("recorded_at", p.RecordedAt)
	w.text("metric_name", p.MetricName)
	w.float("metric_value", p.MetricValue)
	w.text("metric_unit", p.MetricUnit)
	if p.CorrelationID != nil {
		w.uuid("correlation_id", *p.CorrelationID)
	}
	w.callersMetadata(p.Metadata)
	return w.end()
}

func (p OperationStarted) appendMetadataHead(b []byte, nodeType, service string) []byte {
	return lifecycleHead(b, nodeType, service, p.Operation, stageStarted)
}

func (p OperationCompleted) appendMetadataHead(b []byte, nodeType, service string) []byte {
	return lifecycleHead(b, nodeType, service, p.Operation, stageCompleted)
}

func (p OperationFailed) appendMetadataHead(b []byte, nodeType, service string) []byte {
	return lifecycleHead(b, nodeType, service, p.Operation, stageFailed)
}

func (p StateChanged) appendMetadataHead(b []byte, nodeType, service string) []byte {
	return categoryHead(b, nodeType, service, "state_transition")
}

func (p MetricRecorded) appendMetadataHead(b []byte, nodeType, service string) []byte {
	return categoryHead(b, nodeType, service, "metric")
}

func (p OperationStarted) appendMetadataTail(b []byte) ([]byte, error) {
	w := resume(b)
	return w.end()
}

func (p OperationCompleted) appendMetadataTail(b []byte) ([]byte, error) {
	w := resume(b)
	w.float("execution_time_ms", p.ExecutionTimeMS)
	return w.end()
}

func (p OperationFailed) appendMetadataTail(b []byte) ([]byte, error) {
	w := resume(b)
	w.text("error_type", p.ErrorType)
	w.float("execution_time_ms", p.ExecutionTimeMS)
	return w.end()
}

func (p StateChanged) appendMetadataTail(b []byte) ([]byte, error) {
	w := resume(b)
	w.text("old_state", p.OldState)
	w.text("new_state", p.NewState)
	return w.end()
}

func (p MetricRecorded) appendMetadataTail(b []byte) ([]byte, error) {
	w := resume(b)
	w.text("metric_name", p.MetricName)
	w.text("metric_unit", p.MetricUnit)
	return w.end()
}

func lifecycleHead(b []byte, nodeType, service, operation, stage string) []byte {
	w := begin(b)
	w.text("node_type", nodeType)
	w.text("service_name", service)
	w.text("operation", operation)
	w.text("lifecycle_stage", stage)
	return w.b
}

func categoryHead(b []byte, nodeType, service, category string) []byte {
	w := begin(b)
	w.text("node_type", nodeType)
	w.text("service_name", service)
	w.text("event_category", category)
	return w.b
}

// writer appends the members of one JSON object and keeps the first error, so
// that an encoder reads as the list of its keys.
type writer struct {
	b     []byte
	start int
	err   error
}

func begin(b []byte) writer { return writer{b: append(b, '{'), start: len(b)} }

// resume goes on with an object that has members already.
func resume(b []byte) writer { return writer{b: b, start: len(b)} }

// end closes the object. After an error it returns the bytes that begin got.
func (w *writer) end() ([]byte, error) {
	if w.err != nil {
		return w.b[:w.start], w.err
	}
	return append(w.b, '}'), nil
}

func (w *writer) key(key string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, key...)
	w.b = append(w.b, '"', ':')
}

func (w *writer) fail(key string, err error) {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("%s: %w", key, err)
	}
}

func (w *writer) text(key, s string) {
	w.key(key)
	w.b = appendString(w.b, s)
}

func (w *writer) uuid(key string, id uuid.UUID) {
	w.key(key)
	w.b = appendUUID(w.b, id)
}

func (w *writer) bool(key string, v bool) {
	w.key(key)
	if v {
		w.b = append(w.b, "true"...)
	} else {
		w.b = append(w.b, "false"...)
	}
}

func (w *writer) time(key string, t time.Time) {
	var err error
	w.key(key)
	w.b, err = appendTime(w.b, t)
	w.fail(key, err)
}

func (w *writer) float(key string, f float64) {
	var err error
	w.key(key)
	w.b, err = appendFloat(w.b, f)
	w.fail(key, err)
}

func (w *writer) summary(key string, s Summary, encoded []byte) {
	w.key(key)
	if encoded != nil {
		w.b = append(w.b, encoded...)
		return
	}
	w.b = s.appendJSON(w.b)
}

// callersMetadata writes the caller's own metadata, unless it is empty.
func (w *writer) callersMetadata(raw json.RawMessage) {
	if len(raw) == 0 {
		return
	}
	undo := len(w.b)
	w.key("metadata")
	value := len(w.b)
	var err error
	w.b, err = appendObject(w.b, raw)
	w.fail("metadata", err)
	if string(w.b[value:]) == "{}" {
		w.b = w.b[:undo]
	}
}
