package onextest_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// A publisher that fails is one that fails, and is right again when it is told so.
func TestFailures(t *testing.T) {
	rec := onextest.New(t)
	events := stamping.NewStamperEvents(rec.Publisher(), "s-1")
	ctx, publish := context.Background(), func() error { return events.PublishStampStarted(context.Background(), uuid.Max, doc) }
	for _, fault := range []error{onex.ErrQueueFull, onex.ErrNoSpool, errors.New("of the test's own")} {
		rec.Fail(fault)
		if err := publish(); !errors.Is(err, fault) || !strings.HasPrefix(err.Error(), "onex: publish effect.stamp.started: ") {
			t.Errorf("error %v, want %v", err, fault)
		}
	}
	rec.RequireNone()
	rec.Fail(nil)
	if err := publish(); err != nil {
		t.Error(err)
	}
	if err := errors.Join(rec.Publisher().Flush(ctx), rec.Publisher().Close(ctx), rec.Publisher().Close(ctx)); err != nil {
		t.Error(err)
	}
	if err := publish(); !errors.Is(err, onex.ErrClosed) {
		t.Errorf("closed, it answers %v", err)
	}
	rec.RequireExactly(started)
	if got, want := rec.Publisher().Ledger(), (onex.Ledger{Accepted: 1, Delivered: 1, Rejected: 4}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	rec.Reset()
	rec.RequireNone()
}

// What a publisher refuses for the event's own sake, a recorder's refuses too, by the
// program's settings.
func TestSettings(t *testing.T) {
	var log strings.Builder
	rec := onextest.NewConfig(t, onex.Config{Namespace: "prod", MaxEventBytes: 900, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	events := stamping.NewStamperEvents(rec.Publisher(), "s-1")
	if err := events.PublishMetricRecorded(context.Background(), "m", 1, strings.Repeat("x", 900)); !errors.Is(err, onex.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	rec.Fail(onex.ErrQueueFull)
	_, _ = events.RunStamp(context.Background(), doc, func(context.Context, stamping.Document) (stamping.Stamp, error) { return stamping.Stamp{}, nil })
	if n := strings.Count(log.String(), "event not published"); n != 2 {
		t.Errorf("%d lines in the log:\n%s", n, &log)
	}
	if got := rec.Publisher().Topics(); len(got) != 4 || got[0] != "prod.stamping.effect.metric.recorded.v1" {
		t.Errorf("topics %q", got)
	}
	if text := failure(func(t testing.TB) { onextest.NewConfig(t, onex.Config{Namespace: "ä"}) }); !strings.Contains(text, "cannot begin a topic") {
		t.Errorf("a wrong setting: %q", text)
	}
	if h := rec.Publisher().Health(); !h.Up {
		t.Errorf("health %+v", h)
	}
}

// In a bubble the program's own time passes at once, and nothing waits for a
// recorder.
func TestSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := onextest.NewConfig(t, onex.Config{Now: time.Now})
		events := stamping.NewStamperEvents(rec.Publisher(), "s-1")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, _ = events.RunStamp(t.Context(), doc, func(context.Context, stamping.Document) (stamping.Stamp, error) {
					time.Sleep(time.Hour)
					return stamping.Stamp{}, nil
				})
			})
		}
		wg.Wait()
		rec.RequireEnds()
		for _, e := range rec.Events() {
			if p, ok := e.Payload.(envelope.OperationCompleted); ok && p.ExecutionTimeMS != 3_600_000 {
				t.Errorf("it took %v ms", p.ExecutionTimeMS)
			}
		}
		if n := len(rec.Events()); n != 16 {
			t.Errorf("%d events, want 16", n)
		}
	})
}

// A recorder and its publisher have no goroutine.
func TestNoGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which would end with a deadlock if there was one
		onextest.New(t).RequireNone()
		before := runtime.NumGoroutine()
		stamped(t)
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines, and %d before", n, before)
		}
	})
}

// A tree has every event once, also of what has another's cause, none, or itself.
func TestTree(t *testing.T) {
	rec := onextest.New(t)
	node := onex.NewNode(rec.Publisher(), "n-1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperation[onex.None, onex.None](node, "x")
	ctx := context.Background()
	cause := &envelope.V1{EventID: uuid.MustParse("11111111-2222-4333-8444-555555555555"), CorrelationID: &uuid.Max}
	for _, err := range []error{
		onex.RunBare(onex.ContextWithEvent(ctx, cause), op, func(ctx context.Context) error {
			return op.Completed(ctx, uuid.Nil, onex.None{}, 1, onex.WithMetadata(map[string]any{"end": 1}))
		}),
		onex.MetricRecorded(ctx, node, "m", 1, ""),
		onex.MetricRecorded(ctx, node, "m", 2, "u", onex.WithCausationID("00000000-0000-4000-8000-000000000005")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := `ffffffff-ffff-ffff-ffff-ffffffffffff
└─ x (n-1) caused by 11111111-2222-4333-8444-555555555555 → completed {"end":1}
   └─ completed x (n-1)
no correlation
├─ metric m = 1 (n-1)
└─ metric m = 2 u (n-1)
`
	if got := rec.Tree(); got != want {
		t.Errorf("the tree is\n%swant\n%s", got, want)
	}
}

// What the end of an operation has caused is below the line that the end is part of.
func TestTreeBelowAnEnd(t *testing.T) {
	rec := onextest.New(t)
	node := onex.NewNode(rec.Publisher(), "n-1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperation[onex.None, onex.None](node, "x")
	ctx := context.Background()
	if err := onex.RunBare(ctx, op, func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := onex.MetricRecorded(onex.ContextWithEvent(ctx, rec.Events()[1]), node, "m", 1, ""); err != nil {
		t.Fatal(err)
	}
	want := "00000000-0000-4000-8000-000000000001\n└─ x (n-1) → completed\n   └─ metric m = 1 (n-1)\n"
	if got := rec.Tree(); got != want {
		t.Errorf("the tree is\n%swant\n%s", got, want)
	}
}
