package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// How often a reader looks for new topics; how long nothing may come before it
// looks whether there is still something to wait for; and how long it waits for
// what is to be shown together, in order, and how much of it.
const (
	discoverEvery = 3 * time.Second
	idle          = 2 * time.Second
	together      = 50 * time.Millisecond
	togetherLimit = 10_000
)

// Read gives the records to each, some at a time, until ctx ends, all is read
// or each returns an error.
func (r *Reader) Read(ctx context.Context, each func([]*kgo.Record) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !r.scope.ToEnd {
		found := make(chan struct{})
		defer func() { cancel(); <-found }()
		go func() {
			defer close(found)
			r.followTopics(ctx)
		}()
	}
	for !r.scope.ToEnd || len(r.ends) > 0 {
		records, err := r.gather(ctx)
		if len(records) > 0 {
			if err := each(records); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	return nil
}

// followTopics finds topics that come into being, from their first record on.
func (r *Reader) followTopics(ctx context.Context) {
	tick := time.NewTicker(discoverEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		from := r.scope.Begin
		from.AtEnd = false
		if err := r.discover(ctx, from); err != nil && ctx.Err() == nil {
			r.warn(err)
		}
	}
}

// gather waits for records, and then a little for those that belong to them:
// brokers answer for their partitions one after the other.
func (r *Reader) gather(ctx context.Context) ([]*kgo.Record, error) {
	waiting := ctx
	if r.scope.ToEnd {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, idle)
		defer cancel()
	}
	records := r.poll(waiting)
	if r.tooLarge != nil {
		return records, r.tooLarge
	}
	if r.scope.ToEnd && waiting.Err() != nil && ctx.Err() == nil {
		return records, r.forgetExpired(ctx)
	}
	waiting, cancel := context.WithTimeout(ctx, together)
	defer cancel()
	for waiting.Err() == nil && len(records) < togetherLimit && sizeOf(records) < unpackedBytes && (!r.scope.ToEnd || len(r.ends) > 0) {
		records = append(records, r.poll(waiting)...)
	}
	return records, nil
}

// answerLimit is in the error of the Kafka client for an answer that is too large,
// which tells nothing else of it.
const answerLimit = "BrokerMaxReadBytes"

// poll returns the records that have come.
func (r *Reader) poll(ctx context.Context) []*kgo.Record {
	fetches := r.client.PollFetches(ctx)
	r.unpacker.renew()
	fetches.EachError(func(topic string, partition int32, err error) {
		if errors.Is(err, errLater) {
			return // it is fetched again
		}
		if tooLarge, ok := errors.AsType[*kgo.ErrDecompressTooLarge](err); ok {
			r.skip(tooLarge)
			return
		}
		if strings.Contains(err.Error(), answerLimit) {
			r.tooLarge = fmt.Errorf("a broker sends more at once than the %d bytes that are read: a batch of records that are not compressed, or it is none of Kafka's", answerBytes)
		}
		if topic == "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return
		}
		r.cannotRead(topic, err)
		delete(r.ends, Place{topic, partition})
	})
	var records []*kgo.Record
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		here := Place{p.Topic, p.Partition}
		end, isBounded := r.ends[here]
		for _, record := range p.Records {
			if record.Attrs.IsControl() || r.scope.ToEnd && (!isBounded || record.Offset >= end) {
				continue
			}
			records = append(records, record)
		}
		if n := len(p.Records); n > 0 {
			r.Next[here] = p.Records[n-1].Offset + 1
		}
		if isBounded && r.Next[here] >= end {
			delete(r.ends, here)
			r.Next[here] = end
		}
	})
	return records
}

// forgetExpired does not wait for records that do not exist any more.
func (r *Reader) forgetExpired(ctx context.Context) error {
	var names []string
	for p := range r.ends {
		names = append(names, p.Topic)
	}
	if len(names) == 0 {
		return nil
	}
	starts, err := list(ctx, r.admin.ListStartOffsets, names)
	if err != nil {
		return fmt.Errorf("find where topics begin: %w", err)
	}
	for p, end := range r.ends {
		start, isThere := starts.Lookup(p.Topic, p.Partition)
		switch {
		case !isThere:
			r.warn(fmt.Errorf("topic %s was deleted", terminal.Printable(p.Topic)))
			delete(r.ends, p)
		case start.Err == nil && start.Offset >= end:
			delete(r.ends, p)
		}
	}
	return nil
}
