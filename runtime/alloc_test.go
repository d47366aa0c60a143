//go:build !race

package onex_test

import (
	"context"
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// What an event takes of memory is its record and its place in the queue, also if it is
// a CloudEvent or has headers of the program's. A run has its function's context too, and the id in it; a failed event what is asked
// for its type. (The race detector makes pools forget.)
func TestAllocations(t *testing.T) {
	testAllocations(t, onex.Config{})
	t.Run("CloudEvents", func(t *testing.T) { testAllocations(t, onex.Config{CloudEvents: true}) })
	headers := []kgo.RecordHeader{{Key: "traceparent", Value: make([]byte, 55)}, {Key: "null"}}
	t.Run("Headers", func(t *testing.T) {
		testAllocations(t, onex.Config{Headers: func(context.Context) []kgo.RecordHeader { return headers }})
	})
}

func testAllocations(t *testing.T, cfg onex.Config) {
	ctx, doc, cause := context.Background(), stamping.Document{ID: "1"}, errors.New("no")
	input := map[string]any{"a": 1, "b": "two", "c": nil}
	nothing := func(context.Context, stamping.Document) (stamping.Stamp, error) { return stamping.Stamp{}, nil }
	type events struct {
		*stamping.StamperEvents
		node    *onex.Node
		dynamic *onex.Operation[map[string]any, *request]
	}
	for _, tt := range []struct {
		name    string
		publish func(events) error
		topics  int
		most    float64
	}{
		{"started", func(e events) error { return e.PublishStampStarted(ctx, id, doc) }, 1, 2},
		{"started with a map", func(e events) error { return e.dynamic.Started(ctx, id, input) }, 1, 2},
		{"completed", func(e events) error { return e.PublishStampCompleted(ctx, id, stamping.Stamp{}, 1) }, 1, 2},
		{"completed with a pointer", func(e events) error { return e.dynamic.Completed(ctx, id, new(request), 1) }, 1, 3},
		{"failed", func(e events) error { return e.PublishStampFailed(ctx, id, cause, 1) }, 1, 3},
		{"state", func(e events) error { return onex.StateChanged(ctx, e.node, id, "a", "b", "c") }, 1, 2},
		{"metric", func(e events) error { return e.PublishMetricRecorded(ctx, "m", 1.5, "u") }, 1, 2},
		{"run", func(e events) error {
			_, err := e.RunStamp(ctx, doc, nothing)
			return err
		}, 2, 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pub := newPublisher(t, cfg, noKafka(t))
			node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
			e := events{stamping.NewStamperEvents(pub, "stamper-1"), node, onex.NewOperation[map[string]any, *request](node, "y")}
			publish := func() {
				if err := tt.publish(e); err != nil {
					t.Fatal(err)
				}
			}
			publish()
			until(t, pub, "given to the client", func(onex.Ledger) bool { return onex.WithClient(pub) == tt.topics })
			if got := testing.AllocsPerRun(1000, publish); got > tt.most {
				t.Errorf("%v allocations, want %v", got, tt.most)
			}
		})
	}
}
