package onex_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// What a context says holds for all that is published under it: for runs, for runs
// inside of them, and for single events, unless they say otherwise themselves.
func TestContextWith(t *testing.T) {
	broker := startKafka(t)
	disk, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pub := newPublisher(t, onex.Config{Spool: disk}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	outer, inner := operation(pub, "orchestrator", "outer"), operation(pub, "effect", "inner")
	own := uuid.MustParse("11111111-2222-4333-8444-555555555555")

	ctx := onex.ContextWith(testContext(t), onex.WithCorrelationID(id), onex.WithCausationID("somebody"), onex.WithPartitionKey("p"),
		onex.WithMetadata(map[string]any{"tenant": "t-1", "zone": "z-1"}))
	ctx = onex.ContextWith(ctx, onex.WithMetadata(map[string]any{"zone": "z-2"}), onex.Durable())
	err = onex.RunBare(ctx, outer, func(ctx context.Context) error {
		return errors.Join(
			onex.MetricRecorded(ctx, node, "m", 1, "u", onex.WithMetadata(map[string]any{"zone": "z-3"}), onex.WithPartitionKey("q"), onex.WithCausationID("me"), onex.WithCorrelationID(own)),
			onex.RunBare(ctx, inner, func(context.Context) error { return errors.New("no") }),
		)
	})
	if err == nil || err.Error() != "no" {
		t.Fatalf("the run returns %v", err)
	}
	got := byType(t, consume(t, broker, 5))
	started := func(eventType string) string { return got[eventType].env.EventID.String() }
	for eventType, want := range map[string]struct{ key, cause, metadata, correlation string }{
		"orchestrator.outer.started": {"p", "somebody", `{"tenant":"t-1","zone":"z-2"}`, id.String()},
		"effect.metric.recorded":     {"q", "me", `{"tenant":"t-1","zone":"z-3"}`, own.String()},
		"effect.inner.started":       {"p", started("orchestrator.outer.started"), `{"tenant":"t-1","zone":"z-2"}`, id.String()},
		"effect.inner.failed":        {"p", started("effect.inner.started"), `{"tenant":"t-1","zone":"z-2"}`, id.String()},
		"orchestrator.outer.failed":  {"p", started("orchestrator.outer.started"), `{"tenant":"t-1","zone":"z-2"}`, id.String()},
	} {
		e := got[eventType].env
		if e == nil || e.PartitionKey == nil || e.CausationID == nil || e.CorrelationID == nil {
			t.Errorf("%s lacks what its context says: %+v", eventType, e)
			continue
		}
		if *e.PartitionKey != want.key || *e.CausationID != want.cause || e.CorrelationID.String() != want.correlation || !strings.HasSuffix(string(e.Payload), `"metadata":`+want.metadata+"}") {
			t.Errorf("%s has key %s, cause %s, correlation %s and payload %s; want %+v", eventType, *e.PartitionKey, *e.CausationID, e.CorrelationID, e.Payload, want)
		}
	}
}

// Durable in a context needs a spool, as it does in an option.
func TestContextWithDurableNeedsASpool(t *testing.T) {
	pub := newPublisher(t, onex.Config{}, noKafka(t))
	for _, ctx := range []context.Context{onex.ContextWithDurable(testContext(t)), onex.ContextWith(testContext(t), onex.Durable()), onex.ContextWithCorrelation(onex.ContextWithDurable(testContext(t)), id)} {
		if err := operation(pub, "effect", "x").Started(ctx, id, onex.None{}); !errors.Is(err, onex.ErrNoSpool) {
			t.Errorf("error %v, want %v", err, onex.ErrNoSpool)
		}
	}
}

// What is wrong with an option in a context, every event says that has it.
func TestContextWithMistakes(t *testing.T) {
	pub := newPublisher(t, onex.Config{}, noKafka(t))
	for want, opt := range map[string]onex.EventOption{
		"the partition key has 1025 bytes": onex.WithPartitionKey(strings.Repeat("x", 1025)),
		"metadata: json: unsupported type": onex.WithMetadata(map[string]any{"k": func() {}}),
	} {
		err := operation(pub, "effect", "x").Started(onex.ContextWith(testContext(t), opt), id, onex.None{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to contain %q", err, want)
		}
	}
}

// What follows a received event hangs below it.
func TestContextWithEvent(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	cause := uuid.MustParse("11111111-2222-4333-8444-555555555555")
	own := onex.ContextWithCorrelation(testContext(t), uuid.Max)

	for _, err := range []error{
		onex.RunBare(onex.ContextWithEvent(own, &envelope.V1{EventID: cause, CorrelationID: &id}), operation(pub, "effect", "x"), func(context.Context) error { return nil }),
		onex.MetricRecorded(onex.ContextWithEvent(own, &envelope.V1{EventID: cause}), node, "m", 1, "u"),
		onex.StateChanged(onex.ContextWithEvent(own, &envelope.V2{}), node, uuid.Nil, "a", "b", "r"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := byType(t, consume(t, broker, 4))
	for eventType, want := range map[string]struct {
		cause       string
		correlation uuid.UUID
	}{
		"effect.x.started":       {cause.String(), id},
		"effect.x.completed":     {got["effect.x.started"].env.EventID.String(), id},
		"effect.metric.recorded": {cause.String(), uuid.Max},
		"effect.state.changed":   {"", uuid.Max},
	} {
		e := got[eventType].env
		if e.CorrelationID == nil || *e.CorrelationID != want.correlation || orEmpty(e.CausationID) != want.cause {
			t.Errorf("%s has correlation id %v and cause %q, want %+v", eventType, e.CorrelationID, orEmpty(e.CausationID), want)
		}
	}
}

// An event that there is not says nothing, and ends nobody's operation.
func TestContextWithNoEvent(t *testing.T) {
	for _, e := range []onex.ReceivedEvent{nil, (*envelope.V1)(nil), (*envelope.V2)(nil)} {
		ctx := onex.ContextWithEvent(onex.ContextWithCorrelation(t.Context(), id), e)
		if got, ok := onex.CorrelationFromContext(ctx); !ok || got != id {
			t.Errorf("%T: correlation %v", e, got)
		}
	}
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Where the argument is the nil UUID, the context's correlation id takes its
// place, or the option's.
func TestCorrelationOfTheContext(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperation[onex.None, onex.None](node, "x")
	ctx := onex.ContextWithCorrelation(testContext(t), id)
	none := onex.ContextWith(ctx, onex.WithCorrelationID(uuid.Nil))
	for _, err := range []error{
		onex.StateChanged(ctx, node, uuid.Nil, "a", "b", "r"),
		op.Started(none, uuid.Nil, onex.None{}, onex.WithCorrelationID(id)),
		op.Completed(ctx, uuid.Nil, onex.None{}, 1),
		op.Failed(ctx, uuid.Nil, errors.New("no"), 1),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	for _, r := range consume(t, broker, 4) {
		if got := r.env.CorrelationID; got == nil || *got != id {
			t.Errorf("%s has correlation id %v, want %v", r.env.EventType, got, id)
		}
	}
	if err := onex.StateChanged(none, node, uuid.Nil, "a", "b", "r"); !errors.Is(err, onex.ErrNoCorrelation) {
		t.Errorf("without any: %v", err)
	}
	if err := onex.StateChanged(ctx, node, uuid.Max, "a", "b", "r", onex.WithCorrelationID(id)); err == nil {
		t.Error("an option that contradicts the argument is no error")
	}
}
