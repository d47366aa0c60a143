package onex_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
	"github.com/omninode-ai/onexevents/runtime/spool"
	"github.com/omninode-ai/onexevents/testdata/released"
)

// What belongs to a request is said once, and all events of its runs have it.
func ExampleContextWith() {
	rec := onextest.New(new(testing.T)) // in place of a publisher
	stamper := stamping.NewStamper(rec.Publisher(), "stamper-1")
	ctx := onex.ContextWith(context.Background(),
		onex.WithCorrelationID(uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")),
		onex.WithMetadata(map[string]any{"tenant": "t-7"}),
		onex.WithPartitionKey("t-7"),
	)
	if _, err := stamper.Stamp(ctx, stamping.Document{ID: "d-1", Text: "All things flow."}); err != nil {
		log.Fatal(err)
	}
	rec.Require(onextest.Completed("stamp").Metadata("tenant", "t-7"))
	for _, e := range rec.Events() {
		fmt.Println(e, e.CorrelationID, e.Key)
	}
	// Output:
	// started stamp 550e8400-e29b-41d4-a716-446655440000 t-7
	// metric document_size = 16 bytes 550e8400-e29b-41d4-a716-446655440000 t-7
	// started digest 550e8400-e29b-41d4-a716-446655440000 t-7
	// completed digest 550e8400-e29b-41d4-a716-446655440000 t-7
	// completed stamp 550e8400-e29b-41d4-a716-446655440000 t-7
}

// What a consumer does because of an event hangs below it, and has its correlation id.
func ExampleContextWithEvent() {
	rec := onextest.New(new(testing.T)) // in place of a publisher
	stamper := stamping.NewStamper(rec.Publisher(), "stamper-1")
	_, _ = stamper.Stamp(context.Background(), stamping.Document{ID: "d-2"})
	received := rec.Events()[1] // a consumer has an *envelope.V1 or *envelope.V2

	ctx := onex.ContextWithEvent(context.Background(), received)
	id, ok := onex.CorrelationFromContext(ctx) // for methods that take one
	fmt.Println(ok, id == received.CorrelationID)
	_, _ = stamper.Stamp(ctx, stamping.Document{ID: "d-2", Text: "once more"})
	fmt.Print(rec.Tree())
	// Output:
	// true true
	// 00000000-0000-4000-8000-000000000001
	// └─ stamp (stamper-1) → failed: EmptyDocumentError
	//    └─ stamp (stamper-1) → completed
	//       ├─ metric document_size = 9 bytes (stamper-1) {"document":"d-2"}
	//       └─ digest (stamper-1-digester) → completed
}

// One event can have what its context has not.
func ExampleEventOption() {
	rec := onextest.New(new(testing.T)) // in place of a publisher
	events := stamping.NewStamperEvents(rec.Publisher(), "stamper-1")
	ctx := context.Background()
	err := events.PublishStampFailed(ctx, uuid.New(), context.DeadlineExceeded, time.Second,
		onex.WithMetadata(map[string]any{"attempt": 2}),
		onex.WithCausationID("7c9e6679-7425-40de-944b-e07fc1f90ae7"))
	if err != nil {
		log.Fatal(err) // of the event, not of the operation
	}
	rec.RequireExactly(onextest.Failed("stamp").Metadata("attempt", 2).Causation("7c9e6679-7425-40de-944b-e07fc1f90ae7"))
	fmt.Println(rec.Events())
	// Output:
	// [failed stamp: deadlineExceededError]
}

// For a time, consumers of both versions of an operation's events are served.
func ExampleAlso() {
	rec := onextest.New(new(testing.T)) // in place of a publisher
	events := released.NewStamperEvents(rec.Publisher(), "stamper-1")
	stamp := func(context.Context, *released.Document) (released.Stamp, error) {
		return released.Stamp{Digest: "…"}, nil
	}
	first := func(d *released.Document) released.Document { return *d }

	_, err := events.RunStampV2(context.Background(), &released.Document{ID: "d-1"}, onex.Also(events.RunStamp, first, stamp))
	fmt.Println(err)
	for _, e := range rec.Events() {
		fmt.Println(e.Topic)
	}
	// Output:
	// <nil>
	// dev.stamping.effect.stamp.started.v2
	// dev.stamping.effect.stamp.started.v1
	// dev.stamping.effect.stamp.completed.v1
	// dev.stamping.effect.stamp.completed.v2
}

// An event that must not be lost is on disk when its method returns, also with Kafka
// away and whatever becomes of the process.
func ExampleDurable() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	events, err := spool.Open(filepath.Join(dir, "stamper"))
	if err != nil {
		log.Fatal(err)
	}
	cfg := onex.Config{Spool: events, Logger: slog.New(slog.DiscardHandler)}
	pub, err := onex.NewPublisher(cfg, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		log.Fatal(err)
	}
	stamper := stamping.NewStamperEvents(pub, "stamper-1")
	err = stamper.PublishStampStarted(context.Background(), uuid.New(), stamping.Document{ID: "d-1"}, onex.Durable())
	fmt.Println(err)

	ctx := onex.ContextWithDurable(context.Background()) // all that is published under it
	fmt.Println(stamper.PublishMetricRecorded(ctx, "queue_depth", 42, "count"))
	now, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(pub.Close(now))

	if events, err = spool.Open(filepath.Join(dir, "stamper")); err != nil { // as a tool looks into it
		log.Fatal(err)
	}
	defer events.Close()
	left, err := events.Read("dev.stamping.effect.metric.recorded.v1", 0, 10)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(left), cfg.CheckSpooled(left[0]))
	// Output:
	// <nil>
	// <nil>
	// onex: close: context canceled, and 2 events stay in the spool and 0 events were lost
	// 1 <nil>
}
