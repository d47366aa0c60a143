package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// warmUp publishes to every topic of every publisher once, and returns when all of
// that has been delivered, or after patience.
func (f *fleet) warmUp(ctx context.Context) (warmUp, error) {
	start, cpu := time.Now(), cpuTime()
	type place struct{ publisher, service int }
	warm := map[place]bool{}
	w := worker{load: &f.load, rand: rand.New(rand.NewPCG(0, 0))}
	for i, n := range f.nodes {
		at := place{i % len(f.publishers), i % f.services}
		if warm[at] {
			continue
		}
		warm[at] = true
		ctx := onex.ContextWithCorrelation(ctx, uuid.New())
		w.publishState(ctx, n)
		w.publishMetric(ctx, n)
		for _, op := range n.operations {
			for _, err := range []error{nil, failures[0]} {
				_ = op.run(ctx, func(context.Context) error { return err })
			}
		}
		for ctx.Err() == nil && f.inFlightOfFullest() > int64(f.inFlight/2) {
			wait(ctx, time.Millisecond)
		}
	}
	err := f.flush(f.patience)
	f.published.Store(0)
	f.latency.reset()
	f.wire.reset()
	f.warmed = total(f.publishers)
	return warmUp{f.warmed.Accepted, time.Since(start).Seconds(), (cpuTime() - cpu).Seconds()}, err
}
