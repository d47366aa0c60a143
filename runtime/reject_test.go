package onex_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
)

type (
	stringState string
	intState    int
	pointerName struct{ s string }
	nameless    struct{}
	explosive   struct{}
)

func (s intState) String() string     { return [...]string{"zero", "one"}[s] }
func (s *pointerName) String() string { return s.s }

func (explosive) MarshalJSON() ([]byte, error) { panic("boom") }
func (explosive) String() string               { panic("boom") }
func (explosive) Error() string                { panic("boom") }

// What cannot be published is an error that says why, and is counted.
func TestRejectedEvents(t *testing.T) {
	pub := newPublisher(t, onex.Config{MaxEventBytes: 2000, MaxMetadataBytes: 900}, noKafka(t))
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperation[any, any](node, "x")
	long := onex.NewOperation[any, any](node, strings.Repeat("x", 230))
	nobody := onex.NewNode(pub, "", onex.NodeSpec{Type: "effect", Service: "a"})
	ctx := context.Background()
	with := func(v any) onex.EventOption { return onex.WithMetadata(map[string]any{"k": v}) }

	for _, tt := range []struct {
		name string
		err  error
		is   error
		want string
	}{
		{"started without correlation", op.Started(ctx, uuid.Nil, nil), onex.ErrNoCorrelation, "onex: publish effect.x.started: the correlation id is missing"},
		{"completed without correlation", op.Completed(ctx, uuid.Nil, nil, 0), onex.ErrNoCorrelation, "effect.x.completed"},
		{"failed without correlation", op.Failed(ctx, uuid.Nil, errors.New("x"), 0), onex.ErrNoCorrelation, "effect.x.failed"},
		{"state without correlation", onex.StateChanged(ctx, node, uuid.Nil, "a", "b", "r"), onex.ErrNoCorrelation, "effect.state.changed"},
		{"metric with the nil UUID", onex.MetricRecorded(ctx, node, "m", 1, "u", onex.WithCorrelationID(uuid.Nil)), onex.ErrNoCorrelation, "effect.metric.recorded"},
		{"two correlations", op.Started(ctx, id, nil, onex.WithCorrelationID(uuid.Max)), nil, "WithCorrelationID contradicts"},
		{"negative time", op.Completed(ctx, id, nil, -1), nil, "the elapsed time is negative: -1ns"},
		{"failed without error", op.Failed(ctx, id, nil, 0), nil, "the error is nil"},
		{"NaN", onex.MetricRecorded(ctx, node, "m", math.NaN(), "u"), nil, "metric_value: NaN is not a number"},
		{"infinity", onex.MetricRecorded(ctx, node, "m", math.Inf(1), "u"), nil, "metric_value: +Inf is not a number"},
		{"metric without name", onex.MetricRecorded(ctx, node, "", 1, "u"), nil, "the metric's name is empty"},
		{"nameless state", onex.StateChanged(ctx, node, id, nameless{}, nameless{}, "r"), nil, "a state of type onex_test.nameless has no name"},
		{"explosive state", onex.StateChanged(ctx, node, id, explosive{}, explosive{}, "r"), nil, "panic while the event was encoded: boom"},
		{"metadata that is no JSON", op.Started(ctx, id, nil, with(func() {})), nil, "metadata: json: unsupported type"},
		{"metadata with NaN", op.Started(ctx, id, nil, with(math.NaN())), nil, "metadata: json: unsupported value"},
		{"explosive metadata", op.Started(ctx, id, nil, with(explosive{})), nil, "panic while the event was encoded: boom"},
		{"too large", op.Failed(ctx, id, errors.New(strings.Repeat("x", 2000)), 0), onex.ErrTooLarge, "Config.MaxEventBytes is 2000"},
		{"long metadata", op.Started(ctx, id, nil, with(strings.Repeat("x", 1000))), onex.ErrTooLarge, "metadata has 1009 bytes, and 900 are the limit"},
		{"long metric", onex.MetricRecorded(ctx, node, strings.Repeat("x", 1025), 1, "u"), onex.ErrTooLarge, "the metric's name has 1025 bytes, and 1024 are the limit"},
		{"long unit", onex.MetricRecorded(ctx, node, "m", 1, strings.Repeat("x", 1025)), onex.ErrTooLarge, "the metric's unit has"},
		{"long state", onex.StateChanged(ctx, node, id, "a", strings.Repeat("x", 1025), "r"), onex.ErrTooLarge, "the new state has"},
		{"long key", op.Started(ctx, id, nil, onex.WithPartitionKey(strings.Repeat("x", 1025))), onex.ErrTooLarge, "the partition key has"},
		{"long cause", op.Started(ctx, id, nil, onex.WithCausationID(strings.Repeat("x", 1025))), onex.ErrTooLarge, "the causation id has"},
		{"long node id", onex.MetricRecorded(ctx, onex.NewNode(pub, strings.Repeat("x", 1025), onex.NodeSpec{Type: "effect", Service: "a"}), "m", 1, "u"), onex.ErrTooLarge, "the node's id has"},
		{"metadata too deep", op.Started(ctx, id, nil, with(nested(100))), nil, "metadata: it is nested deeper than 100 levels"},
		{"topic too long", long.Started(ctx, id, nil), nil, "and Kafka takes 245; shorten Config.Namespace"},
		{"no node id", onex.MetricRecorded(ctx, nobody, "m", 1, "u"), nil, "the node's id is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
				t.Errorf("error %v, want it to contain %q", tt.err, tt.want)
			}
			if tt.is != nil && !errors.Is(tt.err, tt.is) {
				t.Errorf("error %v is not %v", tt.err, tt.is)
			}
		})
	}
	if got, want := pub.Ledger(), (onex.Ledger{Rejected: 27}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	for _, err := range []error{
		onex.MetricRecorded(ctx, nil, "m", 1, "u"),
		onex.StateChanged(ctx, nil, id, "a", "b", "r"),
		onex.MetricRecorded(ctx, onex.NewNode(nil, "n1", onex.NodeSpec{}), "m", 1, "u"),
	} {
		if !errors.Is(err, onex.ErrNoPublisher) {
			t.Errorf("without a publisher: %v", err)
		}
	}
}

