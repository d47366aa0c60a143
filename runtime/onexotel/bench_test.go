package onexotel_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/metric/noop"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onexotel"
)

// BenchmarkRun says what a run costs its caller without this package, with it and
// nobody who wants spans, and with a request whose spans are recorded.
func BenchmarkRun(b *testing.B) {
	recording := sdk.NewTracerProvider(sdk.WithSpanProcessor(sdk.NewSimpleSpanProcessor(discard{})))
	for _, x := range []struct {
		name string
		tel  *onexotel.Telemetry
	}{
		{"without", nil},
		{"off", onexotel.New(onexotel.WithTracerProvider(tracenoop.NewTracerProvider()), onexotel.WithMeterProvider(noop.NewMeterProvider()))},
		{"recorded", onexotel.New(onexotel.WithTracerProvider(recording))},
	} {
		b.Run(x.name, func(b *testing.B) {
			addrs := startKafka(b).ListenAddrs()
			var pub *onex.Publisher
			if x.tel == nil {
				pub = newPublisherWithout(b, onex.Config{}, addrs)
			} else {
				pub = newPublisher(b, x.tel, onex.Config{}, addrs)
			}
			op := operation(pub, "x")
			ctx, request := recording.Tracer("test").Start(context.Background(), "request")
			defer request.End()
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				_ = onex.RunBare(ctx, op, func(context.Context) error { return nil })
				if n%4000 == 3999 { // so that the queue is never full
					b.StopTimer()
					if err := pub.Flush(ctx); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
			}
		})
	}
}

type discard struct{}

func (discard) ExportSpans(context.Context, []sdk.ReadOnlySpan) error { return nil }
func (discard) Shutdown(context.Context) error                        { return nil }
