package house

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
	"github.com/omninode-ai/onexevents/testdata/released"
)

// Files that the last release has generated compile with this runtime, or this test
// does not; and what they publish is what it has been.
func TestWhatWasReleasedWorks(t *testing.T) {
	rec := onextest.New(t)
	ctx := onex.ContextWithCorrelation(context.Background(), [16]byte{1})
	pub := rec.Publisher()
	doc, stamp, fault := released.Document{ID: "d-1"}, released.Stamp{Digest: "…"}, errors.New("no ink")

	s := released.NewStamperEvents(pub, "s-1")
	errs := []error{
		s.PublishStateChanged(ctx, [16]byte{1}, released.Phase("idle"), released.Phase("busy"), "it is time"),
		s.PublishMetricRecorded(ctx, "queue_depth", 42, "count", onex.WithPartitionKey("k")),
		s.PublishPingStarted(ctx, [16]byte{1}), s.PublishPingFailed(ctx, [16]byte{1}, fault, 1),
		s.RunTake(ctx, doc, func(context.Context, released.Document) error { return nil }),
		s.RunPing(ctx, func(context.Context) error { return nil }),
	}
	_, err := s.RunUntyped(ctx, map[string]any{"a": 1}, func(_ context.Context, in map[string]any) (map[string]any, error) { return in, nil })
	errs = append(errs, err)
	_, err = s.RunGive(ctx, func(context.Context) (released.Stamp, error) { return stamp, nil })
	errs = append(errs, err)
	_, err = s.RunStampV2(ctx, &doc, func(context.Context, *released.Document) (released.Stamp, error) { return stamp, nil })
	errs = append(errs, err)
	if _, err := s.RunStamp(ctx, doc, func(context.Context, released.Document) (released.Stamp, error) { return stamp, fault }); !errors.Is(err, fault) {
		t.Errorf("RunStamp returns %v", err)
	}
	_, err = released.NewTallyEvents(pub, "t-1").RunCount(ctx, nil, func(context.Context, map[string]int) (int, error) { return 1, nil })
	errs = append(errs, err)
	_, err = released.NewPipeEvents[string, []byte](pub, "p-1").RunThrough(ctx, "x", func(context.Context, string) ([]byte, error) { return nil, nil })
	errs = append(errs, err)
	_, err = released.NewFlowEvents(pub, "f-1").RunRun(ctx, nil, func(context.Context, map[string]any) (map[string]any, error) { return nil, nil })
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}

	rec.RequireEnds()
	var got []string
	for _, e := range rec.Events() {
		got = append(got, fmt.Sprintf("%s: %s", strings.TrimPrefix(e.Topic, "dev."), e))
	}
	want := strings.Split(strings.TrimSpace(`
stamping.effect.state.changed.v1: state idle → busy
stamping.effect.metric.recorded.v1: metric queue_depth = 42 count
stamping.effect.ping.started.v1: started ping
stamping.effect.ping.failed.v1: failed ping: error
stamping.effect.take.started.v1: started take
stamping.effect.take.completed.v1: completed take
stamping.effect.ping.started.v1: started ping
stamping.effect.ping.completed.v1: completed ping
stamping.effect.untyped.started.v1: started untyped
stamping.effect.untyped.completed.v1: completed untyped
stamping.effect.give.started.v1: started give
stamping.effect.give.completed.v1: completed give
stamping.effect.stamp.started.v2: started stamp
stamping.effect.stamp.completed.v2: completed stamp
stamping.effect.stamp.started.v1: started stamp
stamping.effect.stamp.failed.v1: failed stamp: error
tally.reducer.count.started.v1: started count
tally.reducer.count.completed.v1: completed count
pipe.compute.through.started.v1: started through
pipe.compute.through.completed.v1: completed through
flow.orchestrator.run.started.v1: started run
flow.orchestrator.run.completed.v1: completed run
`), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("what is published is\n%s", strings.Join(got, "\n"))
	}
}
