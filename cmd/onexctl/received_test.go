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

// A record without a key is replayed without one, and not with an empty one, which
// Kafka's clients put into the partition of that; so are headers without a value.
func TestReplayOfWhatHasNoKey(t *testing.T) {
	cluster, err := newCluster()
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	broker := cluster.ListenAddrs()[0]
	produce, end := producer(t, broker)
	defer end()
	rec := onextest.NewConfig(t, onex.Config{Profile: onex.Profile2})
	node := onex.NewNode(rec.Publisher(), "n1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	if err := onex.MetricRecorded(context.Background(), node, "m", 1, "u"); err != nil {
		t.Fatal(err)
	}
	e := rec.Events()[0]
	original := receive.Record{Topic: e.Topic, Value: e.Wire(), Headers: []receive.Header{{Key: "null"}, {Key: "empty", Value: []byte{}}}}
	if err := produce(testContext(), original); err != nil {
		t.Fatal(err)
	}
	mux := receive.NewMux(receive.DeadLetters(produce))
	receive.On(mux, "*", func(context.Context, receive.Event[envelope.MetricRecorded]) error { return errors.New("not today") })
	if err := mux.Dispatch(testContext(), original); err != nil {
		t.Fatal(err)
	}
	if out, err := replayAll(broker, "dev").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	records, err := committed(broker, e.Topic)
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, want the event twice: %v", len(records), err)
	}
	for _, r := range records {
		if r.Key != nil || len(r.Headers) != 2 || r.Headers[0].Value != nil || r.Headers[1].Value == nil {
			t.Errorf("the record has key %#v and headers %#v", r.Key, r.Headers)
		}
	}
}

// producer returns what writes records to a broker, and what ends that.
func producer(t *testing.T, broker string) (produce func(context.Context, receive.Record) error, end func()) {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, r receive.Record) error {
		out := &kgo.Record{Topic: r.Topic, Key: r.Key, Value: r.Value}
		for _, h := range r.Headers {
			out.Headers = append(out.Headers, kgo.RecordHeader(h))
		}
		return client.ProduceSync(ctx, out).FirstErr()
	}, client.Close
}

// An event that a handler has failed at comes back as it was when its dead letter is
// replayed, and is handled then.
func TestReplayOfWhatAHandlerFailedAt(t *testing.T) {
	cluster, err := newCluster()
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	broker := cluster.ListenAddrs()[0]
	produce, end := producer(t, broker)
	defer end()

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
