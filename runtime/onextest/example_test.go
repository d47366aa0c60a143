package onextest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/omninode-ai/onexevents/example/stamping"
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
