package onex_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// errorText says what a function of OnRun is told.
func errorText(err error) string {
	if typed, ok := errors.AsType[interface {
		error
		ErrorType() string
	}](err); ok {
		return typed.ErrorType()
	}
	return fmt.Sprint(err)
}

// OnRun is told of each run, its beginning before started and its end behind the last
// event; its context is the function's and that of Headers.
func TestOnRun(t *testing.T) {
	var told []string
	rec := onextest.NewConfig(t, onex.Config{
		Headers: traceHeaders,
		OnRun: func(ctx context.Context, run onex.RunInfo) (context.Context, func(error)) {
			correlation, ok := onex.CorrelationFromContext(ctx)
			told = append(told, fmt.Sprint(run, ok && correlation != uuid.Nil))
			outer, _ := ctx.Value(traceKey{}).(string)
			return withTrace(ctx, outer+"/"+run.Operation), func(err error) { told = append(told, run.Operation+" "+errorText(err)) }
		},
	})
	runsInRuns(t, rec.Publisher())
	want := []string{
		"{n1 effect a outer} true", "{n1 effect a good} true", "good <nil>", "{n1 effect a panics} true", "panics panic",
		"{n1 effect a exits} true", "exits goexit", "outer bad",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	for _, e := range rec.Events() {
		trace := "r/outer"
		if operation := strings.Split(e.EventType, ".")[1]; operation != "outer" {
			trace += "/" + operation
		}
		if e.Headers["traceparent"] != trace {
			t.Errorf("%s has the trace %s", e.EventType, e.Headers["traceparent"])
		}
	}
	without := onextest.New(t)
	runsInRuns(t, without.Publisher())
	if got, want := rec.Tree(), without.Tree(); got != want {
		t.Errorf("OnRun changes what causes what:\n%s\nwithout:\n%s", got, want)
	}
}

// runsInRuns runs an operation that has others run, in all ways in which they end.
func runsInRuns(t *testing.T, pub *onex.Publisher) {
	t.Helper()
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	bare := func(name string) *onex.Operation[onex.None, onex.None] {
		return onex.NewOperation[onex.None, onex.None](node, name)
	}
	err := onex.RunBare(withTrace(t.Context(), "r"), bare("outer"), func(ctx context.Context) error {
		if err := onex.RunBare(ctx, bare("good"), func(context.Context) error { return nil }); err != nil {
			return err
		}
		func() {
			defer func() { _ = recover() }()
			_ = onex.RunBare(ctx, bare("panics"), func(context.Context) error { panic(1) })
		}()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = onex.RunBare(ctx, bare("exits"), func(context.Context) error { runtime.Goexit(); return nil })
		}()
		<-ended
		return errors.New("bad")
	})
	if err == nil || err.Error() != "bad" {
		t.Errorf("it returns %v", err)
	}
}

// Whatever OnRun and what it returns do, the operation runs, with a correlation id, and its events
// are the same.
func TestOnRunFails(t *testing.T) {
	end := func(error) { panic("end") }
	for name, tt := range map[string]struct {
		onRun func(context.Context, onex.RunInfo) (context.Context, func(error))
		log   string
	}{
		"panic":       {func(context.Context, onex.RunInfo) (context.Context, func(error)) { panic("no") }, "Config.OnRun panicked"},
		"nothing":     {func(context.Context, onex.RunInfo) (context.Context, func(error)) { return nil, nil }, ""},
		"end panics":  {func(ctx context.Context, _ onex.RunInfo) (context.Context, func(error)) { return ctx, end }, "what Config.OnRun has returned panicked"},
		"other":       {func(context.Context, onex.RunInfo) (context.Context, func(error)) { return context.Background(), nil }, ""},
		"bad context": {func(context.Context, onex.RunInfo) (context.Context, func(error)) { return badContext{}, nil }, "Config.OnRun panicked"},
		"no correlation": {func(ctx context.Context, _ onex.RunInfo) (context.Context, func(error)) {
			return onex.ContextWith(ctx, onex.WithCorrelationID(uuid.Nil)), nil
		}, ""},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, nil))
			tree := func(onRun func(context.Context, onex.RunInfo) (context.Context, func(error))) string {
				rec := onextest.NewConfig(t, onex.Config{OnRun: onRun, Logger: logger})
				err := onex.RunBare(onex.ContextWithCorrelation(t.Context(), id), operation(rec.Publisher(), "effect", "x"), func(ctx context.Context) error {
					if got, _ := onex.CorrelationFromContext(ctx); got != id {
						t.Errorf("correlation id %s", got)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				return rec.Tree()
			}
			if got, want := tree(tt.onRun), tree(nil); got != want {
				t.Errorf("events:\n%s\nwant:\n%s", got, want)
			}
			if n := strings.Count(log.String(), "level=WARN"); n != min(1, len(tt.log)) || !strings.Contains(log.String(), tt.log) {
				t.Errorf("the log has %s", &log)
			}
		})
	}
}

type badContext struct{ context.Context }

func (badContext) Value(any) any { panic("no value") }

// A program that has switched events off has its spans, and so has one with a real
// publisher, whose log then tells of mistakes.
func TestOnRunOfPublishers(t *testing.T) {
	off, err := onex.NewPublisher(onex.Config{Disabled: true, OnRun: onRunOf(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, pub := range []*onex.Publisher{off, newPublisher(t, onex.Config{OnRun: onRunOf(t)}, startKafka(t))} {
		var got any
		if err := onex.RunBare(noContext, operation(pub, "effect", "x"), func(ctx context.Context) error {
			got = ctx.Value(traceKey{})
			return nil
		}); err != nil || !reflect.DeepEqual(got, "x") {
			t.Errorf("%v, %v", got, err)
		}
	}
}

func onRunOf(t *testing.T) func(context.Context, onex.RunInfo) (context.Context, func(error)) {
	ended := 0
	t.Cleanup(func() {
		if ended != 1 {
			t.Errorf("%d ends", ended)
		}
	})
	return func(ctx context.Context, run onex.RunInfo) (context.Context, func(error)) {
		return withTrace(ctx, run.Operation), func(error) { ended++ }
	}
}

// Headers and OnRun may publish and run operations themselves, for which they are called
// again: so often, and not until the program has no stack left.
func TestCalledInItself(t *testing.T) {
	var log bytes.Buffer
	var op *onex.Operation[onex.None, onex.None]
	runs, asked := 0, 0
	run := func(ctx context.Context) {
		_ = onex.RunBare(ctx, op, func(context.Context) error { runs++; return nil })
	}
	for name, cfg := range map[string]onex.Config{
		"Headers": {Headers: func(ctx context.Context) []kgo.RecordHeader {
			asked++
			_ = op.Started(ctx, id, onex.None{})
			return nil
		}},
		"OnRun": {OnRun: func(ctx context.Context, _ onex.RunInfo) (context.Context, func(error)) {
			asked++
			run(ctx)
			return ctx, nil
		}},
	} {
		log.Reset()
		runs, asked = 0, 0
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
		rec := onextest.NewConfig(t, cfg)
		op = operation(rec.Publisher(), "effect", "x")
		run(t.Context())
		if runs == 0 || asked == 0 || asked > 100 || len(rec.Events()) < 2 {
			t.Errorf("%s: %d runs, asked %d times, %d events", name, runs, asked, len(rec.Events()))
		}
		if !strings.Contains(log.String(), "it does what it is called for") {
			t.Errorf("%s: the log has %s", name, &log)
		}
	}
}
