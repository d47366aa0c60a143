// Outside is a service of a module outside of the repository: it stamps what comes by
// HTTP, and reacts to its own failures. It asks itself twice, and ends when it has
// reacted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexhttp"
	"github.com/omninode-ai/onexevents/runtime/onexotel"
	"github.com/omninode-ai/onexevents/runtime/receive"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1))
	if err != nil {
		return err
	}
	defer cluster.Close()
	brokers := kgo.SeedBrokers(cluster.ListenAddrs()...)
	spans := tracetest.NewSpanRecorder()
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	tel := onexotel.New(onexotel.WithTracerProvider(tracers))
	pub, err := onex.NewPublisher(tel.Config(onex.Config{Logger: slog.New(slog.DiscardHandler)}), brokers, tel.Hooks())
	if err != nil {
		return err
	}
	stamper := &Stamper{NewStamperEvents(pub, "stamper-1")}
	if _, err := pub.EnsureTopics(ctx, topics.Settings{}); err != nil {
		return errors.Join(err, pub.Close(ctx))
	}
	server := httptest.NewServer(handler(stamper, out, tracers.Tracer("outside")))
	err = ask(ctx, out, server.URL)
	server.Close()
	if err := errors.Join(err, pub.Close(ctx)); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d events delivered\n", pub.Ledger().Delivered)
	err = react(ctx, out, tel, brokers, pub.Topics())
	printTraces(out, spans.Ended())
	return err
}

// handler stamps what comes.
func handler(s *Stamper, out io.Writer, tracer trace.Tracer) http.Handler {
	log := slog.New(onex.LogHandler(slog.NewTextHandler(out, nil)))
	return onexhttp.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), "POST")
		defer span.End()
		var doc Document
		if err := json.NewDecoder(r.Body).Decode(&doc); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		stamp, err := s.Stamp(ctx, doc)
		if err != nil {
			log.WarnContext(ctx, err.Error())
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		_ = json.NewEncoder(w).Encode(stamp)
	}))
}

// request is the correlation id of what is asked.
const request = "11111111-2222-4333-8444-555555555555"

func ask(ctx context.Context, out io.Writer, url string) error {
	for _, body := range []string{`{"id": "d-1", "text": "All things flow."}`, `{"id": "d-2"}`} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set(onexhttp.DefaultHeader, request)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s", answer.Status, text)
	}
	return nil
}

// react reads events until a failure comes.
func react(ctx context.Context, out io.Writer, tel *onexotel.Telemetry, brokers kgo.Opt, names []string) error {
	client, err := kgo.NewClient(brokers, kgo.ConsumerGroup("alerts"), kgo.ConsumeTopics(names...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll())
	if err != nil {
		return err
	}
	defer client.CloseAllowingRebalance()
	reacted := false
	mux := receive.NewMux(receive.Deduplicate(1000), receive.Retry(3, time.Second, time.Minute))
	receive.On(mux, StamperEventStampFailed, func(ctx context.Context, e receive.Event[envelope.OperationFailed]) error {
		id, _ := onex.CorrelationFromContext(ctx)
		fmt.Fprintf(out, "%s has failed: %s, in request %s\n", e.NodeID, e.Payload.ErrorType, id)
		reacted = true
		return nil
	})
	for !reacted {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		records := fetches.Records()
		for _, r := range records {
			err := tel.Process(ctx, r, func(ctx context.Context) error {
				return mux.Dispatch(ctx, receive.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value})
			})
			if err != nil {
				return err
			}
		}
		if err := client.CommitRecords(ctx, records...); err != nil {
			return err
		}
		client.AllowRebalance()
	}
	return nil
}

// printTraces prints the names of the spans of each request.
func printTraces(out io.Writer, spans []sdktrace.ReadOnlySpan) {
	names := map[trace.TraceID][]string{}
	var order []trace.TraceID
	for _, s := range spans {
		id := s.SpanContext().TraceID()
		if names[id] == nil {
			order = append(order, id)
		}
		names[id] = append(names[id], s.Name())
	}
	for _, id := range order {
		slices.Sort(names[id])
		fmt.Fprintf(out, "a trace: %s\n", strings.Join(names[id], ", "))
	}
}
