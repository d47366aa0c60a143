package envelope_test

import (
	"fmt"
	"log"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

func ExampleWrap() {
	payload := envelope.StateChanged{
		NodeID: "reducer-1", NodeType: "reducer",
		CorrelationID: uuid.MustParse("550e8400-e29b-41d4-a716-446655440000"),
		ChangedAt:     time.Date(2025, 11, 5, 12, 34, 56, 0, time.UTC),
		OldState:      "pending", NewState: "processing", TransitionReason: "workflow_started",
	}
	env, err := envelope.Wrap(uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7"), payload, "reducer", "bridge-reducer")
	if err != nil {
		log.Fatal(err)
	}
	value, err := env.AppendJSON(nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(env.RecordKey())
	fmt.Printf("%.102s…\n", value)
	// Output:
	// 550e8400-e29b-41d4-a716-446655440000
	// {"envelope_version":"1.0","event_id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","event_type":"reducer.stat…
}

func ExampleDecode() {
	value := []byte(`{
		"event_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "event_type": "compute.metric.recorded",
		"event_timestamp": "2025-11-05T12:34:56+00:00", "source_node_id": "c-1",
		"payload": {"node_id": "c-1", "node_type": "compute", "recorded_at": "2025-11-05T12:34:56+00:00",
			"metric_name": "latency", "metric_value": 1.25, "metric_unit": "ms"}
	}`)
	env, err := envelope.Decode(value)
	if err != nil {
		log.Fatal(err)
	}
	payload, err := env.DecodePayload()
	if err != nil {
		log.Fatal(err)
	}
	if m, ok := payload.(envelope.MetricRecorded); ok {
		fmt.Println(env.SourceNodeID, m.MetricName, m.MetricValue, m.MetricUnit)
	}

	_, err = envelope.Decode([]byte(`{"event_type": "compute.metric.recorded", "source_node_id": "c-1", "payload": {}}`))
	fmt.Println(err)
	// Output:
	// c-1 latency 1.25 ms
	// envelope: event_id is missing
}

func ExampleDecodeAny() {
	for _, value := range []string{
		`{"event_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "event_type": "effect.stamp.started",
			"event_timestamp": "2025-11-05T12:34:56+00:00", "source_node_id": "s-1", "payload": {}}`,
		`{"envelope_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "event_type": "stamping.effect-stamp-started",
			"envelope_timestamp": "2025-11-05T12:34:56Z", "payload": {}, "metadata": {"tags": {"service_name": "stamping",
			"instance_id": "s-1", "node_type": "effect", "operation": "stamp", "lifecycle_stage": "started"}}}`,
		`{"envelope_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "payload": {}, "event_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}`,
	} {
		env, err := envelope.DecodeAny([]byte(value))
		if err != nil {
			fmt.Println(err)
			continue
		}
		event := env.Event()
		fmt.Printf("%T %s %s %s\n", env, event.Type, event.NodeID, event.Time)
	}
	// Output:
	// *envelope.V1 effect.stamp.started s-1 2025-11-05 12:34:56 +0000 UTC
	// *envelope.V2 effect.stamp.started s-1 2025-11-05 12:34:56 +0000 UTC
	// envelope: event_id is no key of a ModelEventEnvelope
}

func ExampleSummarize() {
	type request struct {
		Workflow string     `json:"workflow"`
		Steps    []string   `json:"steps"`
		Deadline *time.Time `json:"deadline"`
		secret   string
	}
	for _, field := range envelope.Summarize(request{Workflow: "w-1", secret: "s"}) {
		fmt.Println(field.Key, field.Type)
	}
	// Output:
	// workflow str
	// steps list
	// deadline NoneType
}
