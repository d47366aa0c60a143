package receive_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
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
