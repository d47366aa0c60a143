package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// scope says what to read.
type scope struct {
	topics func(name string) bool
	begin  begin
	toEnd  bool // read up to where topics ended at the beginning, and no further
	await  bool // and wait there for the transactions that have begun before
}

// begin is where to begin reading a topic.
type begin struct {
	atEnd bool            // with what comes
	since time.Time       // or with the first record that is not older; the zero time: with the first
	at    map[place]int64 // but these partitions here
}

// reader reads the records of topics, in no group: it leaves no trace. Of
// transactions it reads what was committed.
type reader struct {
	client *kgo.Client
	admin  *kadm.Client
	scope  scope
	warn   func(error)
	known  map[string]kadm.TopicDetail
	ends   map[place]int64 // with toEnd, of what is still to be read
	next   map[place]int64 // what comes behind what was read
}

// place is a partition of a topic.
type place struct {
	topic     string
	partition int32
}

// position is where one record is.
type position struct {
	place
	offset int64
}

func positionOf(r *kgo.Record) position { return position{place{r.Topic, r.Partition}, r.Offset} }

func (p position) String() string { return fmt.Sprintf("%s/%d/%d", p.topic, p.partition, p.offset) }

// newReader finds the topics that there are. warn is told of what cannot be
// read, each once.
func newReader(ctx context.Context, opts []kgo.Opt, s scope, warn func(error)) (*reader, error) {
	client, err := dial(ctx, opts,
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // else nobody could tell that the end is reached
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.MetadataMinAge(250*time.Millisecond),
		kgo.FetchMaxWait(500*time.Millisecond))
	if err != nil {
		return nil, err
	}
	r := &reader{client: client, admin: kadm.NewClient(client), scope: s, known: map[string]kadm.TopicDetail{}, ends: map[place]int64{}, next: map[place]int64{}}
	r.warn = once(warn)
	if err := r.discover(ctx, s.begin); err != nil {
		client.Close()
		return nil, err
	}
	return r, nil
}

// once makes warn be told of each fault once, and of one after the other.
func once(warn func(error)) func(error) {
	var mu sync.Mutex
	told := map[string]bool{}
	return func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if text := err.Error(); !told[text] {
			told[text] = true
			warn(err)
		}
	}
}

func (r *reader) close() { r.client.Close() }

// discover adds the topics and partitions that are new.
func (r *reader) discover(ctx context.Context, from begin) error {
	var topics kadm.TopicDetails
	err := patiently(ctx, func(ctx context.Context) (err error) {
		topics, err = r.admin.ListTopics(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("list the topics: %w", err)
	}
	added := map[string][]int32{}
	for name, detail := range topics {
		if !r.scope.topics(name) {
			continue
		}
		if detail.Err != nil {
			if r.scope.toEnd { // else it is found later
				r.warn(unreadable(name, detail.Err))
			}
			continue
		}
		old, isKnown := r.known[name]
		if isKnown && old.ID != detail.ID {
			r.client.PurgeTopicsFromConsuming(name) // it is another one of the same name
			old = kadm.TopicDetail{}
		}
		for p := range detail.Partitions {
			if _, isKnown := old.Partitions[p]; !isKnown {
				added[name] = append(added[name], p)
			}
		}
		r.known[name] = detail
	}
	if len(added) == 0 {
		return nil
	}
	return r.add(ctx, added, from)
}

// add begins to read partitions.
func (r *reader) add(ctx context.Context, added map[string][]int32, from begin) error {
	names := make([]string, 0, len(added))
	for name := range added {
		names = append(names, name)
	}
	begins, err := r.beginnings(ctx, from, names)
	if err != nil {
		return fmt.Errorf("find where topics begin: %w", err)
	}
	var ends kadm.ListedOffsets
	if r.scope.toEnd {
		which := r.admin.ListCommittedOffsets
		if r.scope.await {
			which = r.admin.ListEndOffsets
		}
		if ends, err = list(ctx, which, names); err != nil {
			return fmt.Errorf("find where topics end: %w", err)
		}
	}
	offsets := map[string]map[int32]kgo.Offset{}
	for name, partitions := range added {
		offsets[name] = map[int32]kgo.Offset{}
		for _, p := range partitions {
			first, isKnown := begins.Lookup(name, p)
			end, hasEnd := ends.Lookup(name, p)
			if err := errors.Join(first.Err, end.Err); err != nil {
				r.warn(unreadable(name, err))
				continue
			}
			if !isKnown || r.scope.toEnd && !hasEnd {
				r.warn(unreadable(name, fmt.Errorf("nothing is known of partition %d", p)))
				continue
			}
			offset := first.Offset
			if at, isGiven := from.at[place{name, p}]; isGiven {
				offset = max(offset, at)
			}
			if r.scope.toEnd && offset >= end.Offset {
				continue
			}
			offsets[name][p] = kgo.NewOffset().At(offset)
			if r.scope.toEnd {
				r.ends[place{name, p}] = end.Offset
			}
		}
	}
	r.client.AddConsumePartitions(offsets)
	return nil
}

func (r *reader) beginnings(ctx context.Context, from begin, names []string) (kadm.ListedOffsets, error) {
	switch {
	case from.atEnd:
		return list(ctx, r.admin.ListCommittedOffsets, names)
	case !from.since.IsZero():
		return list(ctx, func(ctx context.Context, names ...string) (kadm.ListedOffsets, error) {
			return r.admin.ListOffsetsAfterMilli(ctx, from.since.UnixMilli(), names...)
		}, names)
	default:
		return list(ctx, r.admin.ListStartOffsets, names)
	}
}

func unreadable(topic string, err error) error {
	if errors.Is(err, kerr.TopicAuthorizationFailed) {
		return fmt.Errorf("topic %s may not be read; allow READ and DESCRIBE on it", printable(topic))
	}
	return fmt.Errorf("topic %s cannot be read: %w", printable(topic), err)
}
