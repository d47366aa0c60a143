// Package testing_test has the tests of a node's events: without Kafka, network or
// waiting.
package testing_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/tally"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

var doc = stamping.Document{ID: "d-1", Text: "All things flow."}

// The events that matter, in this order; there may be others between them.
func TestStamp(t *testing.T) {
	rec := onextest.New(t)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	if _, err := s.Stamp(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	rec.Require(onextest.Started("stamp"), onextest.Metric("document_size", 16), onextest.Completed("stamp"))
	rec.RequireNone(onextest.Failed("stamp"))
}

// A failure, and nothing else; all of it belongs to the request.
func TestEmptyDocument(t *testing.T) {
	rec := onextest.New(t)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	request := uuid.MustParse("11111111-2222-4333-8444-555555555555")
	if _, err := s.Stamp(onex.ContextWithCorrelation(t.Context(), request), stamping.Document{ID: "d-2"}); err == nil {
		t.Fatal("an empty document is stamped")
	}
	rec.RequireExactly(
		onextest.Started("stamp").Correlation(request),
		onextest.Failed("stamp").Correlation(request).ErrorType("EmptyDocumentError"),
	)
}

// A node with states goes from one to the next.
func TestStates(t *testing.T) {
	rec := onextest.New(t)
	if _, err := tally.New(rec.Publisher(), "t-1").Aggregate(t.Context(), []stamping.Stamp{{DocumentID: "d-1"}}); err != nil {
		t.Fatal(err)
	}
	rec.Require(
		onextest.StateChanged(tally.Open, tally.Collecting),
		onextest.StateChanged(tally.Collecting, tally.Closed).Reason("all stamps are counted"),
	)
}

var update = flag.Bool("update", false, "write testdata/tree.golden")

// What caused what, all of it. After a change on purpose: go test -update.
func TestTree(t *testing.T) {
	rec := onextest.New(t)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	for _, d := range []stamping.Document{doc, {ID: "d-2"}} {
		_, _ = s.Stamp(t.Context(), d)
	}
	const golden = "testdata/tree.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(rec.Tree()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := rec.Tree(); got != string(want) {
		t.Errorf("the tree is\n%s\nand was\n%s", got, want)
	}
}

// A full queue is no reason not to stamp.
func TestFullQueue(t *testing.T) {
	rec := onextest.New(t)
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	rec.Fail(onex.ErrQueueFull)
	if stamp, err := s.Stamp(t.Context(), doc); err != nil || stamp.DocumentID != "d-1" {
		t.Errorf("%+v, %v", stamp, err)
	}
	rec.RequireNone()
}

// Whatever documents come: each started event has exactly one end.
func FuzzStamp(f *testing.F) {
	f.Add("d-1", "All things flow.")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, id, text string) {
		rec := onextest.New(t)
		_, _ = stamping.NewStamper(rec.Publisher(), "s-1").Stamp(context.Background(), stamping.Document{ID: id, Text: text})
		rec.RequireEnds()
	})
}
