// Observability is a service that can be seen into: its health, what it loses, its
// metrics for Prometheus, and its traces by OpenTelemetry.
//
//	go run .
//
// It asks itself for a stamp and for what there is to see. Then its broker goes away,
// and it asks again. With KAFKA_BOOTSTRAP_SERVERS set it uses that cluster, which stays.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/twmb/franz-go/pkg/kgo"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/omninode-ai/onexevents/example/broker"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexotel"
	"github.com/omninode-ai/onexevents/runtime/onexprom"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "observability:", err)
		os.Exit(1)
	}
}

func run(w io.Writer) (err error) {
	out := log.New(w, "", 0) // which several goroutines may use
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cfg, opts, stop, err := broker.Find(w)
	if err != nil {
		return err
	}
	defer stop()
	spans := &printer{}
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)) // and else with a batcher, and an exporter of OTLP
	defer func() { err = errors.Join(err, tracers.Shutdown(ctx)) }()

	down := make(chan onex.Cause, 1)
	pub, err := newPublisher(out, cfg, opts, tracers, down)
	if err != nil {
		return err
	}
	server := httptest.NewServer(handler(pub, stamping.NewStamper(pub, "stamper-1"), tracers.Tracer("example")))
	defer server.Close()
	_, err = pub.EnsureTopics(ctx, topics.Settings{})
	if err := errors.Join(err, ask(ctx, out, server.URL+"/stamps"), pub.Flush(ctx), see(ctx, out, server.URL)); err != nil {
		return errors.Join(err, pub.Close(ctx))
	}
	spans.print(out)
	if os.Getenv("KAFKA_BOOTSTRAP_SERVERS") != "" {
		return pub.Close(ctx)
	}
	out.Print("\nKafka goes away")
	stop()
	if err := ask(ctx, out, server.URL+"/stamps"); err != nil {
		return errors.Join(err, pub.Close(ctx))
	}
	select {
	case <-down:
	case <-ctx.Done():
	}
	err = see(ctx, out, server.URL)
	ended, end := context.WithCancel(ctx)
	end()
	_ = pub.Close(ended) // without Kafka or a spool, what is in flight is lost
	return err
}

// newPublisher returns a publisher that says what there is to know of it.
func newPublisher(out *log.Logger, cfg onex.Config, opts []kgo.Opt, tracers trace.TracerProvider, down chan<- onex.Cause) (*onex.Publisher, error) {
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.OnLoss = func(l onex.Loss) { out.Printf("lost: %s, %s", l.EventType, l.Reason) }
	cfg.OnHealth = func(h onex.Health) {
		if h.Up || h.Cause == onex.CauseClosed {
			return
		}
		out.Printf("down: %s", h.Cause)
		select {
		case down <- h.Cause:
		default:
		}
	}
	tel := onexotel.New(onexotel.WithTracerProvider(tracers))
	return onex.NewPublisher(tel.Config(cfg), append(opts, tel.Hooks())...)
}

// handler is the service, and what there is to see of it.
func handler(pub *onex.Publisher, s *stamping.Stamper, tracer trace.Tracer) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(onexprom.NewCollector(pub))
	mux := http.NewServeMux()
	mux.Handle("/health", pub.HealthHandler())
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/stamps", func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), "POST /stamps") // otelhttp does that for a program
		defer span.End()
		stamp, err := s.Stamp(ctx, stamping.Document{ID: "d-1", Text: "All things flow."})
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		fmt.Fprintln(w, stamp.DocumentID, "is stamped")
	})
	return mux
}

// see asks for what a probe and Prometheus ask for.
func see(ctx context.Context, out *log.Logger, url string) error {
	return errors.Join(
		ask(ctx, out, url+"/health"),
		ask(ctx, out, url+"/metrics", "onex_events_accepted", "onex_events_delivered", "onex_health_up", "onex_health_cause", "onex_queue_events"),
	)
}

// ask prints the lines of an answer that begin so.
func ask(ctx context.Context, out *log.Logger, url string, beginnings ...string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	for line := range strings.Lines(string(text)) {
		if beginsSo(line, beginnings) {
			out.Print(line)
		}
	}
	return err
}

func beginsSo(line string, beginnings []string) bool {
	for _, b := range beginnings {
		if strings.HasPrefix(line, b) {
			return true
		}
	}
	return len(beginnings) == 0
}
