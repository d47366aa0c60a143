package onex_test

import (
	"context"
	"math"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// With Kafka away from the beginning an operation is as fast as with it, and
// also once the queue is full:
//
//	go test ./runtime -run '^$' -bench Run -benchtime 10000x -count 6
func BenchmarkRun(b *testing.B) {
	all := onex.Config{MaxInFlight: 1 << 30, MaxInFlightBytes: min(1<<40, math.MaxInt)} // nothing is refused
	for _, bb := range []struct {
		name   string
		cfg    onex.Config
		broker string
	}{
		{"kafka", all, startKafka(b)},
		{"nokafka", all, noKafka(b)},
		{"queuefull", onex.Config{MaxInFlight: 100}, noKafka(b)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			pub := newPublisher(b, bb.cfg, bb.broker)
			node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
			op := onex.NewOperation[request, []string](node, "x")
			fn := func(context.Context, request) ([]string, error) { return nil, nil }
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := onex.Run(ctx, op, request{}, fn); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			checkLedger(b, pub.Ledger())
		})
	}
}
