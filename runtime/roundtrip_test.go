package onex_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/testdata/vectors"
)

type request struct {
	Workflow string `json:"workflow"`
	Steps    int    `json:"steps"`
}

// All five events arrive, each on its topic, with its key, in the contract's
// envelope.
func TestRoundTrip(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{
		Namespace: "test", Environment: "production", Region: "eu", SourceInstance: "pod-1", SourceVersion: "2.0",
	}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	op := onex.NewOperation[request, []string](node, "stamp")
	ctx := testContext(t)

	begin := time.Now().Truncate(time.Microsecond)
	err := errors.Join(
		op.Started(ctx, id, request{"w", 3}),
		op.Completed(ctx, id, nil, 1500*time.Microsecond, onex.WithMetadata(map[string]any{"b": 1, "a": "<&>"})),
		op.Failed(ctx, id, fmt.Errorf("stamp: %w", os.ErrNotExist), time.Second, onex.WithPartitionKey("tenant-7")),
		onex.StateChanged(ctx, node, id, "pending", "processing", "begun", onex.WithCausationID("cause")),
		onex.MetricRecorded(ctx, node, "depth", 42, "count"),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := pub.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 5, Delivered: 5}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}

	got := byType(t, consume(t, broker, 5))
	for eventType, want := range map[string]struct{ key, payload, metadata string }{
		"effect.stamp.started": {
			id.String(),
			`{"operation":"stamp","correlation_id":"$ID","node_id":"n1","started_at":"$AT","input_summary":{"workflow":"str","steps":"int"}}`,
			`{"node_type":"effect","service_name":"stamping","operation":"stamp","lifecycle_stage":"started"}`,
		},
		"effect.stamp.completed": {
			id.String(),
			`{"operation":"stamp","correlation_id":"$ID","node_id":"n1","completed_at":"$AT","execution_time_ms":1.5,"result_summary":{},"success":true,"metadata":{"a":"<&>","b":1}}`,
			`{"node_type":"effect","service_name":"stamping","operation":"stamp","lifecycle_stage":"completed","execution_time_ms":1.5}`,
		},
		"effect.stamp.failed": {
			"tenant-7",
			`{"operation":"stamp","correlation_id":"$ID","node_id":"n1","failed_at":"$AT","execution_time_ms":1000.0,"error_type":"error","error_message":"stamp: file does not exist","success":false}`,
			`{"node_type":"effect","service_name":"stamping","operation":"stamp","lifecycle_stage":"failed","error_type":"error","execution_time_ms":1000.0}`,
		},
		"effect.state.changed": {
			id.String(),
			`{"node_id":"n1","node_type":"effect","correlation_id":"$ID","changed_at":"$AT","old_state":"pending","new_state":"processing","transition_reason":"begun"}`,
			`{"node_type":"effect","service_name":"stamping","event_category":"state_transition","old_state":"pending","new_state":"processing"}`,
		},
		"effect.metric.recorded": {
			"n1",
			`{"node_id":"n1","node_type":"effect","recorded_at":"$AT","metric_name":"depth","metric_value":42.0,"metric_unit":"count"}`,
			`{"node_type":"effect","service_name":"stamping","event_category":"metric","metric_name":"depth","metric_unit":"count"}`,
		},
	} {
		r, ok := got[eventType]
		if !ok {
			t.Errorf("no %s", eventType)
			continue
		}
		if want := "test.stamping." + eventType + ".v1"; r.Topic != want {
			t.Errorf("topic %s, want %s", r.Topic, want)
		}
		if string(r.Key) != want.key {
			t.Errorf("%s has key %s, want %s", eventType, r.Key, want.key)
		}
		if at := r.env.EventTimestamp; at.Before(begin) || at.After(time.Now()) {
			t.Errorf("%s was published at %v, between %v and now", eventType, at, begin)
		}
		at := r.env.EventTimestamp.Format("2006-01-02T15:04:05.000000+00:00")
		payload := strings.NewReplacer("$ID", id.String(), "$AT", at).Replace(want.payload)
		if string(r.env.Payload) != payload {
			t.Errorf("%s has payload\n     %s\nwant %s", eventType, r.env.Payload, payload)
		}
		if string(r.env.Metadata) != want.metadata {
			t.Errorf("%s has metadata\n     %s\nwant %s", eventType, r.env.Metadata, want.metadata)
		}
		e := r.env
		if e.SourceNodeID != "n1" || *e.SourceService != "stamping" || *e.SourceVersion != "2.0" || *e.SourceInstance != "pod-1" || e.Environment != "production" || *e.Region != "eu" {
			t.Errorf("%s comes from elsewhere: %s", eventType, r.Value)
		}
		if version := e.EventID.Version(); version != 4 {
			t.Errorf("%s has an event id of version %d", eventType, version)
		}
	}
	if cause := got["effect.state.changed"].env.CausationID; cause == nil || *cause != "cause" {
		t.Errorf("causation id %v", cause)
	}
	if key := got["effect.stamp.failed"].env.PartitionKey; key == nil || *key != "tenant-7" {
		t.Errorf("partition key %v", key)
	}
}

