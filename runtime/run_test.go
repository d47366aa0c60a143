package onex_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// Three runs nested in each other share one correlation id, and each event
// names the started event under which it was published as its cause.
func TestNestedRunsAreCorrelated(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	outer, middle, inner := operation(pub, "orchestrator", "outer"), operation(pub, "reducer", "middle"), operation(pub, "effect", "inner")
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "compute", Service: "a"})

	ctx := testContext(t)
	err := onex.RunBare(ctx, outer, func(ctx context.Context) error {
		return onex.RunBare(ctx, middle, func(ctx context.Context) error {
			failure := onex.RunBare(ctx, inner, func(ctx context.Context) error {
				correlationID, ok := onex.CorrelationFromContext(ctx)
				if !ok {
					t.Error("no correlation id in the context of a run")
				}
				return errors.Join(
					onex.MetricRecorded(ctx, node, "m", 1, "u"),
					onex.StateChanged(ctx, node, correlationID, "a", "b", "r"),
					errors.New("inner failed"))
			})
			if failure == nil {
				t.Error("the inner run has swallowed its error")
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}

	got := byType(t, consume(t, broker, 8))
	id := func(eventType string) string { return got[eventType].env.EventID.String() }
	for eventType, cause := range map[string]string{
		"orchestrator.outer.started":   "",
		"orchestrator.outer.completed": id("orchestrator.outer.started"),
		"reducer.middle.started":       id("orchestrator.outer.started"),
		"reducer.middle.completed":     id("reducer.middle.started"),
		"effect.inner.started":         id("reducer.middle.started"),
		"effect.inner.failed":          id("effect.inner.started"),
		"compute.metric.recorded":      id("effect.inner.started"),
		"compute.state.changed":        id("effect.inner.started"),
	} {
		e := got[eventType].env
		if e == nil {
			t.Errorf("no %s", eventType)
			continue
		}
		if e.CorrelationID == nil || *e.CorrelationID != *got["orchestrator.outer.started"].env.CorrelationID {
			t.Errorf("%s has correlation id %v", eventType, e.CorrelationID)
		}
		switch {
		case cause == "" && e.CausationID != nil:
			t.Errorf("%s has a cause: %s", eventType, *e.CausationID)
		case cause != "" && (e.CausationID == nil || *e.CausationID != cause):
			t.Errorf("%s has cause %v, want %s", eventType, e.CausationID, cause)
		}
	}
}

func operation(pub *onex.Publisher, nodeType, name string) *onex.Operation[onex.None, onex.None] {
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: nodeType, Service: "a"})
	return onex.NewOperation[onex.None, onex.None](node, name)
}

func TestRunTakesTheCallersCorrelation(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	ctx := onex.ContextWithCorrelation(testContext(t), id)
	if err := onex.RunBare(ctx, operation(pub, "effect", "x"), func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, r := range consume(t, broker, 2) {
		if got := r.env.CorrelationID; got == nil || *got != id {
			t.Errorf("%s has correlation id %v, want %v", r.env.EventType, got, id)
		}
	}
	if _, ok := onex.CorrelationFromContext(context.Background()); ok {
		t.Error("a plain context has a correlation id")
	}
	if _, ok := onex.CorrelationFromContext(onex.ContextWithCorrelation(ctx, uuid.Nil)); ok {
		t.Error("the nil UUID is a correlation id")
	}
}

func TestRunReturnsWhatTheFunctionReturns(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	ctx, failure := testContext(t), errors.New("no")

	both := onex.NewOperation[int, string](node, "both")
	if got, err := onex.Run(ctx, both, 7, func(_ context.Context, n int) (string, error) { return fmt.Sprint(n), failure }); got != "7" || err != failure {
		t.Errorf("Run: %q, %v", got, err)
	}
	in := onex.NewOperation[int, onex.None](node, "in")
	if err := onex.RunNoResult(ctx, in, 7, func(_ context.Context, n int) error { return fmt.Errorf("%d", n) }); err == nil || err.Error() != "7" {
		t.Errorf("RunNoResult: %v", err)
	}
	out := onex.NewOperation[onex.None, string](node, "out")
	if got, err := onex.RunNoInput(ctx, out, func(context.Context) (string, error) { return "r", nil }); got != "r" || err != nil {
		t.Errorf("RunNoInput: %q, %v", got, err)
	}
	bare := onex.NewOperation[onex.None, onex.None](node, "bare")
	if err := onex.RunBare(ctx, bare, func(context.Context) error { return failure }); err != failure {
		t.Errorf("RunBare: %v", err)
	}
	byType(t, consume(t, broker, 8))
}

// A panic goes on as it was, and the operation has failed.
func TestRunReportsAPanic(t *testing.T) {
	type bomb struct{ n int }
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	value := &bomb{7}
	func() {
		defer func() {
			if got := recover(); got != any(value) {
				t.Errorf("the panic went on with %v", got)
			}
		}()
		_ = onex.RunBare(testContext(t), operation(pub, "effect", "x"), func(context.Context) error { panic(value) })
		t.Error("the panic did not go on")
	}()
	got := byType(t, consume(t, broker, 2))
	p, ok := got["effect.x.failed"].payload.(envelope.OperationFailed)
	if !ok || p.ErrorType != "panic" || p.ErrorMessage != "&{7}" {
		t.Errorf("events: %v", got)
	}
}

func TestRunReportsTheEndOfItsGoroutine(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = onex.RunBare(testContext(t), operation(pub, "effect", "x"), func(context.Context) error {
			runtime.Goexit()
			return nil
		})
		t.Error("the goroutine went on")
	}()
	<-ended
	got := byType(t, consume(t, broker, 2))
	if p, ok := got["effect.x.failed"].payload.(envelope.OperationFailed); !ok || p.ErrorType != "goexit" {
		t.Errorf("events: %v", got)
	}
}

// An operation whose context is cancelled can still say that it failed, and
// that it started.
// With the old meaning of panic(nil), which recover cannot see, a run that
// panicked still does not look like one that succeeded.
func TestRunReportsAPanicOfNothing(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	err := onex.RunBare(testContext(t), operation(pub, "effect", "x"), func(context.Context) error { panic(nil) })
	if err == nil {
		t.Error("the run has succeeded")
	}
	byType(t, consume(t, broker, 2))
}

func TestRunUnderACancelledContext(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	ctx, cancel := context.WithCancel(testContext(t))
	err := onex.RunBare(ctx, operation(pub, "effect", "x"), func(ctx context.Context) error {
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := onex.RunBare(ctx, operation(pub, "effect", "y"), func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	got := byType(t, consume(t, broker, 4))
	if p, ok := got["effect.x.failed"].payload.(envelope.OperationFailed); !ok || p.ErrorType != "Canceled" || p.ErrorMessage != "context canceled" {
		t.Errorf("payload %+v", got["effect.x.failed"].payload)
	}
}

// What cannot be published is logged, and the function is none the worse.
func TestRunWithoutWhatItNeeds(t *testing.T) {
	logger := slog.Default() // which is told of the events that have no publisher
	slog.SetDefault(slog.New(slog.DiscardHandler))
	defer slog.SetDefault(logger)
	pub := newPublisher(t, onex.Config{}, noKafka(t))
	nameless := onex.NewNode(pub, "", onex.NodeSpec{Type: "effect", Service: "a"})
	for name, op := range map[string]*onex.Operation[int, int]{
		"no operation":     nil,
		"no node":          onex.NewOperation[int, int](nil, "x"),
		"no publisher":     onex.NewOperation[int, int](onex.NewNode(nil, "n1", onex.NodeSpec{}), "x"),
		"node without id":  onex.NewOperation[int, int](nameless, "x"),
		"zero operation":   {},
		"closed publisher": onex.NewOperation[int, int](onex.NewNode(closedPublisher(t), "n1", onex.NodeSpec{Type: "effect", Service: "a"}), "x"),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := onex.Run(testContext(t), op, 7, func(ctx context.Context, n int) (int, error) {
				if _, ok := onex.CorrelationFromContext(ctx); !ok {
					t.Error("no correlation id in the function's context")
				}
				return n + 1, nil
			})
			if got != 8 || err != nil {
				t.Errorf("Run: %d, %v", got, err)
			}
			if err := op.Started(testContext(t), id, 1); err == nil {
				t.Error("Started has taken an event")
			}
			if err := op.Completed(testContext(t), id, 1, 0); err == nil {
				t.Error("Completed has taken an event")
			}
			if err := op.Failed(testContext(t), id, errors.New("x"), 0); err == nil {
				t.Error("Failed has taken an event")
			}
		})
	}
}

func closedPublisher(t *testing.T) *onex.Publisher {
	pub := newPublisher(t, onex.Config{}, noKafka(t))
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	return pub
}

func TestRunLogsWhatItCannotPublish(t *testing.T) {
	var log bytes.Buffer
	pub := newPublisher(t, onex.Config{MaxEventBytes: 10, Logger: slog.New(slog.NewTextHandler(&log, nil))}, noKafka(t))
	ctx := onex.ContextWithCorrelation(testContext(t), id)
	if err := onex.RunBare(ctx, operation(pub, "effect", "x"), func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := pub.Close(ctx); err != nil { // after which nothing is logged
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.Split(log.String(), "\n"), func(line string) bool { return !strings.Contains(line, "event not published") })
	if len(lines) != 2 {
		t.Fatalf("log:\n%s", &log)
	}
	for i, eventType := range []string{"effect.x.started", "effect.x.completed"} {
		for _, want := range []string{"level=WARN", `msg="event not published"`, "node_id=n1", "operation=x", "event_id=", "correlation_id=" + id.String(), eventType, "the event is too large"} {
			if !strings.Contains(lines[i], want) {
				t.Errorf("%q does not contain %q", lines[i], want)
			}
		}
	}
	if got, want := pub.Ledger(), (onex.Ledger{Rejected: 2}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}

// What the configuration brings in fails without hurting the operation.
func TestRunWithAHostileConfig(t *testing.T) {
	boom := func() { panic("boom") }
	pub := newPublisher(t, onex.Config{
		MaxInFlight: 1, // so that there is something to log
		Logger:      slog.New(panicking{}),
		Now:         func() time.Time { boom(); return time.Time{} },
		NewID:       func() uuid.UUID { boom(); return uuid.Nil },
		Mask:        func(string) string { boom(); return "" },
	}, noKafka(t))
	op := operation(pub, "effect", "x")
	for _, ctx := range []context.Context{context.Background(), nil} {
		failure := errors.New("no")
		if err := onex.RunBare(ctx, op, func(context.Context) error { return failure }); err != failure {
			t.Errorf("Run: %v", err)
		}
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 1, InFlight: 1, Rejected: 3}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}

// panicking is a slog.Handler.
type panicking struct{}

func (panicking) Enabled(context.Context, slog.Level) bool  { return true }
func (panicking) Handle(context.Context, slog.Record) error { panic("boom") }
func (p panicking) WithAttrs([]slog.Attr) slog.Handler      { return p }
func (p panicking) WithGroup(string) slog.Handler           { return p }
