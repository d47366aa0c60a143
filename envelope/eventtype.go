package envelope

import "strings"

// The stages of an operation's life, as they end its event types and stand in
// the metadata's lifecycle_stage.
const (
	stageStarted   = "started"
	stageCompleted = "completed"
	stageFailed    = "failed"
)

// What follows the node type in the event types that belong to no operation.
const (
	stateChanged   = "state.changed"
	metricRecorded = "metric.recorded"
)

// EventType returns "{nodeType}.{operation}.started".
func (p OperationStarted) EventType(nodeType string) string {
	return strings.Join([]string{nodeType, p.Operation, stageStarted}, ".")
}

// EventType returns "{nodeType}.{operation}.completed".
func (p OperationCompleted) EventType(nodeType string) string {
	return strings.Join([]string{nodeType, p.Operation, stageCompleted}, ".")
}

// EventType returns "{nodeType}.{operation}.failed".
func (p OperationFailed) EventType(nodeType string) string {
	return strings.Join([]string{nodeType, p.Operation, stageFailed}, ".")
}

// EventType returns "{nodeType}.state.changed".
func (p StateChanged) EventType(nodeType string) string { return nodeType + "." + stateChanged }

// EventType returns "{nodeType}.metric.recorded".
func (p MetricRecorded) EventType(nodeType string) string { return nodeType + "." + metricRecorded }
