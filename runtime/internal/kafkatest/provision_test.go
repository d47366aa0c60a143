//go:build kafka

package kafkatest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// Programs that start at once make the same topics, and none of them fails.
func TestEnsureTopicsAtOnce(t *testing.T) {
	b := newBench(t, 1)
	var topics []string
	for i := range 50 {
		topics = append(topics, fmt.Sprintf("%s.a.effect.x%d.started.v1", b.namespace, i))
	}
	ctx := patience(t, 2*time.Minute)
	var programs sync.WaitGroup
	for range 4 {
		programs.Go(func() {
			if plan, err := onex.EnsureTopics(ctx, topics, onex.TopicSettings{}, b.Seeds(kafkacluster.Plaintext)); err != nil {
				t.Errorf("%v\n%v", err, plan)
			}
		})
	}
	programs.Wait()
	details, err := b.Admin(t).ListTopics(ctx, append(topics, topics[0]+".dlq")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		if n := len(details[topic].Partitions); n != 3 {
			t.Errorf("%s has %d partitions, want 3", topic, n)
		}
	}
	if n := len(details[topics[0]+".dlq"].Partitions); n != 1 {
		t.Errorf("its dead letters have %d partitions, want 1", n)
	}
}

// A user who may only write is told of the right that is missing, topic by
// topic, and the events of a topic that exists arrive all the same.
func TestEnsureTopicsWithoutRights(t *testing.T) {
	b := newBench(t, 1)
	existing := b.topicOf("a")
	b.CreateTopics(t, 3, nil, existing, existing+".dlq")
	opts := []kgo.Opt{b.Seeds(kafkacluster.SASL), b.tls("ca", ""), scram(kafkacluster.Publisher)}
	plan, err := onex.EnsureTopics(patience(t, time.Minute), []string{existing, b.topicOf("b"), "prod.c"}, onex.TopicSettings{NoDeadLetters: true}, opts...)
	if !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("error %v", err)
	}
	for i, want := range []string{"describe the topic's settings: ", "create the topic: ", "describe the topic: "} {
		c := plan.Topics[i]
		if c.Err == nil || c.Err.Error()[:len(want)] != want {
			t.Errorf("%s: %v, want %s", c.Topic, c.Err, want)
		}
	}
	pub := b.open(onex.Config{}, opts...)
	b.meter(pub, "a").some(20)
	b.close(pub)
	b.reckon(pub.Ledger())
}

// Setting by setting, Kafka itself takes what the settings can say.
func TestTopicSettingsOfKafka(t *testing.T) {
	b := newBench(t, 1)
	topic := b.namespace + ".a.effect.metric.recorded.v1"
	settings := onex.TopicSettings{
		Events: onex.TopicShape{
			Partitions: 2, ReplicationFactor: 1, Retention: onex.RetainForever, CleanupPolicy: "compact,delete",
			Configs: map[string]string{"min.insync.replicas": "1", "max.message.bytes": "2000000", "segment.ms": "3600000", "compression.type": "zstd"},
		},
		DeadLetters: onex.TopicShape{CleanupPolicy: "compact"},
	}
	ctx := patience(t, time.Minute)
	seeds := b.Seeds(kafkacluster.Plaintext)
	if plan, err := onex.EnsureTopics(ctx, []string{topic}, settings, seeds); err != nil {
		t.Fatalf("%v\n%v", err, plan)
	}
	want := map[string]map[string]string{
		topic:          {"retention.ms": "-1", "cleanup.policy": "compact,delete", "min.insync.replicas": "1", "max.message.bytes": "2000000", "segment.ms": "3600000", "compression.type": "zstd"},
		topic + ".dlq": {"cleanup.policy": "compact", "max.message.bytes": "2000000"},
	}
	for topic, want := range want {
		got := b.configsOf(ctx, topic)
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s of %s is %q, want %q", name, topic, got[name], value)
			}
		}
	}
	plan, err := onex.PlanTopics(ctx, []string{topic}, settings, seeds)
	if create, change := plan.Pending(); err != nil || create+change != 0 {
		t.Errorf("there is something left to do: %v\n%v", err, plan)
	}
	settings.Events.Configs["no.such.setting"] = "1"
	if _, err := onex.PlanTopics(ctx, []string{topic, topic + "2"}, settings, seeds); !errors.Is(err, kerr.InvalidConfig) {
		t.Errorf("with a setting that Kafka does not know: %v", err)
	}
}

// configsOf returns the settings of a topic.
func (b *bench) configsOf(ctx context.Context, topic string) map[string]string {
	b.t.Helper()
	resources, err := b.Admin(b.t).DescribeTopicConfigs(ctx, topic)
	if err != nil {
		b.t.Fatal(err)
	}
	configs := map[string]string{}
	for _, c := range resources[0].Configs {
		configs[c.Key] = c.MaybeValue()
	}
	return configs
}
