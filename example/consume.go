package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
)

// event is a record that was read back.
type event struct {
	envelope.Event
	key     string
	payload envelope.Payload
}

// consume reads want events that were published to topics since begin, in whatever
// envelope, and returns them in the order of their times. The options say how to get to Kafka.
func consume(ctx context.Context, topics []string, opts []kgo.Opt, begin time.Time, want int) ([]event, error) {
	client, err := kgo.NewClient(append(opts[:len(opts):len(opts)],
		kgo.ConsumeTopics(topics...),
		kgo.ConsumeStartOffset(kgo.NewOffset().AfterMilli(begin.UnixMilli())),
	)...)
	if err != nil {
		return nil, err
	}
	defer client.Close()

	var events []event
	for len(events) < want {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return events, fmt.Errorf("read %d of %d events back: %w", len(events), want, err)
		}
		for record := range fetches.RecordsAll() {
			env, err := envelope.DecodeAny(record.Value)
			if err != nil {
				return nil, fmt.Errorf("topic %s, offset %d: %w", record.Topic, record.Offset, err)
			}
			payload, err := envelope.PayloadOf(env)
			if err != nil {
				return nil, fmt.Errorf("topic %s, offset %d: %w", record.Topic, record.Offset, err)
			}
			events = append(events, event{env.Event(), string(record.Key), payload})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.Time.Compare(b.Time) })
	return events, nil
}
