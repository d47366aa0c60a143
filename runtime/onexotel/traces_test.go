package onexotel_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexotel"
	"github.com/omninode-ai/onexevents/runtime/receive"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

func TestMain(m *testing.M) { os.Exit(mainOf(m)) }

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func startKafka(t testing.TB) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// tracing is a program's tracer with what it has recorded.
type tracing struct {
	*tracetest.SpanRecorder
	*sdk.TracerProvider
}

func newTracing() tracing {
	spans := tracetest.NewSpanRecorder()
	return tracing{spans, sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))}
}

// named returns the spans whose names begin so.
func (t tracing) named(prefix string) (spans []sdk.ReadOnlySpan) {
	for _, s := range t.Ended() {
		if strings.HasPrefix(s.Name(), prefix) {
			spans = append(spans, s)
		}
	}
	return spans
}

func attributesOf(s sdk.ReadOnlySpan) map[string]string {
	all := map[string]string{}
	for _, a := range s.Attributes() {
		all[string(a.Key)] = a.Value.String()
	}
	return all
}

func newPublisher(t testing.TB, tel *onexotel.Telemetry, cfg onex.Config, addrs []string) *onex.Publisher {
	t.Helper()
	return newPublisherWithout(t, tel.Config(cfg), addrs, tel.Hooks())
}

func newPublisherWithout(t testing.TB, cfg onex.Config, addrs []string, opts ...kgo.Opt) *onex.Publisher {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	pub, err := onex.NewPublisher(cfg, append(opts, kgo.SeedBrokers(addrs...))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, end := context.WithCancel(context.Background())
		end()
		_ = pub.Close(ended)
	})
	return pub
}

func closeAll(t testing.TB, pub *onex.Publisher) {
	t.Helper()
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
}

func nodeOf(pub *onex.Publisher) *onex.Node {
	return onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
}

func operation(pub *onex.Publisher, name string) *onex.Operation[onex.None, onex.None] {
	return onex.NewOperation[onex.None, onex.None](nodeOf(pub), name)
}

var id = uuid.MustParse("6ba7b810-9dad-41d1-80b4-00c04fd430c8")

// A request's span is the ancestor of all: of the operations' spans, and of their
// events' deliveries, which have links to the span under which they were published.
func TestTrace(t *testing.T) {
	for _, profile := range []onex.Profile{onex.ProfileV1, onex.Profile2} {
		cluster, tr := startKafka(t), newTracing()
		tel := onexotel.New(onexotel.WithTracerProvider(tr), onexotel.WithAttributes(attribute.String("which", "first")))
		pub := newPublisher(t, tel, onex.Config{Profile: profile}, cluster.ListenAddrs())
		ctx, request := tr.Tracer("test").Start(testContext(t), "request")
		member, _ := baggage.NewMember("user", "7")
		bag, _ := baggage.New(member)
		ctx = onex.ContextWithCorrelation(baggage.ContextWithBaggage(ctx, bag), id)
		err := onex.RunBare(ctx, operation(pub, "outer"), func(ctx context.Context) error {
			_ = onex.RunBare(ctx, operation(pub, "inner"), func(context.Context) error { return errors.New("password=hunter2x is wrong") })
			return onex.MetricRecorded(ctx, nodeOf(pub), "m", 1, "u")
		})
		if err != nil {
			t.Fatal(err)
		}
		request.End()
		closeAll(t, pub)

		runs := map[string]sdk.ReadOnlySpan{}
		for _, s := range append(tr.named("outer"), tr.named("inner")...) {
			runs[s.Name()] = s
			want := map[string]string{
				"onex.operation.name": s.Name(), "onex.service.name": "a", "onex.node.id": "n1", "onex.node.type": "effect",
				"onex.correlation_id": id.String(), "which": "first",
			}
			if s.Name() == "inner" {
				want["error.type"] = "*errors.errorString"
			}
			if got := attributesOf(s); !equal(got, want) || s.SpanKind() != trace.SpanKindInternal {
				t.Errorf("%s: %v %v, want %v", s.Name(), s.SpanKind(), got, want)
			}
		}
		inner, outer := runs["inner"], runs["outer"]
		if inner.Status().Code != codes.Error || strings.Contains(inner.Status().Description, "hunter2x") || !strings.Contains(inner.Status().Description, "is wrong") {
			t.Errorf("inner's status is %v", inner.Status())
		}
		if outer.Status().Code != codes.Unset || outer.Parent().SpanID() != request.SpanContext().SpanID() || inner.Parent().SpanID() != outer.SpanContext().SpanID() {
			t.Errorf("outer is %v below %v, inner below %v", outer.Status(), outer.Parent().SpanID(), inner.Parent().SpanID())
		}
		sends := tr.named("send ")
		if len(sends) != 5 {
			t.Fatalf("%d deliveries", len(sends))
		}
		for _, s := range sends {
			topic := strings.TrimPrefix(s.Name(), "send ")
			of := outer
			if strings.Contains(topic, "inner") {
				of = inner
			}
			checkSend(t, s, of.SpanContext())
			got := attributesOf(s)
			want := map[string]string{
				"messaging.system": "kafka", "messaging.operation.name": "send", "messaging.operation.type": "send",
				"messaging.destination.name": topic, "messaging.destination.partition.id": got["messaging.destination.partition.id"],
				"messaging.kafka.offset": got["messaging.kafka.offset"], "messaging.kafka.message.key": id.String(),
				"messaging.message.body.size": got["messaging.message.body.size"], "messaging.message.conversation_id": id.String(),
				"messaging.message.id": got["messaging.message.id"], "which": "first",
			}
			if !equal(got, want) || want["messaging.kafka.offset"] == "" || uuid.Validate(want["messaging.message.id"]) != nil {
				t.Errorf("%s has %v, want %v", s.Name(), got, want)
			}
		}
		for _, s := range sends {
			topic := strings.TrimPrefix(s.Name(), "send ")
			for _, rec := range readAll(t, cluster.ListenAddrs(), topic) {
				ctx := onexotel.Extract(context.Background(), rec.Headers)
				if trace.SpanContextFromContext(ctx).TraceID() != request.SpanContext().TraceID() || baggage.FromContext(ctx).Member("user").Value() != "7" {
					t.Errorf("%s: headers %q", topic, rec.Headers)
				}
			}
		}
	}
}

