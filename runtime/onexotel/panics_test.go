package onexotel_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexotel"
)

// bad are what a program may give that panics: providers, a tracer, its spans, a
// propagator.
type (
	badTracers    struct{ noop.TracerProvider }
	badMeters     struct{ metric.MeterProvider }
	badSpans      struct{ noop.TracerProvider }
	badTracer     struct{ noop.Tracer }
	badSpan       struct{ noop.Span }
	badTracerOnly struct{ noop.TracerProvider }
	badPropagator struct{}
)

func (badTracers) Tracer(string, ...trace.TracerOption) trace.Tracer { panic("Tracer") }
func (badMeters) Meter(string, ...metric.MeterOption) metric.Meter   { panic("Meter") }
func (badSpans) Tracer(string, ...trace.TracerOption) trace.Tracer   { return badTracer{} }
func (badTracer) Start(ctx context.Context, _ string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	return ctx, badSpan{}
}
func (badSpan) IsRecording() bool                                        { return true }
func (badSpan) End(...trace.SpanEndOption)                               { panic("End") }
func (badTracerOnly) Tracer(string, ...trace.TracerOption) trace.Tracer  { return startless{} }
func (badPropagator) Inject(context.Context, propagation.TextMapCarrier) { panic("Inject") }
func (badPropagator) Fields() []string                                   { panic("Fields") }
func (badPropagator) Extract(context.Context, propagation.TextMapCarrier) context.Context {
	panic("Extract")
}

type startless struct{ noop.Tracer }

func (startless) Start(context.Context, string, ...trace.SpanStartOption) (context.Context, trace.Span) {
	panic("Start")
}

// Whatever panics, the operation runs and its events arrive.
func TestPanics(t *testing.T) {
	for name, opt := range map[string]onexotel.Option{
		"tracers": onexotel.WithTracerProvider(badTracers{}), "meters": onexotel.WithMeterProvider(badMeters{}),
		"spans": onexotel.WithTracerProvider(badSpans{}), "tracer": onexotel.WithTracerProvider(badTracerOnly{}),
		"propagator": onexotel.WithPropagator(badPropagator{}),
		"nil":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			tel := onexotel.New(opt)
			pub := newPublisher(t, tel, onex.Config{}, startKafka(t).ListenAddrs())
			stop, err := tel.Observe(pub)
			if err != nil {
				t.Log(err)
			}
			defer stop()
			want := errors.New("its own")
			if err := onex.RunBare(testContext(t), operation(pub, "x"), func(context.Context) error { return want }); err != want {
				t.Errorf("the operation returns %v", err)
			}
			closeAll(t, pub)
			if l := pub.Ledger(); l.Delivered != 2 {
				t.Errorf("ledger %+v", l)
			}
			rec := &kgo.Record{Topic: "t", Headers: []kgo.RecordHeader{{Key: "traceparent", Value: []byte("x")}}}
			called := 0
			if err := tel.Process(t.Context(), rec, func(ctx context.Context) error { called++; return want }); err != want || called != 1 {
				t.Errorf("Process returns %v, after %d calls", err, called)
			}
			if opt != nil && onexotel.Extract(t.Context(), rec.Headers, opt) == nil {
				t.Error("no context")
			}
		})
	}
}

// An OnRun of the program's own is told of the end of a run that has no span.
func TestChainedPanics(t *testing.T) {
	var log bytes.Buffer
	begun, ended := 0, 0
	type key struct{}
	cfg := onexotel.New(onexotel.WithTracerProvider(badTracerOnly{})).Config(onex.Config{
		Disabled: true,
		Logger:   slog.New(slog.NewTextHandler(&log, nil)),
		OnRun: func(ctx context.Context, _ onex.RunInfo) (context.Context, func(error)) {
			begun++
			return context.WithValue(ctx, key{}, "there"), func(error) { ended++ }
		},
	})
	pub, err := onex.NewPublisher(cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = onex.RunBare(t.Context(), operation(pub, "x"), func(ctx context.Context) error {
		if ctx.Value(key{}) != "there" {
			t.Error("the program's context is gone")
		}
		return nil
	})
	if err != nil || begun != 1 || ended != 1 {
		t.Errorf("%v, begun %d times and ended %d times", err, begun, ended)
	}
	if !strings.Contains(log.String(), "panic: Start") {
		t.Errorf("the log has %q", &log)
	}
}
