package onex_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// With events switched off a program does what it does, and nothing else happens: no
// event, no error, no line in the log, no goroutine, no callback, and no allocation.
func TestDisabled(t *testing.T) {
	disk, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	told := 0
	cfg := onex.Config{
		Disabled: true, Spool: disk, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		OnHealth: func(onex.Health) { told++ }, OnLoss: func(onex.Loss) { told++ },
	}
	before := runtime.NumGoroutine()
	pub, err := onex.NewPublisher(cfg) // and no broker
	if err != nil {
		t.Fatal(err)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, and %d before", n, before)
	}
	ctx, doc := context.Background(), stamping.Document{ID: "d-1", Text: "All things flow."}
	use := func() {
		if stamp, err := stamping.NewStamper(pub, "").Stamp(onex.ContextWithDurable(ctx), doc); err != nil || stamp.DocumentID != "d-1" {
			t.Errorf("the operation returns %v, %v", stamp, err)
		}
		events := stamping.NewStamperEvents(pub, "s-1")
		for _, err := range []error{
			events.PublishStampStarted(ctx, uuid.Nil, doc),
			events.PublishStampFailed(ctx, uuid.Nil, nil, -1),
			events.PublishMetricRecorded(ctx, "m", 1, "u", onex.Durable(), onex.WithMetadata(map[string]any{"k": func() {}})),
			onex.StateChanged(ctx, onex.NewNode(pub, "n", onex.NodeSpec{}), uuid.Nil, "a", "b", "r"),
			pub.Flush(ctx),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		correlated := false
		_, err := events.RunStamp(ctx, doc, func(ctx context.Context, _ stamping.Document) (stamping.Stamp, error) {
			_, correlated = onex.CorrelationFromContext(ctx)
			return stamping.Stamp{}, errors.New("no")
		})
		if err == nil || err.Error() != "no" || !correlated {
			t.Errorf("a run returns %v; it has a correlation id: %v", err, correlated)
		}
		if _, err := pub.EnsureTopics(ctx, onex.TopicSettings{}); err != nil {
			t.Error(err)
		}
	}
	use()
	if h := pub.Health(); !h.Up || h.Err != nil {
		t.Errorf("health %+v", h)
	}
	events := stamping.NewStamperEvents(pub, "s-1")
	if n := testing.AllocsPerRun(100, func() { _ = events.PublishStampStarted(ctx, uuid.Max, doc) }); n > 0 {
		t.Errorf("%v allocations for an event that nobody wants", n)
	}
	if err := errors.Join(pub.Close(ctx), pub.Close(ctx)); err != nil {
		t.Error(err)
	}
	use() // an operation that ends late is no reason for a line in the log
	if h := pub.Health(); h.Cause != onex.CauseClosed {
		t.Errorf("closed, its health is %+v", h)
	}
	if l := pub.Ledger(); l != (onex.Ledger{}) || log.Len() > 0 || told > 0 {
		t.Errorf("ledger %+v, %d calls, and in the log %q", l, told, &log)
	}
	if _, err := disk.Backlog(); err == nil {
		t.Error("the spool is still open")
	}
}

// What is wrong with the settings is wrong with events switched off, too.
func TestDisabledIsChecked(t *testing.T) {
	if _, err := onex.NewPublisher(onex.Config{Disabled: true, MaxInFlight: -1}); err == nil {
		t.Error("a wrong setting is no error")
	}
}

// A disabled publisher waits for nothing outside of a bubble.
func TestDisabledInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pub, err := onex.NewPublisher(onex.Config{Disabled: true})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = stamping.NewStamper(pub, "s-1").Stamp(t.Context(), stamping.Document{ID: "d-1", Text: "All things flow."})
	})
}
