package onextest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/workflow"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

var t = new(testing.T) // that of the test

// Which events does a node publish?
func Example() {
	rec := onextest.New(t)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	if _, err := s.Stamp(context.Background(), stamping.Document{ID: "d-1", Text: "All things flow."}); err != nil {
		t.Fatal(err)
	}
	rec.Require(onextest.Started("stamp"), onextest.Metric("document_size", 16), onextest.Completed("stamp"))
	rec.RequireNone(onextest.Failed("stamp"))
	for _, e := range rec.Events() {
		fmt.Println(e, "to", e.Topic)
	}
	// Output:
	// started stamp to dev.stamping.effect.stamp.started.v1
	// metric document_size = 16 bytes to dev.stamping.effect.metric.recorded.v1
	// started digest to dev.stamping.compute.digest.started.v1
	// completed digest to dev.stamping.compute.digest.completed.v1
	// completed stamp to dev.stamping.effect.stamp.completed.v1
}

// What caused what, for a golden file.
func ExampleRecorder_Tree() {
	rec := onextest.New(t)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	ctx := context.Background()
	_, _ = s.Stamp(ctx, stamping.Document{ID: "d-1", Text: "All things flow."})
	_, _ = s.Stamp(ctx, stamping.Document{ID: "d-2"})
	fmt.Print(rec.Tree())
	// Output:
	// 00000000-0000-4000-8000-000000000001
	// └─ stamp (s-1) → completed
	//    ├─ metric document_size = 16 bytes (s-1) {"document":"d-1"}
	//    └─ digest (s-1-digester) → completed
	// 00000000-0000-4000-8000-000000000007
	// └─ stamp (s-1) → failed: EmptyDocumentError
}

// A full queue must not hurt the operation.
func ExampleRecorder_Fail() {
	rec := onextest.New(t)
	rec.Fail(onex.ErrQueueFull)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	stamp, err := s.Stamp(context.Background(), stamping.Document{ID: "d-1", Text: "All things flow."})
	rec.RequireNone()
	fmt.Println(stamp.DocumentID, err, rec.Publisher().Ledger().Rejected)
	// Output: d-1 <nil> 5
}

// Exactly these events, and what is in them.
func ExampleRecorder_RequireExactly() {
	rec := onextest.New(t)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	ctx := onex.ContextWithCorrelation(context.Background(), uuid.MustParse("550e8400-e29b-41d4-a716-446655440000"))
	_, _ = s.Stamp(ctx, stamping.Document{ID: "d-2"})
	rec.RequireExactly(
		onextest.Started("stamp").Node("s-1").Topic("dev.stamping.effect.stamp.started.v1"),
		onextest.Type(stamping.StamperEventStampFailed).
			ErrorType("EmptyDocumentError").ErrorMessage(`document "d-2" is empty`).
			Correlation(uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")).
			Key("550e8400-e29b-41d4-a716-446655440000").
			Causation(rec.Events()[0].EventID.String()),
	)
	rec.RequireEnds() // whatever the operations were

	rec.Reset()
	_, _ = s.Stamp(ctx, stamping.Document{ID: "d-1", Text: "All things flow."})
	rec.RequireAnyOrder(
		onextest.Completed("stamp").Version(1),
		onextest.Metric("document_size", 16).Unit("bytes").Metadata("document", "d-1"),
	)
	fmt.Println(len(rec.Events()), "events")
	// Output:
	// 5 events
}

// Steps between states, events that have to be durable, and settings of the program's
// own.
func ExampleStateChanged() {
	rec := onextest.NewConfig(t, onex.Config{Namespace: "prod"})
	events := workflow.NewOrchestratorEvents(rec.Publisher(), "o-1")
	ctx := context.Background()
	err := events.PublishStateChanged(ctx, uuid.New(), "idle", "busy", "a request came", onex.Durable())
	if err != nil {
		t.Fatal(err)
	}
	rec.Require(onextest.StateChanged("idle", "busy").Reason("a request came").Durable())
	fmt.Println(rec.Config().Namespace, rec.Events()[0].Topic)
	// Output:
	// prod prod.workflow.orchestrator.state.changed.v1
}

// What was recorded can be given to whoever reads events, and what was read can be
// recorded.
func ExampleEvent() {
	rec := onextest.New(t)
	_, _ = stamping.NewStamper(rec.Publisher(), "s-1").Stamp(context.Background(), stamping.Document{ID: "d-2"})
	failed := rec.Events()[1]
	env, err := envelope.DecodeAny(failed.Wire()) // as a consumer does
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(env.Event().Type, "of", failed.Event().NodeID)

	read := onextest.New(t)
	read.Record(failed.Topic, []byte(failed.Key), failed.Wire())
	read.RequireExactly(onextest.Failed("stamp"))
	// Output:
	// effect.stamp.failed of s-1
}
