package onexotel

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// carrier has a propagator's fields in a record's headers. One that is there already
// is not replaced; of several with one key, the last is read.
type carrier struct{ headers []kgo.RecordHeader }

func (c *carrier) find(key string) int {
	for i, h := range slices.Backward(c.headers) {
		if h.Key == key {
			return i
		}
	}
	return -1
}

func (c *carrier) Get(key string) string {
	if i := c.find(key); i >= 0 {
		return string(c.headers[i].Value)
	}
	return ""
}

func (c *carrier) Set(key, value string) {
	if c.find(key) < 0 {
		c.headers = append(c.headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
	}
}

func (c *carrier) Keys() (keys []string) {
	for _, h := range c.headers {
		keys = append(keys, h.Key)
	}
	return keys
}

// Extract returns ctx with the trace that a record's headers have: those of a
// kgo.Record, or of a receive.Record. What is done under it is a child of the span
// under which the event was published. If they have none, or the propagator panics,
// it returns ctx. Of the options only [WithPropagator] counts.
func Extract[H ~struct {
	Key   string
	Value []byte
}](ctx context.Context, headers []H, opts ...Option,
) context.Context {
	c := carrier{make([]kgo.RecordHeader, len(headers))}
	for i, h := range headers {
		c.headers[i] = kgo.RecordHeader(h)
	}
	with := ctx
	if safely(func() { with = collect(opts).propagator.Extract(ctx, &c) }) != nil {
		return ctx
	}
	return with
}

// Process calls handle for a record that was read, with a span "process {topic}" of the
// kind consumer, and returns what it returns; its panic goes on, and is an error in the
// span. The span is a child of the one under
// which the event was published, and has a link to it, and one to ctx's span:
//
//	err := tel.Process(ctx, rec, func(ctx context.Context) error { return mux.Dispatch(ctx, record) })
func (t *Telemetry) Process(ctx context.Context, rec *kgo.Record, handle func(context.Context) error) error {
	with, span := ctx, trace.Span(noop.Span{})
	_ = safely(func() {
		created := Extract(ctx, rec.Headers, WithPropagator(t.propagator))
		links := []trace.Link{trace.LinkFromContext(created)}
		if own := trace.SpanContextFromContext(ctx); own.IsValid() && !own.Equal(links[0].SpanContext) {
			links = append(links, trace.Link{SpanContext: own})
		}
		with, span = t.tracer.Start(created, "process "+rec.Topic, trace.WithSpanKind(trace.SpanKindConsumer),
			trace.WithLinks(links...), trace.WithAttributes(t.attributes...), trace.WithAttributes(
				semconv.MessagingOperationName("process"), semconv.MessagingOperationTypeProcess,
				semconv.MessagingDestinationPartitionID(partition(rec)), semconv.MessagingKafkaOffset(int(rec.Offset)),
			), trace.WithAttributes(about(rec)...))
	})
	has := error(unreturned{})
	defer func() {
		if has != nil {
			_ = safely(func() { fail(span, has, onex.MaskSecrets) })
		}
		_ = safely(func() { span.End() })
	}()
	has = handle(with)
	return has
}

// unreturned is that a handler has not returned.
type unreturned struct{}

func (unreturned) Error() string     { return "the handler has panicked, or ended its goroutine" }
func (unreturned) ErrorType() string { return "panic" }
