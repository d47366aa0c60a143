package onex_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Where the queue drops events to make room, metrics go before state changes,
// those before started, and the ends of operations last; the oldest first, and
// nothing for something less important.
func TestDropOldest(t *testing.T) {
	var lost losses
	pub := newPublisher(t, onex.Config{MaxInFlight: 8, QueueFull: onex.DropOldest, OnLoss: lost.add}, noKafka(t))
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperation[onex.None, onex.None](node, "x")
	ctx := context.Background()
	publish := map[string]func() error{
		"metric":    func() error { return onex.MetricRecorded(onex.ContextWithCorrelation(ctx, id), node, "m", 1, "u") },
		"state":     func() error { return onex.StateChanged(ctx, node, id, "a", "b", "r") },
		"started":   func() error { return op.Started(ctx, id, onex.None{}) },
		"completed": func() error { return op.Completed(ctx, id, onex.None{}, 0) },
	}
	// The first of each type is with the client, and cannot make room any more.
	for _, what := range []string{"metric", "state", "started", "completed"} {
		if err := publish[what](); err != nil {
			t.Fatal(err)
		}
	}
	handed(t, pub)
	for _, what := range []string{"metric", "state", "started", "metric"} {
		if err := publish[what](); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		if err := publish["completed"](); err != nil {
			t.Fatal(err)
		}
	}
	for what, refused := range map[string]bool{"metric": true, "state": true, "started": true, "completed": false} {
		if err := publish[what](); errors.Is(err, onex.ErrQueueFull) != refused {
			t.Errorf("%s: %v", what, err)
		}
	}
	until(t, pub, "reported", func(onex.Ledger) bool { return len(lost.list()) == 5 })
	var dropped []string
	for _, loss := range lost.list() {
		if loss.Reason != onex.LossDropped || loss.Err == nil {
			t.Errorf("loss %+v", loss)
		}
		dropped = append(dropped, strings.TrimPrefix(loss.EventType, "effect."))
	}
	if want := []string{"metric.recorded", "metric.recorded", "state.changed", "x.started", "x.completed"}; !slices.Equal(dropped, want) {
		t.Errorf("dropped %v, want %v", dropped, want)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 13, InFlight: 8, Lost: 5, Rejected: 3}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}

// While as many losses wait to be reported as events may be in flight, events
// are refused.
func TestDropOldestIsBounded(t *testing.T) {
	goOn := make(chan struct{})
	pub := newPublisher(t, onex.Config{MaxInFlight: 10, QueueFull: onex.DropOldest, OnLoss: func(onex.Loss) { <-goOn }}, noKafka(t))
	op := operation(pub, "effect", "x")
	if err := op.Started(testContext(t), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	handed(t, pub)
	for range 9 + 10 {
		if err := op.Started(testContext(t), id, onex.None{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := op.Started(testContext(t), id, onex.None{}); !errors.Is(err, onex.ErrQueueFull) {
		t.Errorf("with as many losses to report as the queue is long: %v", err)
	}
	close(goOn)
	until(t, pub, "reported", func(g onex.Ledger) bool { return op.Started(testContext(t), id, onex.None{}) == nil })
	checkLedger(t, pub.Ledger())
}

// handed waits until the dispatcher has given what there is to the client.
func handed(t *testing.T, pub *onex.Publisher) {
	t.Helper()
	until(t, pub, "handed over", func(onex.Ledger) bool { return onex.Pending(pub) == 0 })
}

// Of several events that would have to go for a large one, none goes unreported:
// either there is room for it in the end, or all of them stay.
func TestDropOldestReportsAll(t *testing.T) {
	goOn := make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	defer release()
	var lost losses
	pub := newPublisher(t, onex.Config{
		MaxInFlight: 10, MaxInFlightBytes: 20_000, QueueFull: onex.DropOldest, OnLoss: func(l onex.Loss) { <-goOn; lost.add(l) },
	}, noKafka(t))
	op := operation(pub, "effect", "x")
	publish := func(opts ...onex.EventOption) error {
		return op.Started(context.Background(), id, onex.None{}, opts...)
	}
	if err := publish(); err != nil {
		t.Fatal(err)
	}
	handed(t, pub)
	for range 9 + 9 { // one loss less than may wait to be reported
		if err := publish(); err != nil {
			t.Fatal(err)
		}
	}
	large := onex.WithMetadata(map[string]any{"k": strings.Repeat("x", 15_000)})
	if err := publish(large); err != nil {
		t.Errorf("a large event, for which others can go: %v", err)
	}
	if err := publish(); !errors.Is(err, onex.ErrQueueFull) {
		t.Errorf("with more losses to report than the queue is long: %v", err)
	}
	release()
	until(t, pub, "reported", func(g onex.Ledger) bool { return int64(len(lost.list())) == g.Lost })
	if err := publish(large); err != nil {
		t.Errorf("when all losses are reported: %v", err)
	}
}
