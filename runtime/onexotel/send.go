package onexotel

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// Hooks returns the option of a publisher that makes spans and the histogram of its
// deliveries. Hooks of the program's own stay.
func (t *Telemetry) Hooks() kgo.Opt { return kgo.WithHooks(&hook{t}) }

// hook is told of each record of a publisher: when its client is given it, and when
// that has an answer.
type hook struct{ *Telemetry }

var (
	_ kgo.HookProduceRecordBuffered   = (*hook)(nil)
	_ kgo.HookProduceRecordUnbuffered = (*hook)(nil)
)

// sendKey has the span of a record in its context, where no other hook finds it.
type sendKey struct{}

func (h *hook) OnProduceRecordBuffered(rec *kgo.Record) {
	// What the record's context may have is that of a caller who has gone on.
	created := h.propagator.Extract(context.Background(), &carrier{rec.Headers})
	opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(h.attributes...)}
	if link := trace.LinkFromContext(created); link.SpanContext.IsValid() {
		opts = append(opts, trace.WithLinks(link))
	}
	_, span := h.tracer.Start(created, "send "+rec.Topic, opts...)
	if span.IsRecording() {
		span.SetAttributes(semconv.MessagingOperationName("send"), semconv.MessagingOperationTypeSend)
		span.SetAttributes(about(rec)...)
	}
	ctx := rec.Context
	if ctx == nil {
		ctx = context.Background()
	}
	rec.Context = context.WithValue(ctx, sendKey{}, span)
}

func (h *hook) OnProduceRecordUnbuffered(rec *kgo.Record, err error) {
	if err == nil && !isLetter(rec) {
		h.duration.Record(context.Background(), time.Since(rec.Timestamp).Seconds(), h.measured)
	}
	span, ok := rec.Context.Value(sendKey{}).(trace.Span)
	if !ok {
		return
	}
	defer span.End()
	if !span.IsRecording() {
		return
	}
	if err == nil {
		span.SetAttributes(semconv.MessagingDestinationPartitionID(partition(rec)), semconv.MessagingKafkaOffset(int(rec.Offset)))
		return
	}
	kind := semconv.ErrorType(err)
	if answer, ok := errors.AsType[*kerr.Error](err); ok {
		kind = semconv.ErrorTypeKey.String(answer.Message)
	}
	span.SetAttributes(kind)
	span.SetStatus(codes.Error, cut(onex.MaskSecrets(cut(err.Error(), read)), longest))
}

func partition(rec *kgo.Record) string { return strconv.Itoa(int(rec.Partition)) }

func isLetter(rec *kgo.Record) bool {
	return slices.ContainsFunc(rec.Headers, func(h kgo.RecordHeader) bool { return h.Key == onex.HeaderOriginalTopic })
}

// about returns what a span says of a record.
func about(rec *kgo.Record) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		semconv.MessagingSystemKafka, semconv.MessagingDestinationName(rec.Topic), semconv.MessagingMessageBodySize(len(rec.Value)),
	}
	if rec.Key != nil {
		attrs = append(attrs, semconv.MessagingKafkaMessageKey(string(rec.Key)))
	}
	if isLetter(rec) {
		c := carrier{rec.Headers}
		return append(attrs, semconv.MessagingMessageID(c.Get(onex.HeaderEventID)))
	}
	env, err := envelope.DecodeAny(rec.Value)
	if err != nil {
		return attrs
	}
	e := env.Event()
	attrs = append(attrs, semconv.MessagingMessageID(e.ID.String()))
	if e.CorrelationID != uuid.Nil {
		attrs = append(attrs, semconv.MessagingMessageConversationID(e.CorrelationID.String()))
	}
	return attrs
}
