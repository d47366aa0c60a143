package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/runtime/receive"
)

// handlers are what is done for events.
type handlers struct {
	stamped func(context.Context, receive.Event[envelope.OperationCompleted]) error
	failed  func(context.Context, receive.Event[envelope.OperationFailed]) error
	letter  func(context.Context, receive.Record) error
}

// newMux says which events go to which handler, and what becomes of those that cannot
// be handled.
func newMux(billed receive.Store, h handlers) *receive.Mux {
	mux := receive.NewMux(
		receive.DeduplicateIn(billed),
		receive.Retry(5, 100*time.Millisecond, 10*time.Second),
		receive.DeadLetters(h.letter),
	)
	receive.On(mux, stamping.StamperEventStampCompleted, h.stamped)
	receive.On(mux, "*.failed", h.failed)
	return mux
}

// newClient returns a member of the consumer group.
func newClient(topics []string, opts []kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(opts[:len(opts):len(opts)],
		kgo.ConsumerGroup("billing"),
		kgo.InstanceID("billing-1"), // killed and started again, it has its partitions at once
		kgo.ConsumeTopics(topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
	)...)
}

// consume gives records to the mux until ctx ends. Their offsets are committed when it
// is done with them: those of which it is not come again.
func consume(ctx context.Context, client *kgo.Client, mux *receive.Mux) error {
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil && ctx.Err() == nil {
			return err
		}
		records := fetches.Records()
		for _, r := range records {
			if err := mux.Dispatch(context.WithoutCancel(ctx), recordOf(r)); err != nil {
				return err
			}
		}
		if err := client.CommitRecords(context.WithoutCancel(ctx), records...); err != nil {
			return err
		}
		client.AllowRebalance()
	}
	return nil
}

// recordOf returns a record of franz-go for a mux.
func recordOf(r *kgo.Record) receive.Record {
	out := receive.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, receive.Header(h))
	}
	return out
}

// letters returns what has a client write dead letters.
func letters(client *kgo.Client) func(context.Context, receive.Record) error {
	return func(ctx context.Context, r receive.Record) error {
		out := &kgo.Record{Topic: r.Topic, Key: r.Key, Value: r.Value}
		for _, h := range r.Headers {
			out.Headers = append(out.Headers, kgo.RecordHeader(h))
		}
		return client.ProduceSync(ctx, out).FirstErr()
	}
}
