package envelope

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// This file has the plain encoder: encoding/json over structs that have the
// contract's keys as tags. It is what the fast one is measured against, and
// what it has to agree with.

type plainEnvelope struct {
	EnvelopeVersion string     `json:"envelope_version"`
	EventID         uuid.UUID  `json:"event_id"`
	EventType       string     `json:"event_type"`
	EventVersion    string     `json:"event_version"`
	EventTimestamp  plainTime  `json:"event_timestamp"`
	SourceNodeID    string     `json:"source_node_id"`
	SourceService   *string    `json:"source_service"`
	SourceVersion   *string    `json:"source_version"`
	SourceInstance  *string    `json:"source_instance"`
	CorrelationID   *uuid.UUID `json:"correlation_id"`
	CausationID     *string    `json:"causation_id"`
	Environment     string     `json:"environment"`
	Region          *string    `json:"region"`
	PartitionKey    *string    `json:"partition_key"`
	Payload         any        `json:"payload"`
	Metadata        any        `json:"metadata"`
}

type plainStarted struct {
	Operation     string          `json:"operation"`
	CorrelationID uuid.UUID       `json:"correlation_id"`
	NodeID        string          `json:"node_id"`
	StartedAt     plainTime       `json:"started_at"`
	InputSummary  plainSummary    `json:"input_summary"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
}

type plainCompleted struct {
	Operation       string          `json:"operation"`
	CorrelationID   uuid.UUID       `json:"correlation_id"`
	NodeID          string          `json:"node_id"`
	CompletedAt     plainTime       `json:"completed_at"`
	ExecutionTimeMS float64         `json:"execution_time_ms"`
	ResultSummary   plainSummary    `json:"result_summary"`
	Success         bool            `json:"success"`
	Metadata        json.RawMessage `json:"metadata,omitempty"`
}

type plainFailed struct {
	Operation       string          `json:"operation"`
	CorrelationID   uuid.UUID       `json:"correlation_id"`
	NodeID          string          `json:"node_id"`
	FailedAt        plainTime       `json:"failed_at"`
	ExecutionTimeMS float64         `json:"execution_time_ms"`
	ErrorType       string          `json:"error_type"`
	ErrorMessage    string          `json:"error_message"`
	Success         bool            `json:"success"`
	Metadata        json.RawMessage `json:"metadata,omitempty"`
}

type plainState struct {
	NodeID           string          `json:"node_id"`
	NodeType         string          `json:"node_type"`
	CorrelationID    uuid.UUID       `json:"correlation_id"`
	ChangedAt        plainTime       `json:"changed_at"`
	OldState         string          `json:"old_state"`
	NewState         string          `json:"new_state"`
	TransitionReason string          `json:"transition_reason"`
	Metadata         json.RawMessage `json:"metadata,omitempty"`
}

type plainMetric struct {
	NodeID        string          `json:"node_id"`
	NodeType      string          `json:"node_type"`
	RecordedAt    plainTime       `json:"recorded_at"`
	MetricName    string          `json:"metric_name"`
	MetricValue   float64         `json:"metric_value"`
	MetricUnit    string          `json:"metric_unit"`
	CorrelationID *uuid.UUID      `json:"correlation_id,omitempty"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
}

type plainMetadata struct {
	NodeType        string   `json:"node_type"`
	ServiceName     string   `json:"service_name"`
	Operation       *string  `json:"operation,omitempty"`
	LifecycleStage  string   `json:"lifecycle_stage,omitempty"`
	EventCategory   string   `json:"event_category,omitempty"`
	ErrorType       *string  `json:"error_type,omitempty"`
	ExecutionTimeMS *float64 `json:"execution_time_ms,omitempty"`
	OldState        *string  `json:"old_state,omitempty"`
	NewState        *string  `json:"new_state,omitempty"`
	MetricName      *string  `json:"metric_name,omitempty"`
	MetricUnit      *string  `json:"metric_unit,omitempty"`
}

// plainTime is written as Python's isoformat writes a time in UTC.
type plainTime struct{ time.Time }

func (t plainTime) MarshalJSON() ([]byte, error) {
	layout := `"2006-01-02T15:04:05.000000+00:00"`
	if t.Nanosecond() < 1000 {
		layout = `"2006-01-02T15:04:05+00:00"`
	}
	return []byte(t.UTC().Format(layout)), nil
}

// plainSummary is a map in an order.
type plainSummary Summary

func (s plainSummary) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range s {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := plainJSON(f.Key)
		if err != nil {
			return nil, err
		}
		name, err := plainJSON(f.Type)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), name...)
	}
	return append(b, '}'), nil
}

func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// plainOf returns e with p in it as the structs above have them.
func plainOf(e *V1, p Payload, nodeType, service string) plainEnvelope {
	metadata := func(m json.RawMessage) json.RawMessage {
		if t := bytes.TrimSpace(m); len(t) < 2 || len(bytes.TrimSpace(t[1:len(t)-1])) == 0 {
			return nil
		}
		return m
	}
	own := plainMetadata{NodeType: nodeType, ServiceName: service}
	var payload any
	switch p := p.(type) {
	case OperationStarted:
		payload = plainStarted{p.Operation, p.CorrelationID, p.NodeID, plainTime{p.StartedAt}, plainSummary(p.InputSummary), metadata(p.Metadata)}
		own.Operation, own.LifecycleStage = &p.Operation, "started"
	case OperationCompleted:
		payload = plainCompleted{p.Operation, p.CorrelationID, p.NodeID, plainTime{p.CompletedAt}, p.ExecutionTimeMS, plainSummary(p.ResultSummary), true, metadata(p.Metadata)}
		own.Operation, own.LifecycleStage, own.ExecutionTimeMS = &p.Operation, "completed", &p.ExecutionTimeMS
	case OperationFailed:
		payload = plainFailed{p.Operation, p.CorrelationID, p.NodeID, plainTime{p.FailedAt}, p.ExecutionTimeMS, p.ErrorType, p.ErrorMessage, false, metadata(p.Metadata)}
		own.Operation, own.LifecycleStage, own.ExecutionTimeMS, own.ErrorType = &p.Operation, "failed", &p.ExecutionTimeMS, &p.ErrorType
	case StateChanged:
		payload = plainState{p.NodeID, p.NodeType, p.CorrelationID, plainTime{p.ChangedAt}, p.OldState, p.NewState, p.TransitionReason, metadata(p.Metadata)}
		own.EventCategory, own.OldState, own.NewState = "state_transition", &p.OldState, &p.NewState
	case MetricRecorded:
		payload = plainMetric{p.NodeID, p.NodeType, plainTime{p.RecordedAt}, p.MetricName, p.MetricValue, p.MetricUnit, p.CorrelationID, metadata(p.Metadata)}
		own.EventCategory, own.MetricName, own.MetricUnit = "metric", &p.MetricName, &p.MetricUnit
	}
	return plainEnvelope{
		e.EnvelopeVersion, e.EventID, e.EventType, e.EventVersion,
		plainTime{e.EventTimestamp},
		e.SourceNodeID,
		e.SourceService, e.SourceVersion, e.SourceInstance, e.CorrelationID, e.CausationID, e.Environment, e.Region, e.PartitionKey,
		payload, own,
	}
}

// canonical gives two JSON texts the same bytes if they hold the same values
// with their keys in the same order, however strings and numbers are spelt.
func canonical(t testing.TB, raw []byte) string {
	t.Helper()
	b, err := jsontext.AppendFormat(nil, raw, jsontext.AllowDuplicateNames(true), jsontext.CanonicalizeRawFloats(true))
	if err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return string(b)
}
