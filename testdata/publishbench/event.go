package main

import (
	"time"

	"github.com/google/uuid"
)

// The events that the peers publish are those of onexevents: that an operation
// has started. They write them as one does, with encoding/json.

type envelopeStruct struct {
	EnvelopeVersion string         `json:"envelope_version"`
	EventID         string         `json:"event_id"`
	EventType       string         `json:"event_type"`
	EventVersion    string         `json:"event_version"`
	EventTimestamp  string         `json:"event_timestamp"`
	SourceNodeID    string         `json:"source_node_id"`
	SourceService   *string        `json:"source_service"`
	SourceVersion   *string        `json:"source_version"`
	SourceInstance  *string        `json:"source_instance"`
	CorrelationID   *string        `json:"correlation_id"`
	CausationID     *string        `json:"causation_id"`
	Environment     string         `json:"environment"`
	Region          *string        `json:"region"`
	PartitionKey    *string        `json:"partition_key"`
	Payload         payloadStruct  `json:"payload"`
	Metadata        metadataStruct `json:"metadata"`
}

type payloadStruct struct {
	Operation     string            `json:"operation"`
	CorrelationID string            `json:"correlation_id"`
	NodeID        string            `json:"node_id"`
	StartedAt     string            `json:"started_at"`
	InputSummary  map[string]string `json:"input_summary"`
}

type metadataStruct struct {
	NodeType       string `json:"node_type"`
	ServiceName    string `json:"service_name"`
	Operation      string `json:"operation"`
	LifecycleStage string `json:"lifecycle_stage"`
}

const eventType = "effect.stamp.started"

func structOf(correlationID string) *envelopeStruct {
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000000+00:00")
	service := "stamping"
	return &envelopeStruct{
		EnvelopeVersion: "1.0",
		EventID:         uuid.NewString(),
		EventType:       eventType,
		EventVersion:    "1.0",
		EventTimestamp:  now,
		SourceNodeID:    "stamper-1",
		SourceService:   &service,
		CorrelationID:   &correlationID,
		Environment:     "development",
		Payload:         payloadOf(correlationID, now),
		Metadata:        metadataStruct{"effect", "stamping", "stamp", "started"},
	}
}

func payloadOf(correlationID, now string) payloadStruct {
	return payloadStruct{
		Operation:     "stamp",
		CorrelationID: correlationID,
		NodeID:        "stamper-1",
		StartedAt:     now,
		InputSummary:  map[string]string{"id": "str", "text": "str"},
	}
}

func mapOf(correlationID string) map[string]any {
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000000+00:00")
	return map[string]any{
		"envelope_version": "1.0",
		"event_id":         uuid.NewString(),
		"event_type":       eventType,
		"event_version":    "1.0",
		"event_timestamp":  now,
		"source_node_id":   "stamper-1",
		"source_service":   "stamping",
		"source_version":   nil,
		"source_instance":  nil,
		"correlation_id":   correlationID,
		"causation_id":     nil,
		"environment":      "development",
		"region":           nil,
		"partition_key":    nil,
		"payload": map[string]any{
			"operation":      "stamp",
			"correlation_id": correlationID,
			"node_id":        "stamper-1",
			"started_at":     now,
			"input_summary":  map[string]any{"id": "str", "text": "str"},
		},
		"metadata": map[string]any{
			"node_type":       "effect",
			"service_name":    "stamping",
			"operation":       "stamp",
			"lifecycle_stage": "started",
		},
	}
}
