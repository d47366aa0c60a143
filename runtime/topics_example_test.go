package onex_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// A program that may create topics makes those of its nodes before it begins.
func ExamplePublisher_EnsureTopics() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	kafka := kgo.SeedBrokers(cluster.ListenAddrs()...)

	ctx := context.Background()
	pub, err := onex.NewPublisher(onex.Config{Logger: slog.New(slog.DiscardHandler)}, kafka)
	if err != nil {
		log.Fatal(err)
	}
	defer pub.Close(ctx)
	stamping.NewStamper(pub, "stamper-1") // and the program's other nodes
	plan, err := pub.EnsureTopics(ctx, topics.Settings{
		NoDeadLetters: true,
		Overrides: []topics.Override{
			{Match: "*.metric.recorded.v1", TopicShape: topics.Shape{Partitions: 1}},
		},
	})
	if err != nil {
		log.Print(err) // events wait for a topic that could not be made
	}
	fmt.Print(plan)
	// Output:
	// created dev.stamping.compute.digest.completed.v1: partitions 3, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
	// created dev.stamping.compute.digest.failed.v1: partitions 3, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
	// created dev.stamping.compute.digest.started.v1: partitions 3, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
	// created dev.stamping.effect.metric.recorded.v1: partitions 1, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
	// created dev.stamping.effect.stamp.completed.v1: partitions 3, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
	// created dev.stamping.effect.stamp.failed.v1: partitions 3, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
	// created dev.stamping.effect.stamp.started.v1: partitions 3, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
	// 7 topics: 7 created, 0 changed, 0 as they are, 0 with other settings that stay, 0 faulty
}

// The environment says where Kafka is, as it does to OmniNode's Python services.
func ExampleConfigFromEnv() {
	os.Setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")
	os.Setenv("KAFKA_COMPRESSION_TYPE", "zstd")
	os.Setenv("DEFAULT_NAMESPACE", "staging")
	cfg, opts, err := onex.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	cfg.SourceInstance, cfg.Logger = "pod-7", slog.New(slog.DiscardHandler)
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		log.Fatal(err)
	}
	defer pub.Close(context.Background())
	fmt.Println(cfg.Namespace)

	os.Setenv("KAFKA_COMPRESSION_TYPE", "brotli")
	os.Setenv("KAFKA_ACKS", "1")
	_, _, err = onex.ConfigFromEnv()
	fmt.Println(err)
	os.Unsetenv("KAFKA_BOOTSTRAP_SERVERS")
	os.Unsetenv("KAFKA_COMPRESSION_TYPE")
	os.Unsetenv("DEFAULT_NAMESPACE")
	os.Unsetenv("KAFKA_ACKS")
	// Output:
	// staging
	// onex: environment: KAFKA_COMPRESSION_TYPE is "brotli": set it to one of none, gzip, snappy, lz4, zstd
	// KAFKA_ACKS is "1": a delivered event could be gone with one broker; set it to all, or leave it out
}