// The vectors are what the Python reference published for the same arguments.
func TestVectorsThroughTheRuntime(t *testing.T) {
	var events []struct {
		Name                  string
		Node                  struct{ Type, Service, ID, Namespace string }
		Event, Operation, Now string
		Topic, Key            string
		Envelope              json.RawMessage
		Args                  arguments
	}
	vectors.Read(t, "events.json", &events)
	for _, v := range events {
		t.Run(v.Name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339Nano, v.Now)
			if err != nil {
				t.Fatal(err)
			}
			broker := startKafka(t)
			pub := newPublisher(t, onex.Config{
				Namespace: v.Node.Namespace, SourceService: "omninode-bridge", SourceVersion: "1.0.0",
				Now:   func() time.Time { return now },
				NewID: func() uuid.UUID { return uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7") },
			}, broker)
			node := onex.NewNode(pub, v.Node.ID, onex.NodeSpec{Type: v.Node.Type, Service: v.Node.Service})
			v.Args.publish(t, node, v.Event, v.Operation)
			got := consume(t, broker, 1)[0]
			if got.Topic != v.Topic || string(got.Key) != v.Key {
				t.Errorf("topic %s, key %s; want %s, %s", got.Topic, got.Key, v.Topic, v.Key)
			}
			if got, want := comparable(t, got.Value), comparable(t, v.Envelope); got != want {
				t.Errorf("published\n     %s\nwant %s", got, want)
			}
		})
	}
}

// arguments are what a vector's event was published with.
type arguments struct {
	CorrelationID    *uuid.UUID     `json:"correlation_id"`
	InputTypes       jsontext.Value `json:"input_types"`
	ResultTypes      jsontext.Value `json:"result_types"`
	ExecutionTimeMS  float64        `json:"execution_time_ms"`
	ErrorType        string         `json:"error_type"`
	ErrorMessage     string         `json:"error_message"`
	OldState         string         `json:"old_state"`
	NewState         string         `json:"new_state"`
	TransitionReason string         `json:"transition_reason"`
	MetricName       string         `json:"metric_name"`
	MetricValue      float64        `json:"metric_value"`
	MetricUnit       string         `json:"metric_unit"`
	Metadata         map[string]any

	value func(*testing.T, jsontext.Value) any // of those types; valueOf
}

