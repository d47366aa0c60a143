package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// load publishes at the rate that the options ask for.
type load struct {
	options
	nodes      []*node
	publishers []*onex.Publisher
	start      time.Time
	published  atomic.Int64 // events, whatever their publish methods have said
	warmed     onex.Ledger  // what had been published when that began
	latency    latencies    // of the publish methods
}

// run publishes until ctx ends.
func (l *load) run(ctx context.Context) {
	l.start = time.Now()
	var workers sync.WaitGroup
	for i := range l.workers {
		workers.Go(func() {
			w := worker{load: l, rand: rand.New(rand.NewPCG(1, uint64(i)))}
			for ctx.Err() == nil {
				w.act(w.anyNode())
				l.pace(ctx)
			}
		})
	}
	workers.Wait()
}

// pace waits until the next event is due: at a rate, by the clock; without one,
// when the publishers have not half as many in flight as they may, so that they
// are kept busy and refuse none.
func (l *load) pace(ctx context.Context) {
	if l.rate > 0 {
		due := l.start.Add(time.Duration(float64(l.published.Load()) / l.rate * float64(time.Second)))
		wait(ctx, time.Until(due))
		return
	}
	for ctx.Err() == nil && l.inFlightOfFullest() > int64(l.inFlight/2) {
		wait(ctx, time.Millisecond)
	}
}

func (l *load) inFlightOfFullest() (most int64) {
	for _, pub := range l.publishers {
		most = max(most, pub.Ledger().InFlight)
	}
	return most
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// worker is one of the goroutines that have nodes do things. No node is any
// worker's own.
type worker struct {
	*load
	rand *rand.Rand
}

func (w *worker) anyNode() *node { return w.nodes[w.rand.IntN(len(w.nodes))] }

// act has a node do one thing, on behalf of a request of its own. What is not
// published is in the publisher's ledger.
func (w *worker) act(n *node) {
	ctx := onex.ContextWithCorrelation(context.Background(), uuid.New())
	switch w.mix.pick(w.rand) {
	case kindRun:
		w.operate(ctx, n)
	case kindState:
		w.publishState(ctx, n)
	case kindMetric:
		w.publishMetric(ctx, n)
	}
}

func (w *worker) publishState(ctx context.Context, n *node) {
	id, _ := onex.CorrelationFromContext(ctx)
	next := w.rand.Int32N(int32(len(states)))
	last := n.state.Swap(next)
	opts := w.someMetadata()
	begun := time.Now()
	_ = onex.StateChanged(ctx, n.Node, id, states[last], states[next], "as the fleet has it", opts...)
	w.took(begun)
}

func (w *worker) publishMetric(ctx context.Context, n *node) {
	opts := w.someMetadata()
	begun := time.Now()
	_ = onex.MetricRecorded(ctx, n.Node, "queue_depth", float64(w.rand.IntN(1000)), "items", opts...)
	w.took(begun)
}

// operate runs an operation, and maybe one of another node inside it. Of a run it
// measures what comes before and after the work.
func (w *worker) operate(ctx context.Context, n *node) {
	var err error
	if is(w.rand, w.mix.failed) {
		err = failures[w.rand.IntN(len(failures))]
	}
	nests := is(w.rand, w.mix.nested)
	begun := time.Now()
	_ = n.operations[w.rand.IntN(len(n.operations))].run(ctx, func(ctx context.Context) error {
		w.took(begun)
		if nests {
			w.operate(ctx, w.anyNode())
		}
		begun = time.Now()
		return err
	})
	w.took(begun)
}

func (w *worker) took(begun time.Time) {
	w.latency.add(time.Since(begun))
	w.published.Add(1)
}

func (w *worker) someMetadata() []onex.EventOption {
	if !is(w.rand, w.mix.metadata) {
		return nil
	}
	return []onex.EventOption{onex.WithMetadata(map[string]any{"zone": "eu-1", "attempt": w.rand.IntN(3), "flags": []string{"a", "b"}})}
}