func equal(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// checkSend checks where a delivery hangs.
func checkSend(t *testing.T, s sdk.ReadOnlySpan, of trace.SpanContext) {
	t.Helper()
	if s.SpanKind() != trace.SpanKindProducer || s.SpanContext().TraceID() != of.TraceID() || s.Parent().SpanID() != of.SpanID() ||
		len(s.Links()) != 1 || s.Links()[0].SpanContext.SpanID() != of.SpanID() || s.Links()[0].SpanContext.TraceID() != of.TraceID() {
		t.Errorf("%s: %v below %v, links %v; want %v", s.Name(), s.SpanKind(), s.Parent(), s.Links(), of)
	}
}

// readAll returns all records of a topic.
func readAll(t *testing.T, addrs []string, topic string) (records []*kgo.Record) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.ConsumeTopics(topic), kgo.FetchMaxWait(20*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fetches := client.PollFetches(testContext(t))
	if err := fetches.Err(); err != nil {
		t.Fatalf("%s: %v", topic, err)
	}
	return fetches.Records()
}

// What waits in a spool is delivered in the trace of its caller, by another process
// too; so is the end of an operation that has none, and a dead letter.
func TestTraceOverProcesses(t *testing.T) {
	dir := t.TempDir()
	open := func() onex.Spool {
		sp, err := spool.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return sp
	}
	first := newTracing()
	pub := newPublisher(t, onexotel.New(onexotel.WithTracerProvider(first)), onex.Config{Spool: open()}, []string{"127.0.0.1:1"})
	ctx, request := first.Tracer("test").Start(onex.ContextWithDurable(testContext(t)), "request")
	if err := operation(pub, "x").Started(ctx, id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	if err := onex.MetricRecorded(onex.ContextWithCorrelation(ctx, id), nodeOf(pub), "unfit", 1, "u"); err != nil {
		t.Fatal(err)
	}
	request.End()
	ended, end := context.WithCancel(context.Background())
	end()
	_ = pub.Close(ended)

	cluster, second := startKafka(t), newTracing()
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "dev.a.effect.metric.recorded.v1", Err: kerr.MessageTooLarge, Count: -1})
	next := newPublisher(t, onexotel.New(onexotel.WithTracerProvider(second)), onex.Config{Spool: open()}, cluster.ListenAddrs())
	closeAll(t, next)
	if l := next.Ledger(); l.Delivered != 2 || l.DeadLettered != 1 {
		t.Fatalf("ledger %+v", l)
	}
	seen := map[string]int{}
	for _, s := range second.Ended() {
		checkSend(t, s, request.SpanContext())
		name := strings.TrimPrefix(s.Name(), "send dev.a.effect.")
		seen[name]++
		failed := name == "metric.recorded.v1"
		if is := s.Status().Code == codes.Error; is != failed || failed && attributesOf(s)["error.type"] != "MESSAGE_TOO_LARGE" {
			t.Errorf("%s: %v, %v", s.Name(), s.Status(), attributesOf(s))
		}
		if uuid.Validate(attributesOf(s)["messaging.message.id"]) != nil {
			t.Errorf("%s: %v", s.Name(), attributesOf(s))
		}
	}
	for _, name := range []string{"x.started.v1", "x.failed.v1", "metric.recorded.v1", "metric.recorded.v1.dlq"} {
		if seen[name] == 0 {
			t.Errorf("no delivery of %s: %v", name, seen)
		}
	}
}

