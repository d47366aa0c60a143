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
	w.payload(p, p.head())
	w.raw([]byte("}"))
	return w.end()
}

// payload writes all members of p, whose head is h.
func (w *writer) payload(p Payload, h head) {
	if operation, timeKey := p.opening(); timeKey != "" {
		w.text("operation", operation)
		w.uuid("correlation_id", h.correlationID.UUID)
		w.text("node_id", h.nodeID)
		w.timestamp(timeKey, h.at)
	}
	p.write(w)
}

func (p OperationStarted) opening() (string, string)   { return p.Operation, "started_at" }
func (p OperationCompleted) opening() (string, string) { return p.Operation, "completed_at" }
func (p OperationFailed) opening() (string, string)    { return p.Operation, "failed_at" }
func (p StateChanged) opening() (string, string)       { return "", "" }
func (p MetricRecorded) opening() (string, string)     { return "", "" }

func (p OperationStarted) write(w *writer) {
	w.summary("input_summary", p.InputSummary, p.InputJSON)
	w.callersMetadata(p.Metadata)
}

func (p OperationCompleted) write(w *writer) {
	w.float("execution_time_ms", p.ExecutionTimeMS)
	w.summary("result_summary", p.ResultSummary, p.ResultJSON)
	w.bool("success", true)
	w.callersMetadata(p.Metadata)
}

func (p OperationFailed) write(w *writer) {
	w.float("execution_time_ms", p.ExecutionTimeMS)
	w.text("error_type", p.ErrorType)
	w.text("error_message", p.ErrorMessage)
	w.bool("success", false)
	w.callersMetadata(p.Metadata)
}

func (p StateChanged) write(w *writer) {
	w.text("node_id", p.NodeID)
	w.text("node_type", p.NodeType)
	w.uuid("correlation_id", p.CorrelationID)
	w.timestamp("changed_at", p.ChangedAt)
	w.text("old_state", p.OldState)
	w.text("new_state", p.NewState)
	w.text("transition_reason", p.TransitionReason)
	w.callersMetadata(p.Metadata)
}

func (p MetricRecorded) write(w *writer) {
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

func (p OperationStarted) writeMetadataHead(w *writer, nodeType, service string) {
	lifecycleHead(w, nodeType, service, p.Operation, stageStarted)
}

func (p OperationCompleted) writeMetadataHead(w *writer, nodeType, service string) {
	lifecycleHead(w, nodeType, service, p.Operation, stageCompleted)
}

func (p OperationFailed) writeMetadataHead(w *writer, nodeType, service string) {
	lifecycleHead(w, nodeType, service, p.Operation, stageFailed)
}

func (p StateChanged) writeMetadataHead(w *writer, nodeType, service string) {
	categoryHead(w, nodeType, service, "state_transition")
}

func (p MetricRecorded) writeMetadataHead(w *writer, nodeType, service string) {
	categoryHead(w, nodeType, service, "metric")
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

func lifecycleHead(w *writer, nodeType, service, operation, stage string) {
	w.text("node_type", nodeType)
	w.text("service_name", service)
	w.text("operation", operation)
	w.text("lifecycle_stage", stage)
}

func categoryHead(w *writer, nodeType, service, category string) {
	w.text("node_type", nodeType)
	w.text("service_name", service)
	w.text("event_category", category)
}
