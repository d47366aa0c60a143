package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
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

// read gives the records to each, some at a time, until ctx ends, all is read
// or each returns an error.
func (r *reader) read(ctx context.Context, each func([]*kgo.Record) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !r.scope.toEnd {
		found := make(chan struct{})
		defer func() { cancel(); <-found }()
		go func() {
			defer close(found)
			r.followTopics(ctx)
		}()
	}
	for !r.scope.toEnd || len(r.ends) > 0 {
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
func (r *reader) followTopics(ctx context.Context) {
	tick := time.NewTicker(discoverEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		from := r.scope.begin
		from.atEnd = false
		if err := r.discover(ctx, from); err != nil && ctx.Err() == nil {
			r.warn(err)
		}
	}
}

// gather waits for records, and then a little for those that belong to them:
// brokers answer for their partitions one after the other.
func (r *reader) gather(ctx context.Context) ([]*kgo.Record, error) {
	waiting := ctx
	if r.scope.toEnd {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, idle)
		defer cancel()
	}
	records := r.poll(waiting)
	if r.scope.toEnd && waiting.Err() != nil && ctx.Err() == nil {
		return records, r.forgetExpired(ctx)
	}
	waiting, cancel := context.WithTimeout(ctx, together)
	defer cancel()
	for waiting.Err() == nil && len(records) < togetherLimit && (!r.scope.toEnd || len(r.ends) > 0) {
		records = append(records, r.poll(waiting)...)
	}
	return records, nil
}

// poll returns the records that have come.
func (r *reader) poll(ctx context.Context) []*kgo.Record {
	fetches := r.client.PollFetches(ctx)
	fetches.EachError(func(topic string, partition int32, err error) {
		if topic == "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return
		}
		r.warn(unreadable(topic, err))
		delete(r.ends, place{topic, partition})
	})
	var records []*kgo.Record
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		here := place{p.Topic, p.Partition}
		end, isBounded := r.ends[here]
		for _, record := range p.Records {
			if record.Attrs.IsControl() || r.scope.toEnd && (!isBounded || record.Offset >= end) {
				continue
			}
			records = append(records, record)
		}
		if n := len(p.Records); n > 0 {
			r.next[here] = p.Records[n-1].Offset + 1
		}
		if isBounded && r.next[here] >= end {
			delete(r.ends, here)
			r.next[here] = end
		}
	})
	return records
}

// forgetExpired does not wait for records that do not exist any more.
func (r *reader) forgetExpired(ctx context.Context) error {
	var names []string
	for p := range r.ends {
		names = append(names, p.topic)
	}
	if len(names) == 0 {
		return nil
	}
	starts, err := list(ctx, r.admin.ListStartOffsets, names)
	if err != nil {
		return fmt.Errorf("find where topics begin: %w", err)
	}
	for p, end := range r.ends {
		start, isThere := starts.Lookup(p.topic, p.partition)
		switch {
		case !isThere:
			r.warn(fmt.Errorf("topic %s was deleted", printable(p.topic)))
			delete(r.ends, p)
		case start.Err == nil && start.Offset >= end:
			delete(r.ends, p)
		}
	}
	return nil
}