// What the program has itself stays, and is around the span; a header of its own is
// not replaced.
func TestChained(t *testing.T) {
	tr := newTracing()
	var told []string
	type key struct{}
	tel := onexotel.New(onexotel.WithTracerProvider(tr))
	cfg := tel.Config(onex.Config{
		Headers: func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{{Key: "mine", Value: []byte("1")}, {Key: "traceparent", Value: []byte("own")}}
		},
		OnRun: func(ctx context.Context, run onex.RunInfo) (context.Context, func(error)) {
			told = append(told, run.Operation)
			return context.WithValue(ctx, key{}, "there"), func(err error) {
				told = append(told, err.Error())
				if n := len(tr.Ended()); n != 1 {
					t.Errorf("%d spans have ended", n)
				}
			}
		},
	})
	cfg.Disabled = true
	pub, err := onex.NewPublisher(cfg)
	if err != nil {
		t.Fatal(err)
	}
	_ = onex.RunBare(t.Context(), operation(pub, "x"), func(ctx context.Context) error {
		if ctx.Value(key{}) != "there" || !trace.SpanContextFromContext(ctx).IsValid() {
			t.Error("the function's context lacks something")
		}
		headers := cfg.Headers(ctx)
		var keys []string
		for _, h := range headers {
			keys = append(keys, h.Key)
		}
		if !slices.Equal(keys, []string{"mine", "traceparent"}) || string(headers[1].Value) != "own" {
			t.Errorf("headers %q", headers)
		}
		return errors.New("bad")
	})
	if !slices.Equal(told, []string{"x", "bad"}) {
		t.Errorf("told %q", told)
	}
	nothing := tel.Config(onex.Config{OnRun: func(context.Context, onex.RunInfo) (context.Context, func(error)) { return nil, nil }})
	if ctx, end := nothing.OnRun(t.Context(), onex.RunInfo{}); !trace.SpanContextFromContext(ctx).IsValid() || end == nil {
		t.Error("an OnRun that returns nothing keeps the span away")
	}
}

// Who reads goes on with the trace: a handler of receive, a span of its own.
func TestReceive(t *testing.T) {
	tr := newTracing()
	tel := onexotel.New(onexotel.WithTracerProvider(tr))
	cluster := startKafka(t)
	pub := newPublisher(t, tel, onex.Config{}, cluster.ListenAddrs())
	ctx, request := tr.Tracer("test").Start(testContext(t), "request")
	if err := operation(pub, "x").Started(ctx, id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	closeAll(t, pub)
	rec := readAll(t, cluster.ListenAddrs(), "dev.a.effect.x.started.v1")[0]

	mux, got := receive.NewMux(), trace.SpanContext{}
	receive.On(mux, "effect.x.started", func(ctx context.Context, _ receive.Event[envelope.OperationStarted]) error {
		got = trace.SpanContextFromContext(ctx)
		return errors.New("token=hunter2xyz")
	})
	record := receive.Record{Topic: rec.Topic, Key: rec.Key, Value: rec.Value}
	for _, h := range rec.Headers {
		record.Headers = append(record.Headers, receive.Header(h))
	}
	_ = mux.Dispatch(onexotel.Extract(t.Context(), record.Headers), record)
	if !got.IsRemote() || got.SpanID() != request.SpanContext().SpanID() {
		t.Errorf("the handler's span is %v", got)
	}
	own, poll := tr.Tracer("test").Start(t.Context(), "poll")
	if err := tel.Process(own, rec, func(ctx context.Context) error { return mux.Dispatch(ctx, record) }); err == nil {
		t.Error("the handler's error is gone")
	}
	s := tr.named("process dev.a.effect.x.started.v1")[0]
	if s.SpanContext().SpanID() != got.SpanID() || s.Parent().SpanID() != request.SpanContext().SpanID() || s.SpanKind() != trace.SpanKindConsumer {
		t.Errorf("%v below %v", s.SpanContext(), s.Parent())
	}
	if len(s.Links()) != 2 || s.Links()[0].SpanContext.SpanID() != request.SpanContext().SpanID() || s.Links()[1].SpanContext.SpanID() != poll.SpanContext().SpanID() {
		t.Errorf("links %v", s.Links())
	}
	if a := attributesOf(s); a["messaging.operation.type"] != "process" || a["error.type"] == "" || strings.Contains(s.Status().Description, "hunter2xyz") {
		t.Errorf("%v, %v", a, s.Status())
	}
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the handler's panic is gone")
			}
		}()
		_ = tel.Process(own, rec, func(context.Context) error { panic("boom") })
	}()
	all := tr.named("process dev.a.effect.x.started.v1")
	if s := all[len(all)-1]; len(all) != 2 || s.Status().Code != codes.Error || attributesOf(s)["error.type"] != "panic" {
		t.Errorf("of %d spans the last, of a panic, has %v and %v", len(all), s.Status(), attributesOf(s))
	}
	none := onexotel.Extract(own, []kgo.RecordHeader{{Key: "traceparent", Value: []byte("nonsense")}})
	if trace.SpanContextFromContext(none).SpanID() != poll.SpanContext().SpanID() {
		t.Error("headers without a trace take ctx's away")
	}
}
