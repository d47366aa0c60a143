package onexotel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	onex "github.com/omninode-ai/onexevents/runtime"
)

const scope = "github.com/omninode-ai/onexevents/runtime/onexotel"

// Telemetry gives publishers spans and metrics. It is made by [New], and may be used
// for several publishers, and by several goroutines at once.
type Telemetry struct {
	options
	tracer   trace.Tracer
	meter    metric.Meter
	duration metric.Float64Histogram
	measured metric.MeasurementOption
}

// Option is an option of [New] and of [Extract].
type Option func(*options)

type options struct {
	tracers    trace.TracerProvider
	meters     metric.MeterProvider
	propagator propagation.TextMapPropagator
	attributes []attribute.KeyValue
}

// WithTracerProvider says where spans go. Default otel.GetTracerProvider().
func WithTracerProvider(p trace.TracerProvider) Option { return func(o *options) { o.tracers = p } }

// WithMeterProvider says where metrics go. Default otel.GetMeterProvider().
func WithMeterProvider(p metric.MeterProvider) Option { return func(o *options) { o.meters = p } }

// WithPropagator says how headers have a trace. Default otel.GetTextMapPropagator();
// if the program has set none by then, W3C's trace context and baggage.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(o *options) { o.propagator = p }
}

// WithAttributes gives all metrics and spans constant attributes, such as those that
// tell several publishers of a process apart. Given twice, they add up.
func WithAttributes(attributes ...attribute.KeyValue) Option {
	return func(o *options) { o.attributes = append(slices.Clip(o.attributes), attributes...) }
}

func collect(opts []Option) (o options) {
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	if o.propagator == nil {
		o.propagator = otel.GetTextMapPropagator()
		if len(o.propagator.Fields()) == 0 {
			o.propagator = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
		}
	}
	if o.tracers == nil {
		o.tracers = otel.GetTracerProvider()
	}
	if o.meters == nil {
		o.meters = otel.GetMeterProvider()
	}
	return o
}

// New returns a Telemetry. A provider that panics is left out.
func New(opts ...Option) *Telemetry {
	t := &Telemetry{tracer: tracenoop.Tracer{}, meter: metricnoop.Meter{}, duration: metricnoop.Float64Histogram{}}
	_ = safely(func() { t.options = collect(opts) })
	t.measured = metric.WithAttributes(t.attributes...)
	_ = safely(func() {
		if tracer := t.tracers.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL)); tracer != nil {
			t.tracer = tracer
		}
	})
	_ = safely(func() {
		meter := t.meters.Meter(scope)
		duration, err := newDuration(meter)
		if err == nil && duration != nil {
			t.meter, t.duration = meter, duration
		}
	})
	return t
}

// Config returns cfg with spans around each Run and the trace in the headers of each
// event. What cfg has of both is kept, and comes first: its OnRun is around the span,
// and a header of its Headers is not replaced.
func (t *Telemetry) Config(cfg onex.Config) onex.Config {
	headers, onRun, mask := cfg.Headers, cfg.OnRun, cfg.Mask
	if mask == nil {
		mask = onex.MaskSecrets
	}
	cfg.Headers = func(ctx context.Context) []kgo.RecordHeader {
		var c carrier
		if headers != nil {
			own := headers(ctx)
			c.headers = own[:len(own):len(own)] // which may be used again
		}
		t.propagator.Inject(ctx, &c)
		return c.headers
	}
	cfg.OnRun = func(ctx context.Context, run onex.RunInfo) (context.Context, func(error)) {
		if onRun == nil {
			return t.run(ctx, run, mask)
		}
		outer, endOuter := onRun(ctx, run)
		if outer == nil {
			outer = ctx
		}
		inner, end := outer, func(error) {}
		if failure := safely(func() { inner, end = t.run(outer, run, mask) }); failure != nil {
			end = func(error) { panic(failure) } // at the end, so that endOuter is called, and the publisher logs it
		}
		if endOuter == nil {
			return inner, end
		}
		return inner, func(err error) {
			defer endOuter(err)
			end(err)
		}
	}
	return cfg
}

// run begins a span.
func (t *Telemetry) run(ctx context.Context, run onex.RunInfo, mask func(string) string) (context.Context, func(error)) {
	ctx, span := t.tracer.Start(ctx, run.Operation, trace.WithAttributes(t.attributes...))
	if span.IsRecording() {
		attrs := []attribute.KeyValue{
			attribute.String("onex.operation.name", run.Operation), attribute.String("onex.service.name", run.Service),
			attribute.String("onex.node.id", run.NodeID), attribute.String("onex.node.type", run.NodeType),
		}
		if id, ok := onex.CorrelationFromContext(ctx); ok {
			attrs = append(attrs, attribute.String("onex.correlation_id", id.String()))
		}
		span.SetAttributes(attrs...)
	}
	return ctx, func(err error) {
		defer span.End()
		if err != nil {
			fail(span, err, mask)
		}
	}
}

// longest bounds an error's text in a span, in bytes, and read is how much of it is
// masked.
const longest, read = 2 << 10, 16 << 10

// fail notes in a span that what it is about has failed.
func fail(span trace.Span, err error, mask func(string) string) {
	if !span.IsRecording() {
		return
	}
	span.SetStatus(codes.Error, "")
	span.SetAttributes(semconv.ErrorType(err))
	span.SetStatus(codes.Error, cut(mask(cut(err.Error(), read)), longest))
}

// cut returns the beginning of a text, without a half of a character.
func cut(text string, limit int) string {
	return strings.ToValidUTF8(text[:min(len(text), limit)], "")
}

// safely returns the panic of f as an error.
func safely(f func()) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = errors.New("panic: " + fmt.Sprint(cause))
		}
	}()
	f()
	return nil
}
