//go:build kafka

package kafka_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// throttled counts how often a broker has made a client wait.
type throttled struct{ n atomic.Int64 }

func (h *throttled) OnBrokerThrottle(_ kgo.BrokerMetadata, _ time.Duration, _ bool) { h.n.Add(1) }

// A client that sends more than its quota is slowed down by the brokers. That
// costs time and nothing else: the publisher is well, and nothing is lost or
// sent twice.
func TestQuota(t *testing.T) {
	b := newBench(t, 1)
	b.CreateTopics(t, 3, nil, b.topicOf("s"))
	b.Quota(t, b.namespace, 100_000)
	hook := &throttled{}
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext), kgo.ClientID(b.namespace), kgo.WithHooks(hook),
		kgo.ProducerBatchCompression(kgo.NoCompression()))
	m := b.meter(pub, "s")
	m.some(3000) // some 2 MB, of which the first second is free
	b.until(pub, "throttled", func() bool { return hook.n.Load() > 0 })
	if h := pub.Health(); !h.Up {
		t.Errorf("health %+v", h)
	}
	b.close(pub)
	if r := b.reckon(pub.Ledger()); r.again > 0 {
		t.Errorf("%d records came again", r.again)
	}
	t.Logf("throttled %d times", hook.n.Load())
}
