package onex_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/testdata/vectors"
)

// The vectors are the partitions that the Python reference chose.
func TestPartitionVectors(t *testing.T) {
	partitions := vectors.Partitions(t)
	if len(partitions) != 36 {
		t.Fatalf("%d cases, want 36", len(partitions))
	}
	balanced, hash := onex.BalancedPartitioner(), onex.HashPartitioner()
	for _, v := range partitions {
		r := &kgo.Record{Topic: v.HashTopic, Key: []byte(v.Key)}
		if got := balanced.ForTopic(v.HashTopic).Partition(r, v.N); got != v.Balanced {
			t.Errorf("balanced: %.40q of %d is %d, want %d", v.Key, v.N, got, v.Balanced)
		}
		if got := hash.ForTopic(v.HashTopic).Partition(r, v.N); got != v.Hash {
			t.Errorf("hash: %.40q of %d is %d, want %d", v.Key, v.N, got, v.Hash)
		}
	}
}

// The option reaches the client: the contract's table has these partitions.
func TestBalancedPartitionerIsUsed(t *testing.T) {
	broker := startKafka(t) // topics have three partitions
	pub := newPublisher(t, onex.Config{}, broker, kgo.RecordPartitioner(onex.BalancedPartitioner()))
	want := map[string]int32{"n1": 2, id.String(): 2, "orchestrator-1": 1, "é": 0}
	for key := range want {
		node := onex.NewNode(pub, key, onex.NodeSpec{Type: "effect", Service: "a"})
		if err := onex.MetricRecorded(testContext(t), node, "m", 1, "u"); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range consume(t, broker, len(want)) {
		if r.Partition != want[string(r.Key)] {
			t.Errorf("key %s is in partition %d, want %d", r.Key, r.Partition, want[string(r.Key)])
		}
	}
}
