package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// Scope says what to read.
type Scope struct {
	Topics func(name string) bool

	// Which topics may be there besides, though the user may not see them: those
	// that are named, and what belongs to one that he sees ("": nothing).
	Named   []string
	Related func(name string) string

	Begin Begin
	ToEnd bool      // read up to where topics ended at the beginning, and no further
	Until time.Time // nor further than the first record that is not older
	Await bool      // and wait there for the transactions that have begun before
}

// Begin is where to begin reading a topic.
type Begin struct {
	AtEnd bool            // with what comes
	Last  int64           // or, to the end, with so many offsets before it
	Since time.Time       // or with the first record that is not older; the zero time: with the first
	At    map[Place]int64 // but these partitions here
}

// Reader reads the records of topics, in no group: it leaves no trace. Of
// transactions it reads what was committed.
type Reader struct {
	client   *kgo.Client
	admin    *kadm.Client
	unpacker *unpacker
	scope    Scope
	warn     func(error)
	tooLarge error           // an answer that is not read, and without which nothing else comes
	visible  int             // topics that the user may see
	ends     map[Place]int64 // with ToEnd, of what is still to be read
	Next     map[Place]int64 // what comes behind what was read

	mu     sync.Mutex
	known  map[string]kadm.TopicDetail
	unread map[string]bool // of them, those that cannot be read, or not whole
}

// Place is a partition of a topic.
type Place struct {
	Topic     string
	Partition int32
}

// Position is where one record is.
type Position struct {
	Place
	Offset int64
}

// PositionOf says where a record is.
func PositionOf(r *kgo.Record) Position { return Position{Place{r.Topic, r.Partition}, r.Offset} }

func (p Position) String() string { return fmt.Sprintf("%s/%d/%d", p.Topic, p.Partition, p.Offset) }

// NewReader finds the topics that there are. warn is told of what cannot be
// read, each once.
func NewReader(ctx context.Context, opts []kgo.Opt, s Scope, warn func(error)) (*Reader, error) {
	unpacker := newUnpacker()
	client, err := Dial(ctx, opts,
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // else nobody could tell that the end is reached
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.MetadataMinAge(250*time.Millisecond),
		kgo.FetchMaxWait(500*time.Millisecond),
		kgo.WithDecompressor(unpacker))
	if err != nil {
		return nil, err
	}
	r := &Reader{client: client, unpacker: unpacker, admin: kadm.NewClient(client), scope: s, known: map[string]kadm.TopicDetail{}, unread: map[string]bool{}, ends: map[Place]int64{}, Next: map[Place]int64{}}
	r.warn = Once(warn)
	if err := r.discover(ctx, s.Begin); err != nil {
		client.Close()
		return nil, err
	}
	return r, nil
}