// publish publishes the event of that kind with them.
func (a arguments) publish(t *testing.T, node *onex.Node, kind, operation string, opts ...onex.EventOption) {
	t.Helper()
	op := onex.NewOperation[any, any](node, operation)
	ctx := testContext(t)
	if a.value == nil {
		a.value = valueOf
	}
	elapsed := time.Duration(a.ExecutionTimeMS * float64(time.Millisecond))
	opts = append(opts, onex.WithMetadata(a.Metadata))
	var err error
	switch kind {
	case "started":
		err = op.Started(ctx, *a.CorrelationID, a.value(t, a.InputTypes), opts...)
	case "completed":
		err = op.Completed(ctx, *a.CorrelationID, a.value(t, a.ResultTypes), elapsed, opts...)
	case "failed":
		err = op.Failed(ctx, *a.CorrelationID, typedError{a.ErrorType, a.ErrorMessage}, elapsed, opts...)
	case "state":
		err = onex.StateChanged(ctx, node, *a.CorrelationID, a.OldState, a.NewState, a.TransitionReason, opts...)
	default:
		if a.CorrelationID != nil {
			opts = append(opts, onex.WithCorrelationID(*a.CorrelationID))
		}
		err = onex.MetricRecorded(ctx, node, a.MetricName, a.MetricValue, a.MetricUnit, opts...)
	}
	if err != nil {
		t.Fatal(err)
	}
}

type typedError struct{ kind, text string }

func (e typedError) Error() string     { return e.text }
func (e typedError) ErrorType() string { return e.kind }

// examples are of the types that a summary has.
var examples = map[string]any{
	"str": "", "int": 0, "float": 0.5, "bool": true, "bytes": []byte{}, "list": []int{}, "dict": map[string]any{},
	"NoneType": (*int)(nil), "UUID": uuid.Nil, "datetime": time.Time{}, "timedelta": time.Second,
}

// valueOf returns a struct whose fields have, in order, the keys and the types
// that a vector's input had.
func valueOf(t *testing.T, types jsontext.Value) any {
	t.Helper()
	dec := jsontext.NewDecoder(strings.NewReader(string(types)))
	if _, err := dec.ReadToken(); err != nil {
		t.Fatal(err)
	}
	var fields []reflect.StructField
	var values []any
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		key := token.String() // before the next token takes its place
		kind, err := dec.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		example, ok := examples[kind.String()]
		if !ok {
			t.Fatalf("no example of a %s", kind)
		}
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", len(fields)), Type: reflect.TypeOf(example), Tag: reflect.StructTag(`json:"` + key + `"`),
		})
		values = append(values, example)
	}
	s := reflect.New(reflect.StructOf(fields)).Elem()
	for i, v := range values {
		s.Field(i).Set(reflect.ValueOf(v))
	}
	return s.Interface()
}

// comparable spells JSON texts with the same values and key order alike. The
// caller's metadata, which is a map in Go, is put into the order of its keys.
func comparable(t *testing.T, raw []byte) string {
	t.Helper()
	b, err := jsontext.AppendFormat(nil, raw)
	if err != nil {
		t.Fatal(err)
	}
	env, err := envelope.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	var payload struct{ Metadata map[string]any }
	if err := json.Unmarshal(env.Payload, &payload); err != nil {
		t.Fatal(err)
	}
	if payload.Metadata == nil {
		return string(b)
	}
	sorted, err := json.Marshal(payload.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	at := strings.LastIndex(text[:strings.LastIndex(text, `},"metadata":`)], `"metadata":`)
	end := strings.LastIndex(text, `},"metadata":`)
	return text[:at] + `"metadata":` + string(sorted) + text[end:]
}

// Keys are written in one order, whatever the Go map's.
func TestMetadataIsWrittenTheSameEveryTime(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	metadata := map[string]any{}
	for _, k := range strings.Split("the quick brown fox jumps over a lazy dog", " ") {
		metadata[k] = len(k)
	}
	for range 20 {
		if err := onex.MetricRecorded(testContext(t), node, "m", 1, "u", onex.WithMetadata(metadata)); err != nil {
			t.Fatal(err)
		}
	}
	var texts []string
	for _, r := range consume(t, broker, 20) {
		texts = append(texts, string(r.payload.(envelope.MetricRecorded).Metadata))
	}
	if slices.Sort(texts); len(slices.Compact(texts)) != 1 {
		t.Errorf("metadata: %q", texts)
	}
}
