//go:build kafka

package kafkatest_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
	"github.com/omninode-ai/onexevents/testdata/vectors"
)

// With the reference's partitioners, kcat sees every event in the partition
// that the Python reference chose for its key.
func TestPartitionersInKcatsView(t *testing.T) {
	b := newBench(t, 1)
	b.namespace = "dev" // the topic's name goes into the hash
	const topic = "dev.svc.effect.process.started.v1"
	b.dropTopic(topic)
	t.Cleanup(func() { b.dropTopic(topic) })
	type event struct {
		Partitioner string
		N           int
		Key         string
	}
	want := map[event]int{}
	keys := map[int][]string{} // by number of partitions
	partitions := vectors.Partitions(t)
	for _, v := range partitions {
		if v.HashTopic != topic {
			t.Fatalf("the vectors have another topic, %s", v.HashTopic)
		}
		keys[v.N] = append(keys[v.N], v.Key)
		want[event{"balanced", v.N, v.Key}], want[event{"hash", v.N, v.Key}] = v.Balanced, v.Hash
	}
	b.CreateTopics(t, 1, nil, topic)
	delivered := int64(0)
	for n := range 20 { // a topic can only grow
		if keys[n] == nil {
			continue
		}
		b.growTopic(topic, n)
		for name, partitioner := range map[string]kgo.Partitioner{"balanced": onex.BalancedPartitioner(), "hash": onex.HashPartitioner()} {
			pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext), kgo.RecordPartitioner(partitioner))
			op := onex.NewOperation[onex.None, onex.None](onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "svc"}), "process")
			for _, key := range keys[n] {
				err := b.publish(topic, key, func() error {
					return op.Started(t.Context(), uuid.New(), onex.None{}, onex.WithPartitionKey(key),
						onex.WithMetadata(map[string]any{"partitioner": name, "n": n}))
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			b.close(pub)
			delivered += pub.Ledger().Delivered
		}
	}
	for _, r := range kcat(t, b.kcatPlaintext(), topic) {
		var env struct{ Payload struct{ Metadata event } }
		if err := json.Unmarshal([]byte(r.Payload), &env); err != nil {
			t.Fatal(err)
		}
		e := env.Payload.Metadata
		e.Key = r.Key
		partition, ok := want[e]
		if !ok || r.Partition != partition {
			t.Errorf("%s: %.40q of %d is in partition %d, want %d", e.Partitioner, e.Key, e.N, r.Partition, partition)
		}
		delete(want, e)
	}
	if len(want) > 0 || len(partitions) != 36 {
		t.Errorf("kcat has not seen %d of %d events", len(want), 2*len(partitions))
	}
	if int(delivered) != 2*len(partitions) {
		t.Errorf("%d events were delivered, want %d", delivered, 2*len(partitions))
	}
}

// dropTopic deletes a topic if it exists.
func (b *bench) dropTopic(topic string) {
	b.t.Helper()
	topics, err := b.Admin(b.t).ListTopics(patience(b.t, time.Minute), topic)
	if err != nil {
		b.t.Fatal(err)
	}
	if topics.Has(topic) {
		b.DeleteTopics(b.t, topic)
	}
}

// growTopic gives a topic n partitions, and waits until all brokers know them.
func (b *bench) growTopic(topic string, n int) {
	b.t.Helper()
	if n == 1 {
		return
	}
	ctx := patience(b.t, time.Minute)
	admin := b.Admin(b.t)
	responses, err := admin.UpdatePartitions(ctx, n, topic)
	if err := errors.Join(err, responses.Error()); err != nil {
		b.t.Fatal(err)
	}
	for {
		topics, err := admin.ListTopics(ctx, topic)
		if err != nil {
			b.t.Fatal(err)
		}
		if len(topics[topic].Partitions) == n && topics.Error() == nil {
			return
		}
		pause()
	}
}
