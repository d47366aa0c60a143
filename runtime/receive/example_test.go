package receive_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
	"github.com/omninode-ai/onexevents/runtime/receive"
)

// A consumer group of franz-go brings the records, and its offsets are committed when
// the mux is done with them.
func Example() {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	brokers := kgo.SeedBrokers(cluster.ListenAddrs()...)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	publish(ctx, brokers)

	client, err := kgo.NewClient(brokers, kgo.ConsumerGroup("alerts"), kgo.ConsumeRegex(), kgo.ConsumeTopics(`^dev\.stamping\..*\.v1$`),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll())
	if err != nil {
		log.Fatal(err)
	}
	defer client.CloseAllowingRebalance()

	mux := receive.NewMux(receive.Deduplicate(10_000), receive.Retry(5, time.Second, time.Minute), receive.DeadLetters(letters(client)))
	receive.On(mux, stamping.StamperEventStampFailed, func(_ context.Context, e receive.Event[envelope.OperationFailed]) error {
		fmt.Println(e.NodeID, "has failed:", e.Payload.ErrorType)
		cancel() // enough for an example
		return nil
	})
	for ctx.Err() == nil {
		records := client.PollFetches(ctx).Records()
		for _, r := range records {
			if err := mux.Dispatch(ctx, recordOf(r)); err != nil {
				log.Fatal(err) // nothing of these is committed, and they come again
			}
		}
		if err := client.CommitRecords(context.WithoutCancel(ctx), records...); err != nil {
			log.Fatal(err)
		}
		client.AllowRebalance()
	}
	// Output: s-1 has failed: EmptyDocumentError
}

// recordOf returns a record of franz-go for a mux.
func recordOf(r *kgo.Record) receive.Record {
	out := receive.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, receive.Header(h))
	}
	return out
}

// letters has a client of franz-go write dead letters.
func letters(client *kgo.Client) func(context.Context, receive.Record) error {
	return func(ctx context.Context, r receive.Record) error {
		out := &kgo.Record{Topic: r.Topic, Key: r.Key, Value: r.Value}
		for _, h := range r.Headers {
			out.Headers = append(out.Headers, kgo.RecordHeader(h))
		}
		return client.ProduceSync(ctx, out).FirstErr()
	}
}

// publish has a node fail to stamp a document.
func publish(ctx context.Context, brokers kgo.Opt) {
	pub, err := onex.NewPublisher(onex.Config{}, brokers)
	if err != nil {
		log.Fatal(err)
	}
	_, _ = stamping.NewStamper(pub, "s-1").Stamp(ctx, stamping.Document{ID: "d-2"})
	if err := pub.Close(ctx); err != nil {
		log.Fatal(err)
	}
}

// table remembers in memory; one in a database would commit with what the handler does.
type table struct{ done map[uuid.UUID]bool }

func (s table) Handled(_ context.Context, id uuid.UUID) (bool, error) { return s.done[id], nil }
func (s table) Done(_ context.Context, id uuid.UUID) error            { s.done[id] = true; return nil }

// What becomes of what cannot be handled is the program's to say.
func ExampleOnUndecodable() {
	mux := receive.NewMux(
		receive.DeduplicateIn(table{map[uuid.UUID]bool{}}),
		receive.OnUnknown(receive.Error),    // each event is somebody's business here
		receive.OnUndecodable(receive.Skip), // others write to the topic too
		receive.OnFailure(receive.Error),    // it comes again
		receive.OnPanic(receive.DeadLetter), // it would be the same again
		receive.DeadLetters(func(_ context.Context, r receive.Record) error {
			fmt.Println("a dead letter for", r.Topic)
			return nil
		}),
	)
	receive.On(mux, "*.failed", func(_ context.Context, e receive.Event[envelope.OperationFailed]) error {
		fmt.Println(e.Payload.ErrorMessage)
		panic("nobody is to know")
	})

	failed := onextest.New(new(testing.T)) // where the records of the example come from
	_, _ = stamping.NewStamper(failed.Publisher(), "s-1").Stamp(context.Background(), stamping.Document{ID: "d-2"})
	for _, e := range failed.Events() {
		fmt.Println(mux.Dispatch(context.Background(), receive.Record{Topic: e.Topic, Value: e.Wire()}))
	}
	fmt.Println(mux.Dispatch(context.Background(), receive.Record{Topic: "dev.stamping.notes", Value: []byte("hello")}))
	// Output:
	// receive: effect.stamp.started 00000000-0000-4000-8000-000000000002 of dev.stamping.effect.stamp.started.v1[0] at 0: find a handler: there is no handler for its type
	// document "d-2" is empty
	// a dead letter for dev.stamping.effect.stamp.failed.v1.dlq
	// <nil>
	// <nil>
}
