//go:build kafka

package kafkatest_test

import (
	"crypto/rand"
	"encoding/hex"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// Where topics are not created by themselves, the publisher's health says which
// one is missing. Its events are kept, those of other topics flow, and all
// arrive when the topic has been provided.
func TestTopicMissing(t *testing.T) {
	b := newBench(t, 1)
	b.CreateTopics(t, 3, nil, b.topicOf("there"))
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext))
	there, missing := b.meter(pub, "there"), b.meter(pub, "missing")
	missing.some(100)
	there.some(100)
	b.until(pub, "missing", func() bool { return pub.Health().Topics[missing.topic] == onex.CauseTopicMissing })
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 100 })
	if h := pub.Health(); !h.Up || len(h.Topics) != 1 {
		t.Errorf("health %+v", h)
	}
	missing.some(100)
	plan, err := onex.EnsureTopics(patience(t, time.Minute), pub.Topics(), onex.TopicSettings{}, b.Seeds(kafkacluster.Plaintext))
	if err != nil {
		t.Fatalf("%v; plan %+v", err, plan)
	}
	b.until(pub, "all well", func() bool { return pub.Health().Topics == nil && pub.Ledger().Delivered == 300 })
	b.close(pub)
	b.reckon(pub.Ledger())
}

// A topic that is deleted and made again under a publisher takes its events
// again, those from between included.
func TestTopicRecreated(t *testing.T) {
	b := newBench(t, 1)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext))
	m, other := b.meter(pub, "recreated"), b.meter(pub, "other")
	b.CreateTopics(t, 3, nil, m.topic, other.topic)
	m.some(100)
	other.some(100)
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 200 })
	r := b.newReckoning()
	r.read(m.topic)

	b.DeleteTopics(t, m.topic)
	m.some(100)
	other.some(100)
	b.until(pub, "missing", func() bool { return pub.Health().Topics[m.topic] == onex.CauseTopicMissing })
	b.CreateTopics(t, 6, nil, m.topic)
	m.some(100)
	b.until(pub, "all well", func() bool { return pub.Health().Topics == nil && pub.Ledger().Delivered == 500 })
	b.close(pub)
	r.read(m.topic, other.topic)
	r.settle(pub.Ledger())
}

// A topic that is deleted and made again before the publisher has noticed.
func TestTopicRecreatedAtOnce(t *testing.T) {
	b := newBench(t, 1)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext))
	m := b.meter(pub, "recreated")
	b.CreateTopics(t, 3, nil, m.topic)
	m.some(100)
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 100 })
	r := b.newReckoning()
	r.read(m.topic)
	b.DeleteTopics(t, m.topic)
	b.CreateTopics(t, 3, nil, m.topic)
	m.some(100)
	b.until(pub, "delivered", func() bool { return pub.Ledger().Delivered == 200 })
	b.close(pub)
	r.read(m.topic)
	r.settle(pub.Ledger())
}

// A topic refuses what is too large for it, and that alone: exactly the large
// events become dead letters, whatever stood beside them.
func TestTopicOfSmallMessages(t *testing.T) {
	b := newBench(t, 1)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext))
	m := b.meter(pub, "small")
	b.CreateTopics(t, 3, map[string]string{"max.message.bytes": "4000"}, m.topic)
	b.CreateTopics(t, 1, nil, m.topic+".dlq")
	var large []int
	for i := range 300 {
		var opts []onex.EventOption
		if i%10 == 3 {
			large = append(large, i)
			opts = append(opts, onex.WithMetadata(map[string]any{"bulk": incompressible(5000)}))
		}
		if err := m.publish("k"+string(rune('a'+i%7)), opts...); err != nil {
			t.Fatal(err)
		}
	}
	b.until(pub, "settled", func() bool { g := pub.Ledger(); return g.InFlight+g.Spooled == 0 })
	if h := pub.Health(); !h.Up || h.Topics != nil {
		t.Errorf("health %+v", h)
	}
	b.close(pub)
	r := b.reckon(pub.Ledger())
	for i := range 300 {
		isLarge := len(large) > 0 && i == large[0]
		if isLarge {
			large = large[1:]
		}
		if r.places[i].letter != isLarge || r.places[i].arrived == isLarge {
			t.Errorf("event %d, large: %v: %+v", i, isLarge, r.places[i])
		}
	}
}

// incompressible returns so many bytes of text that take half of that at least.
func incompressible(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
