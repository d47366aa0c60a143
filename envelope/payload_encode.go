package envelope

// AppendJSON implements [Payload].
func (p OperationStarted) AppendJSON(b []byte) ([]byte, error) { return appendPayload(b, p) }

// AppendJSON implements [Payload].
func (p OperationCompleted) AppendJSON(b []byte) ([]byte, error) { return appendPayload(b, p) }

// AppendJSON implements [Payload].
func (p OperationFailed) AppendJSON(b []byte) ([]byte, error) { return appendPayload(b, p) }

// AppendJSON implements [Payload].
func (p StateChanged) AppendJSON(b []byte) ([]byte, error) { return appendPayload(b, p) }

// AppendJSON implements [Payload].
func (p MetricRecorded) AppendJSON(b []byte) ([]byte, error) { return appendPayload(b, p) }

func appendPayload(b []byte, p Payload) ([]byte, error) {
	w := begin(b)
	w.raw([]byte("{"))
	p.writeHead(w)
	p.writeTail(w)
	w.raw([]byte("}"))
	return w.end()
}

func (p OperationStarted) writeHead(w *writer)   { w.text("operation", p.Operation) }
func (p OperationCompleted) writeHead(w *writer) { w.text("operation", p.Operation) }
func (p OperationFailed) writeHead(w *writer)    { w.text("operation", p.Operation) }
func (p StateChanged) writeHead(*writer)         {}
func (p MetricRecorded) writeHead(*writer)       {}

func (p OperationStarted) writeTail(w *writer) {
	w.uuid("correlation_id", p.CorrelationID)
	w.text("node_id", p.NodeID)
	w.timestamp("started_at", p.StartedAt)
	w.summary("input_summary", p.InputSummary, p.InputJSON)
	w.callersMetadata(p.Metadata)
}

func (p OperationCompleted) writeTail(w *writer) {
	w.uuid("correlation_id", p.CorrelationID)
	w.text("node_id", p.NodeID)
	w.timestamp("completed_at", p.CompletedAt)
	w.float("execution_time_ms", p.ExecutionTimeMS)
	w.summary("result_summary", p.ResultSummary, p.ResultJSON)
	w.bool("success", true)
	w.callersMetadata(p.Metadata)
}

func (p OperationFailed) writeTail(w *writer) {
	w.uuid("correlation_id", p.CorrelationID)
	w.text("node_id", p.NodeID)
	w.timestamp("failed_at", p.FailedAt)
	w.float("execution_time_ms", p.ExecutionTimeMS)
	w.text("error_type", p.ErrorType)
	w.text("error_message", p.ErrorMessage)
	w.bool("success", false)
	w.callersMetadata(p.Metadata)
}

func (p StateChanged) writeTail(w *writer) {
	w.text("node_id", p.NodeID)
	w.text("node_type", p.NodeType)
	w.uuid("correlation_id", p.CorrelationID)
	w.timestamp("changed_at", p.ChangedAt)
	w.text("old_state", p.OldState)
	w.text("new_state", p.NewState)
	w.text("transition_reason", p.TransitionReason)
	w.callersMetadata(p.Metadata)
}

func (p MetricRecorded) writeTail(w *writer) {
	w.text("node_id", p.NodeID)
	w.text("node_type", p.NodeType)
	w.timestamp("recorded_at", p.RecordedAt)
	w.text("metric_name", p.MetricName)
	w.float("metric_value", p.MetricValue)
	w.text("metric_unit", p.MetricUnit)
	if p.CorrelationID != nil {
		w.uuid("correlation_id", *p.CorrelationID)
	}
	w.callersMetadata(p.Metadata)
}

func (p OperationStarted) writeMetadataTail(*writer) {}

func (p OperationCompleted) writeMetadataTail(w *writer) {
	w.float("execution_time_ms", p.ExecutionTimeMS)
}

func (p OperationFailed) writeMetadataTail(w *writer) {
	w.text("error_type", p.ErrorType)
	w.float("execution_time_ms", p.ExecutionTimeMS)
}

func (p StateChanged) writeMetadataTail(w *writer) {
	w.text("old_state", p.OldState)
	w.text("new_state", p.NewState)
}

func (p MetricRecorded) writeMetadataTail(w *writer) {
	w.text("metric_name", p.MetricName)
	w.text("metric_unit", p.MetricUnit)
}

func (p OperationStarted) kind() kind {
	return kind{payloadType: "OperationStarted", operation: p.Operation, stage: stageStarted}
}

func (p OperationCompleted) kind() kind {
	return kind{payloadType: "OperationCompleted", operation: p.Operation, stage: stageCompleted}
}

func (p OperationFailed) kind() kind {
	return kind{payloadType: "OperationFailed", operation: p.Operation, stage: stageFailed}
}

func (p StateChanged) kind() kind {
	return kind{payloadType: "StateChanged", category: "state_transition"}
}

func (p MetricRecorded) kind() kind { return kind{payloadType: "MetricRecorded", category: "metric"} }
