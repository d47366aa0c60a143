//go:build kafka

package kafkatest_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// throttled counts how often a broker has made a client wait.
type throttled struct{ n, longest atomic.Int64 }

func (h *throttled) OnBrokerThrottle(_ kgo.BrokerMetadata, wait time.Duration, _ bool) {
	h.n.Add(1)
	h.longest.Store(max(h.longest.Load(), int64(wait)))
}

// A client that sends more than its quota is slowed down by the brokers. That
// costs time and nothing else: nothing is lost or sent twice. If it takes long,
// the publisher's health says so, and its events go to the spool.
func TestQuota(t *testing.T) {
	for name, tt := range map[string]struct {
		quota  float64 // bytes a second
		atOnce int     // so many events, of some 650 bytes
		wait   time.Duration
		isLong bool
	}{
		"moments": {65_000, 100, 1, false},
		"long":    {35_000, 1000, 5 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 1)
			b.CreateTopics(t, 3, nil, b.topicOf("s"))
			b.Quota(t, b.namespace, tt.quota)
			hook := &throttled{}
			var changes healths
			pub := b.open(onex.Config{OnHealth: changes.add}, b.Seeds(kafkacluster.Plaintext), kgo.ClientID(b.namespace), kgo.WithHooks(hook),
				kgo.ProducerBatchCompression(kgo.NoCompression()))
			m := b.meter(pub, "s")
			for hook.longest.Load() < int64(tt.wait) { // what is sent on credit is to be paid for
				m.some(tt.atOnce)
				b.until(pub, "settled", func() bool { return pub.Ledger().InFlight == 0 })
			}
			if m.some(100); tt.isLong {
				b.until(pub, "spooled", func() bool { return pub.Ledger().Spooled == 100 })
			}
			b.close(pub)
			if changes.has(onex.CauseThrottled) != tt.isLong || changes.has(onex.CauseTimeout) {
				t.Errorf("changes of health: %+v", changes.all)
			}
			if r := b.reckon(pub.Ledger()); r.again > 0 {
				t.Errorf("%d records came again", r.again)
			}
			t.Logf("throttled %d times, at longest %v", hook.n.Load(), time.Duration(hook.longest.Load()))
		})
	}
}

// healths collects what a publisher's health has been.
type healths struct {
	mu  sync.Mutex
	all []onex.Health
}

func (h *healths) add(health onex.Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, health)
}

func (h *healths) has(cause onex.Cause) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.all, func(health onex.Health) bool { return health.Cause == cause })
}