// nested returns a value of so many levels.
func nested(levels int) (v any) {
	for range levels {
		v = []any{v, "]"}
	}
	return v
}

// What looks odd and is all right.
func TestAcceptedEvents(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperation[any, any](node, "x")
	ctx := context.Background()
	for name, err := range map[string]error{
		"string type":           onex.StateChanged(ctx, node, id, stringState("a"), stringState("b"), ""),
		"String method":         onex.StateChanged(ctx, node, id, intState(0), intState(1), ""),
		"String on a pointer":   onex.StateChanged(ctx, node, id, pointerName{"a"}, pointerName{"b"}, ""),
		"failure that panics":   op.Failed(ctx, id, explosive{}, 0),
		"same correlation":      op.Started(ctx, id, nil, onex.WithCorrelationID(id)),
		"nil option":            op.Started(ctx, id, nil, nil),
		"empty metadata":        op.Started(ctx, id, nil, onex.WithMetadata(nil)),
		"metadata in two":       op.Started(ctx, id, nil, onex.WithMetadata(map[string]any{"a": 1, "b": 1}), onex.WithMetadata(map[string]any{"b": 2})),
		"deep metadata":         op.Started(ctx, id, nil, onex.WithMetadata(map[string]any{"k": nested(99)})),
		"invalid UTF-8":         op.Started(ctx, id, map[string]any{"\xff": 1}),
		"metric with unit \"\"": onex.MetricRecorded(ctx, node, "m", 0, ""),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var merged, states []string
	for _, r := range consume(t, broker, 11) {
		var p struct {
			Metadata             json.RawMessage
			OldState             string `json:"old_state"`
			NewState             string `json:"new_state"`
			ErrorType, ErrorText string
		}
		if err := json.Unmarshal(r.env.Payload, &p); err != nil {
			t.Fatal(err)
		}
		if p.Metadata != nil && !strings.Contains(string(p.Metadata), "[") {
			merged = append(merged, string(p.Metadata))
		}
		if p.OldState != "" {
			states = append(states, p.OldState+">"+p.NewState)
		}
		if strings.Contains(r.env.EventType, "failed") && !strings.Contains(string(r.env.Payload), `"error_type":"explosive","error_message":"(the methods of the error panic)"`) {
			t.Errorf("failure that panics: %s", r.env.Payload)
		}
	}
	if len(merged) != 1 || merged[0] != `{"a":1,"b":2}` {
		t.Errorf("metadata %q", merged)
	}
	for _, want := range []string{"a>b", "zero>one"} {
		if !strings.Contains(strings.Join(states, " "), want) {
			t.Errorf("states %q lack %s", states, want)
		}
	}
}
