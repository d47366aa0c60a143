package envelope_test

import (
	"fmt"
	"log"
	"reflect"
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

// Whatever an event is, it is written the same way.
func ExamplePayload() {
	correlation := uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")
	at := time.Date(2025, 11, 5, 12, 34, 56, 0, time.UTC)
	for _, p := range []envelope.Payload{
		envelope.OperationStarted{Operation: "stamp", CorrelationID: correlation, NodeID: "s-1", StartedAt: at},
		envelope.OperationFailed{Operation: "stamp", CorrelationID: correlation, NodeID: "s-1", FailedAt: at, ErrorType: "NoInk"},
		envelope.MetricRecorded{NodeID: "s-1", NodeType: "effect", RecordedAt: at, MetricName: "ink", MetricValue: 0.5, MetricUnit: "l"},
	} {
		value, err := p.AppendJSON(nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %.30s…\n", p.EventType("effect"), value)
	}
	// Output:
	// effect.stamp.started {"operation":"stamp","correlat…
	// effect.stamp.failed {"operation":"stamp","correlat…
	// effect.metric.recorded {"node_id":"s-1","node_type":"…
}

// What is wrong with an envelope is said before it is published.
func ExampleV1_Validate() {
	env := envelope.V1{EnvelopeVersion: "1.0", EventType: "effect.stamp.started", EventVersion: "1.0", SourceNodeID: "s-1"}
	fmt.Println(env.Validate())

	env.EventID = uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7")
	env.EventTimestamp = time.Date(2025, 11, 5, 12, 34, 56, 0, time.UTC)
	env.Environment, env.Payload = "production", []byte(`{}`)
	fmt.Println(env.Validate(), env.Event().Type)
	// Output:
	// event_id is missing
	// event_timestamp is missing
	// environment is missing
	// payload is missing
	// <nil> effect.stamp.started
}

// For today's bus, an event is a ModelEventEnvelope. A consumer reads what it says in
// the terms of either form.
func ExampleWrapV2() {
	payload := envelope.OperationFailed{
		Operation: "stamp", NodeID: "s-1", CorrelationID: uuid.MustParse("550e8400-e29b-41d4-a716-446655440000"),
		FailedAt:  time.Date(2025, 11, 5, 12, 34, 56, 0, time.UTC),
		ErrorType: "NoInk", ErrorMessage: "there is no ink",
	}
	env, err := envelope.WrapV2(uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7"), payload, "effect", "ink_stamps")
	if err != nil {
		log.Fatal(err)
	}
	if err := env.Validate(); err != nil {
		log.Fatal(err)
	}
	value, err := env.AppendJSON(nil)
	if err != nil {
		log.Fatal(err)
	}

	read, err := envelope.DecodeV2(value)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*read.EventType == envelope.EventTypeV2("ink_stamps", "effect.stamp.failed"), read.Event().Type)
	failed, err := read.DecodePayload()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(failed.(envelope.OperationFailed).ErrorMessage)
	same, err := envelope.PayloadOf(read) // of an envelope in either form
	fmt.Println(same.EventType("effect"), err)
	// Output:
	// true effect.stamp.failed
	// there is no ink
	// effect.stamp.failed <nil>
}

// An event that Kafka would not take is in a dead letter, whole.
func ExampleDecodeDeadLetter() {
	value, err := envelope.DeadLetter{
		OriginalTopic: "dev.stamping.effect.stamp.started.v1", OriginalKey: "550e8400-e29b-41d4-a716-446655440000",
		OriginalData: []byte(`{"event_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "event_type": "effect.stamp.started",
			"event_timestamp": "2025-11-05T12:34:56+00:00", "source_node_id": "s-1", "payload": {}}`),
		FailureReason: "MESSAGE_TOO_LARGE", FailureTimestamp: time.Date(2025, 11, 5, 12, 35, 0, 0, time.UTC),
	}.AppendJSON(nil)
	if err != nil {
		log.Fatal(err)
	}

	letter, err := envelope.DecodeDeadLetter(value)
	if err != nil {
		log.Fatal(err)
	}
	env, err := envelope.DecodeAny(letter.OriginalData)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(env.Event().ID, "was refused:", letter.FailureReason)
	// Output: 7c9e6679-7425-40de-944b-e07fc1f90ae7 was refused: MESSAGE_TOO_LARGE
}

// A summary says which types there are and tells no value. That of a type without
// pointers, interfaces and maps is the same for each value.
func ExampleAppendSummary() {
	type document struct {
		ID   string `json:"id"`
		Page int    `json:"page"`
	}
	fmt.Printf("%s\n", envelope.AppendSummary(nil, document{ID: "d-1", Page: 7}))
	fmt.Printf("%s\n", envelope.SummaryJSON(reflect.TypeFor[document]()))
	fmt.Printf("%s\n", envelope.SummaryJSON(reflect.TypeFor[map[string]any]()))

	many := map[string]any{"a": 1, "b": "x", "c": nil, "d": 1.5}
	fmt.Printf("%s\n", envelope.AppendSummaryWithin(nil, many, 40))
	// Output:
	// {"id":"str","page":"int"}
	// {"id":"str","page":"int"}
	//
	// {"a":"int","b":"str","c":"NoneType","...":"1 more"}
}

// Whoever publishes many events of one type encodes once what they have in common.
// In a line of text, a time looks as in a payload.
func ExampleAppendTime() {
	at := time.Date(2025, 11, 5, 12, 34, 56, 500, time.UTC)
	fmt.Printf("at %s\n", envelope.AppendTime(nil, at))
	fmt.Printf("at %s\n", envelope.AppendTime(nil, at.Add(time.Millisecond)))
	// Output:
	// at 2025-11-05T12:34:56+00:00
	// at 2025-11-05T12:34:56.001000+00:00
}

func ExampleTemplate() {
	node := envelope.V1{EnvelopeVersion: "1.0", EventType: "effect.metric.recorded", EventVersion: "1.0", SourceNodeID: "s-1", Environment: "production"}
	metric := envelope.MetricRecorded{
		NodeID: "s-1", NodeType: "effect", RecordedAt: time.Date(2025, 11, 5, 12, 34, 56, 0, time.UTC),
		MetricName: "ink", MetricValue: 0.5, MetricUnit: "l",
	}
	id := uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7")

	template := envelope.NewTemplate(node, metric, "effect", "stamping")
	value, err := template.AppendJSON(nil, id, "", "", metric)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %.76s…\n", template.AppendKey(nil, id, "", metric), value)

	template2 := envelope.NewTemplateV2(metric, "effect", "stamping", "s-1", "production", 1)
	correlation := template2.CorrelationID(metric, uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")) // every V2 has one
	value, err = template2.AppendJSON(nil, id, correlation, "", metric)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %.76s…\n", template2.AppendKey(nil, id, "", metric), value)
	fmt.Printf("%s\n", envelope.AppendID(nil, correlation))
	// Output:
	// s-1 {"envelope_version":"1.0","event_id":"7c9e6679-7425-40de-944b-e07fc1f90ae7",…
	// s-1 {"payload":{"node_id":"s-1","node_type":"effect","recorded_at":"2025-11-05T1…
	// 550e8400-e29b-41d4-a716-446655440000
}
