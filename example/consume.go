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
	key      string
	envelope *envelope.V1
	payload  envelope.Payload
}

// consume reads want events that were published to topics since begin, and returns
// them in the order of their times. The options say how to get to Kafka.
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
			env, err := envelope.Decode(record.Value)
			if err != nil {
				return nil, fmt.Errorf("topic %s, offset %d: %w", record.Topic, record.Offset, err)
			}
			payload, err := env.DecodePayload()
			if err != nil {
				return nil, fmt.Errorf("topic %s, offset %d: %w", record.Topic, record.Offset, err)
			}
			events = append(events, event{string(record.Key), env, payload})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int {
		return a.envelope.EventTimestamp.Compare(b.envelope.EventTimestamp)
	})
	return events, nil
}