// Once makes warn be told of each fault once, and of one after the other.
func Once(warn func(error)) func(error) {
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

// Close ends the connections.
func (r *Reader) Close() { r.client.Close() }

// discover adds the topics and partitions that are new.
func (r *Reader) discover(ctx context.Context, from Begin) error {
	var topics kadm.TopicDetails
	err := patiently(ctx, func(ctx context.Context) (err error) {
		topics, err = r.admin.ListTopics(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("list the topics: %w", err)
	}
	r.mu.Lock()
	r.visible = len(topics)
	r.mu.Unlock()
	if r.scope.ToEnd || len(r.known) == 0 {
		if err := r.warnOfHidden(ctx, topics); err != nil {
			return err
		}
	}
	added := map[string][]int32{}
	for name, detail := range topics {
		if !r.scope.Topics(name) {
			continue
		}
		if detail.Err != nil {
			if r.scope.ToEnd { // else it is found later
				r.cannotRead(name, detail.Err)
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
		r.mu.Lock()
		r.known[name] = detail
		r.mu.Unlock()
	}
	if len(added) == 0 {
		return nil
	}
	return r.add(ctx, added, from)
}

// add begins to read partitions.
func (r *Reader) add(ctx context.Context, added map[string][]int32, from Begin) error {
	names := make([]string, 0, len(added))
	for name := range added {
		names = append(names, name)
	}
	begins, err := r.beginnings(ctx, from, names)
	if err != nil {
		return fmt.Errorf("find where topics begin: %w", err)
	}
	var ends kadm.ListedOffsets
	if r.scope.ToEnd {
		which := r.admin.ListCommittedOffsets
		if r.scope.Await {
			which = r.admin.ListEndOffsets
		}
		if ends, err = list(ctx, which, names); err != nil {
			return fmt.Errorf("find where topics end: %w", err)
		}
		if err := r.endBefore(ctx, r.scope.Until, ends, names); err != nil {
			return fmt.Errorf("find what is older: %w", err)
		}
	}
	offsets := map[string]map[int32]kgo.Offset{}
	for name, partitions := range added {
		offsets[name] = map[int32]kgo.Offset{}
		for _, p := range partitions {
			first, isKnown := begins.Lookup(name, p)
			end, hasEnd := ends.Lookup(name, p)
			if err := errors.Join(first.Err, end.Err); err != nil {
				r.cannotRead(name, err)
				continue
			}
			if !isKnown || r.scope.ToEnd && !hasEnd {
				r.cannotRead(name, fmt.Errorf("nothing is known of partition %d", p))
				continue
			}
			offset := first.Offset
			if at, isGiven := from.At[Place{name, p}]; isGiven {
				offset = max(offset, at)
			}
			if from.Last > 0 {
				offset = max(offset, end.Offset-from.Last)
			}
			if r.scope.ToEnd && offset >= end.Offset {
				r.Next[Place{name, p}] = end.Offset
				continue
			}
			offsets[name][p] = kgo.NewOffset().At(offset)
			if r.scope.ToEnd {
				r.ends[Place{name, p}] = end.Offset
			}
		}
	}
	r.client.AddConsumePartitions(offsets)
	return nil
}

// endBefore moves the ends to the first records that are not older than a time.
func (r *Reader) endBefore(ctx context.Context, until time.Time, ends kadm.ListedOffsets, names []string) error {
	if until.IsZero() {
		return nil
	}
	after, err := list(ctx, func(ctx context.Context, names ...string) (kadm.ListedOffsets, error) {
		return r.admin.ListOffsetsAfterMilli(ctx, until.UnixMilli(), names...)
	}, names)
	if err != nil {
		return err
	}
	for name, partitions := range ends {
		for p, end := range partitions {
			if first, isKnown := after.Lookup(name, p); isKnown && first.Err == nil {
				end.Offset = min(end.Offset, first.Offset)
				ends[name][p] = end
			}
		}
	}
	return nil
}

func (r *Reader) beginnings(ctx context.Context, from Begin, names []string) (kadm.ListedOffsets, error) {
	switch {
	case from.AtEnd:
		return list(ctx, r.admin.ListCommittedOffsets, names)
	case !from.Since.IsZero():
		return list(ctx, func(ctx context.Context, names ...string) (kadm.ListedOffsets, error) {
			return r.admin.ListOffsetsAfterMilli(ctx, from.Since.UnixMilli(), names...)
		}, names)
	default:
		return list(ctx, r.admin.ListStartOffsets, names)
	}
}

// cannotRead tells of a topic that is not read, or not whole.
func (r *Reader) cannotRead(topic string, err error) {
	r.mu.Lock()
	r.unread[topic] = true
	r.mu.Unlock()
	r.warn(unreadable(topic, err))
}

func unreadable(topic string, err error) error {
	if errors.Is(err, kerr.TopicAuthorizationFailed) {
		return fmt.Errorf("topic %s may not be read; allow READ and DESCRIBE on it", terminal.Printable(topic))
	}
	return fmt.Errorf("topic %s cannot be read: %w", terminal.Printable(topic), err)
}
