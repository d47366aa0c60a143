// Package plugins tries franz-go's own plugins as options of a publisher whose
// clients are renewed. It is a module of its own, so that nobody else needs them.
package plugins

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/plugin/kotel"
	"github.com/twmb/franz-go/plugin/kprom"
	"github.com/twmb/franz-go/plugin/kslog"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// lives counts the clients that have the hooks.
type lives struct {
	mu          sync.Mutex
	alive, most int
	made        int
}

func (l *lives) OnNewClient(*kgo.Client) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	l.alive++
	l.most = max(l.most, l.alive)
}

func (l *lives) OnClientClosed(*kgo.Client) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive--
}

func (l *lives) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.made
}

type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// The plugins live through one client after another, and go on to tell what they are
// for: metrics, traces and log lines; also beside EnsureTopics with the same options.
func TestPluginsOverRenewals(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	disk, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	spans := tracetest.NewSpanRecorder()
	tracer := kotel.NewTracer(kotel.TracerProvider(sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))))
	var log buffer
	var clients lives
	hooks := append(kotel.NewKotel(kotel.WithTracer(tracer)).Hooks(), kprom.NewMetrics("kgo", kprom.Registry(registry)), &clients)
	opts := []kgo.Opt{
		kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.WithHooks(hooks...),
		kgo.WithLogger(kslog.New(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))),
	}
	pub, err := onex.NewPublisher(onex.Config{Spool: disk, SpoolAfter: 100 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	op := onex.NewOperation[onex.None, onex.None](onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"}), "x")
	const renewals = 5
	for i := range renewals + 1 {
		if i > 0 {
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.ProducerFenced, Count: 1})
		}
		if err := op.Started(ctx, uuid.New(), onex.None{}); err != nil {
			t.Fatal(err)
		}
		if err := pub.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		for pub.Ledger().Delivered < int64(i+1) {
			if ctx.Err() != nil {
				t.Fatalf("ledger %+v, health %+v", pub.Ledger(), pub.Health())
			}
			pause(ctx)
		}
		if _, err := onex.EnsureTopics(ctx, pub.Topics(), onex.TopicSettings{}, opts...); err != nil {
			t.Errorf("EnsureTopics: %v", err)
		}
	}
	if clients.count() < renewals {
		t.Errorf("%d clients, so nothing was tried", clients.count())
	}
	families, err := registry.Gather()
	if err != nil {
		t.Error(err)
	}
	written := 0.0
	for _, f := range families {
		if strings.Contains(f.GetName(), "connects_total") {
			for _, m := range f.GetMetric() {
				written += m.GetCounter().GetValue()
			}
		}
	}
	if written == 0 {
		t.Errorf("the metrics of the present client are not there: %d families", len(families))
	}
	if err := pub.Close(ctx); err != nil {
		t.Error(err)
	}
	if clients.most != 1 || clients.alive != 0 {
		t.Errorf("%d clients at a time, %d alive in the end", clients.most, clients.alive)
	}
	if ended := len(spans.Ended()); ended < renewals+1 {
		t.Errorf("%d spans of %d events", ended, renewals+1)
	}
	if log.text.Len() == 0 {
		t.Error("the client's log has nothing")
	}
}

func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(5 * time.Millisecond):
	}
}
