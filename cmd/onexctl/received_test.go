package main

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
	"github.com/omninode-ai/onexevents/runtime/receive"
)

// An event that a handler has failed at comes back as it was when its dead letter is
// replayed, and is handled then.
func TestReplayOfWhatAHandlerFailedAt(t *testing.T) {
	cluster, err := newCluster()
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	broker := cluster.ListenAddrs()[0]
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	produce := func(ctx context.Context, r receive.Record) error {
		out := &kgo.Record{Topic: r.Topic, Key: r.Key, Value: r.Value}
		for _, h := range r.Headers {
			out.Headers = append(out.Headers, kgo.RecordHeader(h))
		}
		return client.ProduceSync(ctx, out).FirstErr()
	}

	rec := onextest.New(t)
	node := onex.NewNode(rec.Publisher(), "n1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	if err := onex.MetricRecorded(context.Background(), node, "m", 1, "u", onex.WithPartitionKey("k")); err != nil {
		t.Fatal(err)
	}
	e := rec.Events()[0]
	original := receive.Record{Topic: e.Topic, Key: []byte(e.Key), Value: e.Wire(), Headers: []receive.Header{{Key: "traceparent", Value: []byte("t")}}}
	if err := produce(testContext(), original); err != nil {
		t.Fatal(err)
	}

	fails, handled := true, 0
	mux := receive.NewMux(receive.Deduplicate(10), receive.DeadLetters(produce))
	receive.On(mux, "*", func(context.Context, receive.Event[envelope.MetricRecorded]) error {
		if fails {
			return errors.New("not today")
		}
		handled++
		return nil
	})
	if err := mux.Dispatch(testContext(), original); err != nil {
		t.Fatal(err)
	}
	if out, err := replayAll(broker, "dev").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	records, err := committed(broker, e.Topic)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 {
		t.Fatalf("%d records, want the event twice", len(records))
	}
	fails = false
	for _, r := range records {
		if string(r.Key) != "k" || string(r.Value) != string(original.Value) || !slices.ContainsFunc(r.Headers, func(h kgo.RecordHeader) bool { return h.Key == "traceparent" && string(h.Value) == "t" }) {
			t.Errorf("the record has key %s, headers %v and value %s", r.Key, r.Headers, r.Value)
		}
		if err := mux.Dispatch(testContext(), receive.Record{Topic: r.Topic, Key: r.Key, Value: r.Value}); err != nil {
			t.Error(err)
		}
	}
	if handled != 1 {
		t.Errorf("it was handled %d times", handled)
	}
}
