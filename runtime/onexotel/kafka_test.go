//go:build kafka

package onexotel_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexotel"
	"github.com/omninode-ai/onexevents/runtime/spool"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// victim makes the test binary a service that is killed while it serves a request: its
// value is the folder of its spool, the broker and the request's traceparent.
const victim = "ONEX_TEST_OTEL_VICTIM"

func mainOf(m *testing.M) int {
	if args := strings.Fields(os.Getenv(victim)); len(args) == 3 {
		fmt.Fprintln(os.Stderr, serve(args[0], args[1], args[2]))
		return 1
	}
	return kafkacluster.Main(m)
}

// line is what the victim says of a span when it begins.
type line struct{ Name, Trace, Span, Parent string }

// printer prints the spans that begin.
type printer struct {
	sdk.SpanProcessor
	out io.Writer
}

func (p printer) OnStart(_ context.Context, s sdk.ReadWriteSpan) {
	_ = json.NewEncoder(p.out).Encode(line{s.Name(), s.SpanContext().TraceID().String(), s.SpanContext().SpanID().String(), s.Parent().SpanID().String()})
}

// serve handles one request, in the middle of which it waits to be killed.
func serve(dir, broker, traceparent string) error {
	tel := onexotel.New(onexotel.WithTracerProvider(sdk.NewTracerProvider(
		sdk.WithSpanProcessor(printer{sdk.NewSimpleSpanProcessor(discard{}), os.Stdout}))))
	sp, err := spool.Open(dir)
	if err != nil {
		return err
	}
	pub, err := onex.NewPublisher(tel.Config(onex.Config{Spool: sp, Logger: slog.New(slog.DiscardHandler)}), kgo.SeedBrokers(broker), tel.Hooks())
	if err != nil {
		return err
	}
	ctx := onexotel.Extract(context.Background(), []kgo.RecordHeader{{Key: "traceparent", Value: []byte(traceparent)}})
	return onex.RunBare(onex.ContextWithDurable(ctx), operation(pub, "outer"), func(ctx context.Context) error {
		if err := onex.RunBare(ctx, operation(pub, "inner"), func(context.Context) error { return nil }); err != nil {
			return err
		}
		if err := onex.MetricRecorded(ctx, nodeOf(pub), "m", 1, "u"); err != nil {
			return err
		}
		fmt.Println("all is on disk")
		select {} // until it is killed
	})
}

// A service is killed with kill -9 in the middle of a request, while it does not reach
// Apache Kafka: every span of the request has the caller's trace id, and so have the
// deliveries by the next process, which have links to the spans under which their events
// were published.
func TestKilled(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	const prefix = "dev.a.effect."
	topics := []string{"outer.started.v1", "inner.started.v1", "inner.completed.v1", "metric.recorded.v1", "outer.failed.v1"}
	for i, topic := range topics {
		topics[i] = prefix + topic
	}
	cluster.CreateTopics(t, 1, nil, topics...)
	t.Cleanup(func() { cluster.DeleteTopics(t, topics...) })
	dir := t.TempDir()
	caller := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{15: 7}, SpanID: trace.SpanID{7: 9}, TraceFlags: trace.FlagsSampled})
	spans := killService(t, dir, "127.0.0.1:1", fmt.Sprintf("00-%s-%s-01", caller.TraceID(), caller.SpanID()))
	if len(spans) < 2 || spans["outer"].Parent != caller.SpanID().String() || spans["inner"].Parent != spans["outer"].Span {
		t.Fatalf("spans %v", spans)
	}
	for name, s := range spans {
		if s.Trace != caller.TraceID().String() {
			t.Errorf("%s is in the trace %s, want %s", name, s.Trace, caller.TraceID())
		}
	}

	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	tr := newTracing()
	pub := newPublisher(t, onexotel.New(onexotel.WithTracerProvider(tr)), onex.Config{Spool: sp}, cluster.Addresses(kafkacluster.Plaintext))
	closeAll(t, pub)
	if l := pub.Ledger(); l.Delivered != 5 {
		t.Fatalf("ledger %+v", l)
	}
	delivered := map[string]bool{}
	for _, s := range tr.Ended() {
		of := spans["outer"]
		if strings.Contains(s.Name(), ".inner.") {
			of = spans["inner"]
		}
		if s.SpanContext().TraceID() != caller.TraceID() || len(s.Links()) != 1 || s.Links()[0].SpanContext.SpanID().String() != of.Span || s.Links()[0].SpanContext.TraceID() != caller.TraceID() {
			t.Errorf("%s in the trace %s has the links %v, want %v", s.Name(), s.SpanContext().TraceID(), s.Links(), of)
		}
		delivered[strings.TrimPrefix(s.Name(), "send ")] = true
	}
	for _, topic := range topics {
		if !delivered[topic] {
			t.Errorf("no delivery to %s: %v", topic, delivered)
		}
	}
}

// killService runs the service until all is on disk, kills it, and returns the spans
// that it had begun.
func killService(t *testing.T, dir, broker, traceparent string) map[string]line {
	t.Helper()
	service := exec.Command(os.Args[0])
	service.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s", victim, dir, broker, traceparent))
	service.Stderr = os.Stderr
	out, err := service.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	spans := map[string]line{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "all is on disk" {
			if err := service.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		var s line
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		spans[s.Name] = s
	}
	if err := service.Wait(); service.ProcessState.ExitCode() != -1 {
		t.Fatalf("the service ended by itself: %v", err)
	}
	return spans
}
