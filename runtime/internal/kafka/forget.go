package kafka

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// madeAnew are the topics of which brokers have said that they were made anew. kgo
// has to forget such a topic to find the new one. But the answer may be a mistake,
// as while brokers restart, and the topic be the old one: then kgo counts its
// batches from 0 again, under the same producer id, and the broker takes them for
// the first ones and acknowledges what it does not write. That is known by their
// offsets, which are lower than the end of the topic was.
type madeAnew struct {
	any atomic.Bool // there are ends

	mu     sync.Mutex
	topics map[string]bool
	ends   map[string]map[int32]int64 // of the partitions of those that were forgotten
}

// errNotWritten is the error of a record that is acknowledged and is not there. A
// client with another producer id can write it.
var errNotWritten = errors.New("the broker has taken the record for another one that it has")

func (a *madeAnew) note(topic string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.topics == nil {
		a.topics, a.ends = map[string]bool{}, map[string]map[int32]int64{}
	}
	a.topics[topic] = true
}

func (a *madeAnew) take(topic string) (is bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	is = a.topics[topic]
	delete(a.topics, topic)
	return is
}

func (a *madeAnew) setEnds(topic string, ends map[int32]int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ends[topic] = ends
	a.any.Store(true)
}

// isWritten tells whether an acknowledged record is where new ones are.
func (a *madeAnew) isWritten(rec *kgo.Record) bool {
	if !a.any.Load() {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return rec.Offset >= a.ends[rec.Topic][rec.Partition]
}

// Forget makes the client look for a topic as if it had never heard of it, if it
// has to: because the topic was made anew. It blocks while the client waits for a
// broker, until ctx ends at most. If it cannot, the topic's records come back with
// the same answer as before.
func (c *Client) Forget(ctx context.Context, topic string) {
	cl := c.current.Load()
	if cl == nil || !cl.anew.take(topic) {
		return
	}
	forgotten := make(chan struct{})
	go func() {
		defer close(forgotten)
		ends, err := cl.endsOf(ctx, topic)
		if err != nil {
			cl.anew.note(topic)
			return
		}
		cl.anew.setEnds(topic, ends)
		cl.PurgeTopicsFromProducing(topic)
	}()
	select {
	case <-forgotten:
	case <-ctx.Done():
	}
}

// endsOf returns the ends of a topic's partitions.
func (cl *client) endsOf(ctx context.Context, topic string) (map[int32]int64, error) {
	meta := kmsg.NewPtrMetadataRequest()
	meta.Topics = []kmsg.MetadataRequestTopic{{Topic: &topic}}
	found, err := meta.RequestWith(ctx, cl.Client)
	if err != nil {
		return nil, err
	}
	asked := kmsg.NewListOffsetsRequestTopic()
	asked.Topic = topic
	for _, t := range found.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return nil, err
		}
		for _, p := range t.Partitions {
			partition := kmsg.NewListOffsetsRequestTopicPartition()
			partition.Partition, partition.Timestamp = p.Partition, -1 // the end
			asked.Partitions = append(asked.Partitions, partition)
		}
	}
	list := kmsg.NewPtrListOffsetsRequest()
	list.ReplicaID = -1
	list.Topics = append(list.Topics, asked)
	ends := map[int32]int64{}
	for _, shard := range cl.RequestSharded(ctx, list) {
		if shard.Err != nil {
			return nil, shard.Err
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					return nil, err
				}
				ends[p.Partition] = p.Offset
			}
		}
	}
	return ends, nil
}
