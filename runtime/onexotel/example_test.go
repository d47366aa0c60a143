package onexotel_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexotel"
)

// A program gives its publisher spans and metrics. Here a recorder prints the spans of
// one operation; a program has an exporter.
func Example() {
	ctx := context.Background()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.AllowAutoTopicCreation())
	if err != nil {
		panic(err)
	}
	defer cluster.Close()
	spans := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)))

	tel := onexotel.New()
	cfg := tel.Config(onex.Config{Logger: slog.New(slog.DiscardHandler)})
	pub, err := onex.NewPublisher(cfg, kgo.SeedBrokers(cluster.ListenAddrs()...), tel.Hooks())
	if err != nil {
		panic(err)
	}
	stop, err := tel.Observe(pub)
	if err != nil {
		panic(err)
	}
	defer stop()

	node := onex.NewNode(pub, "stamper-1", onex.NodeSpec{Type: "effect", Service: "stamping"}) // as generated code does
	stamp := onex.NewOperation[onex.None, onex.None](node, "stamp")
	_ = onex.RunBare(ctx, stamp, func(ctx context.Context) error {
		_, span := otel.Tracer("mine").Start(ctx, "read the document")
		span.End()
		return nil
	})
	_ = pub.Close(ctx)

	names := map[string]bool{}
	traces := map[string]bool{}
	for _, s := range spans.Ended() {
		names[s.Name()] = true
		traces[s.SpanContext().TraceID().String()] = true
	}
	fmt.Println(len(spans.Ended()), "spans in", len(traces), "trace:")
	for _, name := range []string{"stamp", "read the document", "send dev.stamping.effect.stamp.started.v1", "send dev.stamping.effect.stamp.completed.v1"} {
		fmt.Println(name, names[name])
	}
	// Output:
	// 4 spans in 1 trace:
	// stamp true
	// read the document true
	// send dev.stamping.effect.stamp.started.v1 true
	// send dev.stamping.effect.stamp.completed.v1 true
}
