package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// sizesOf returns the topic, in a namespace, with events of different sizes, of
// which some are too large for it.
func sizesOf(namespace string) string { return namespace + ".stamping.effect.metric.recorded.v1" }

// publishLarge is the command "large n": a publisher publishes n events that
// are too large for their topic, each behind one that is not. The values of the
// large ones count up from 0, those of the others from -1 down.
func publishLarge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: large n")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(deadLetters(ts.Getenv(servers), "dev", n))
}

func deadLetters(broker, namespace string, n int) error {
	if err := limitTopic(broker, sizesOf(namespace), "2000"); err != nil {
		return err
	}
	cfg := storyConfig()
	cfg.Namespace = namespace
	pub, err := onex.NewPublisher(cfg, kgo.SeedBrokers(strings.Split(broker, ",")...), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		return err
	}
	node := onex.NewNode(pub, "stamper-1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	for i := range n {
		key := onex.WithPartitionKey(fmt.Sprintf("k%d", i%5))
		for _, err := range []error{
			onex.MetricRecorded(context.Background(), node, "size", float64(-i-1), "bytes", key),
			onex.MetricRecorded(context.Background(), node, "size", float64(i), "bytes", key,
				onex.WithMetadata(map[string]any{"filler": strings.Repeat("x", 2000)})),
		} {
			if err != nil {
				return err
			}
		}
	}
	if err := pub.Close(testContext()); err != nil {
		return err
	}
	if got := pub.Ledger().DeadLettered; got != int64(n) {
		return fmt.Errorf("%d dead letters, want %d", got, n)
	}
	return nil
}

// limit is the command "limit bytes": from now on, records of so many bytes fit
// into the topic.
func limit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: limit bytes")
	}
	ts.Check(limitTopic(ts.Getenv(servers), sizesOf("dev"), args[0]))
}

func limitTopic(broker, topic, bytes string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(broker, ",")...))
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	_, err = admin.CreateTopic(testContext(), 3, -1, map[string]*string{"max.message.bytes": &bytes}, topic)
	if !errors.Is(err, kerr.TopicAlreadyExists) {
		return err
	}
	responses, err := admin.AlterTopicConfigs(testContext(), []kadm.AlterConfig{{Name: "max.message.bytes", Value: &bytes}}, topic)
	if err != nil {
		return err
	}
	if _, err = responses.On(topic, func(r *kadm.AlterConfigsResponse) error { return r.Err }); err != nil {
		return err
	}
	return awaitConfig(admin, topic, "max.message.bytes", bytes)
}

// awaitConfig waits until the broker knows what was set: it is told of it later.
func awaitConfig(admin *kadm.Client, topic, name, want string) error {
	ctx := testContext()
	for {
		configs, err := admin.DescribeTopicConfigs(ctx, topic)
		if err != nil {
			return err
		}
		config, err := configs.On(topic, nil)
		if err != nil {
			return err
		}
		for _, c := range config.Configs {
			if c.Key == name && c.MaybeValue() == want {
				return nil
			}
		}
	}
}
