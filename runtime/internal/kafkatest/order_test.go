//go:build kafka

package kafkatest_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// onPartitioned is called for each record that kgo has put into a partition.
type onPartitioned func(*kgo.Record)

func (f onPartitioned) OnProduceRecordPartitioned(rec *kgo.Record, _ int32) { f(rec) }

// A publisher inherits events of one key, and its topic finds the third too
// large. The client is new: it begins to send while it still learns where the
// rest belongs, and has Kafka's refusal before it has come to the end. That event
// alone is a dead letter, and the others arrive in order.
func TestOrderOfBacklogWithEventTooLarge(t *testing.T) {
	for name, tt := range map[string]struct {
		events int
		hook   time.Duration // what a hook takes for each record
	}{
		"quick client": {80, 0},
		"slow hook":    {400, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 1)
			topic := b.topicOf("s")
			b.CreateTopics(t, 1, map[string]string{"max.message.bytes": "65536"}, topic)
			b.CreateTopics(t, 1, nil, topic+".dlq")

			away := b.open(onex.Config{}, kgo.SeedBrokers("127.0.0.1:1"))
			m := b.meter(away, "s")
			for i := range tt.events {
				var opts []onex.EventOption
				if i == 2 {
					opts = append(opts, onex.WithMetadata(map[string]any{"bulk": incompressible(55_000)}))
				}
				if err := m.publish("k", opts...); err != nil {
					t.Fatal(err)
				}
			}
			b.closeNow(away)
			if g := away.Ledger(); g.Spooled != int64(tt.events) {
				t.Fatalf("the first publisher has left %+v", g)
			}

			slow := onPartitioned(func(*kgo.Record) { time.Sleep(tt.hook) })
			next := b.open(onex.Config{}, b.Seeds(kafkacluster.Plaintext), kgo.WithHooks(slow), kgo.ProducerBatchCompression(kgo.NoCompression()))
			b.close(next)
			r := b.reckon(away.Ledger(), next.Ledger())
			for i, p := range r.places {
				if p.letter != (i == 2) || p.arrived == (i == 2) {
					t.Errorf("event %d: %+v", i, p)
				}
			}
		})
	}
}
