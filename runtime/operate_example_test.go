package onex_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// A program that must know waits until its events are acknowledged, and asks what has
// become of them.
func ExamplePublisher_Flush() {
	cluster, err := kfake.NewCluster(kfake.AllowAutoTopicCreation())
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	pub, err := onex.NewPublisher(onex.Config{}, kgo.SeedBrokers(cluster.ListenAddrs()...),
		kgo.RecordPartitioner(onex.BalancedPartitioner())) // where Python nodes publish to the same topics
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	defer pub.Close(ctx)
	if _, err := stamping.NewStamper(pub, "stamper-1").Stamp(ctx, stamping.Document{ID: "d-1", Text: "All things flow."}); err != nil {
		log.Fatal(err)
	}
	if err := pub.Flush(ctx); err != nil {
		log.Fatal(err)
	}
	ledger, health := pub.Ledger(), pub.Health()
	fmt.Println(ledger.Delivered, "of", ledger.Accepted, "delivered; up:", health.Up)
	stats := pub.Stats() // for metrics: both of these, and more
	fmt.Println(stats.InFlightBytes, "bytes are in flight,", len(stats.Lost), "reasons of losses")
	fmt.Println(strings.Join(pub.Topics(), "\n"))
	// Output:
	// 5 of 5 delivered; up: true
	// 0 bytes are in flight, 0 reasons of losses
	// dev.stamping.compute.digest.completed.v1
	// dev.stamping.compute.digest.failed.v1
	// dev.stamping.compute.digest.started.v1
	// dev.stamping.effect.metric.recorded.v1
	// dev.stamping.effect.stamp.completed.v1
	// dev.stamping.effect.stamp.failed.v1
	// dev.stamping.effect.stamp.started.v1
}

// What there is to measure can be asked for at any time; runtime/onexprom and
// runtime/onexotel make metrics of it.
func ExamplePublisher_Stats() {
	pub, err := onex.NewPublisher(onex.Config{MaxInFlight: 100, Logger: slog.New(slog.DiscardHandler)}, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		log.Fatal(err)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	e := stamping.NewStamperEvents(pub, "stamper-1")
	_ = e.PublishMetricRecorded(ended, "queue_depth", 42, "count")
	s := pub.Stats()
	fmt.Println(s.Ledger.InFlight, "of", s.MaxInFlight, s.InFlightBytes > 0)
	_ = pub.Close(ended)
	fmt.Println(pub.Stats().Lost)
	// Output:
	// 1 of 100 true
	// map[closed:1]
}

// An error of the Kafka client says in the words of Health what is wrong, and what to
// do about it.
func ExampleCauseOf() {
	for _, err := range []error{syscall.ECONNREFUSED, kerr.TopicAuthorizationFailed, kerr.UnknownTopicOrPartition} {
		cause := onex.CauseOf(fmt.Errorf("produce: %w", err))
		fmt.Printf("%s: %s\n", cause, cause.Remedy())
	}
	fmt.Printf("%q\n", onex.CauseOf(context.Canceled)) // nobody's fault
	// Output:
	// refused: start the brokers, or correct KAFKA_BOOTSTRAP_SERVERS; a firewall may be in between
	// authorization: let the user write to the topic: kafka-acls --add --allow-principal User:… --producer --topic …
	// topic_missing: create the topic: onexctl topics apply, or onex.EnsureTopics
	// ""
}

// A dead letter says in its headers where it is from and why it is there.
func ExampleDeadLetterHeaders() {
	fmt.Println(strings.Join(onex.DeadLetterHeaders(), "\n"))
	// Output:
	// __connect.errors.topic
	// __connect.errors.partition
	// __connect.errors.exception.message
	// event_id
}

// Settings can come from wherever a program has its own.
func ExampleConfigFrom() {
	settings := map[string]string{
		"KAFKA_BOOTSTRAP_SERVERS":     "127.0.0.1:9092",
		"DEFAULT_NAMESPACE":           "staging",
		"KAFKA_PARTITIONING_STRATEGY": "hash", // onex.HashPartitioner
	}
	cfg, opts, err := onex.ConfigFrom(func(name string) string { return settings[name] })
	if err != nil {
		log.Fatal(err)
	}
	opts = append(opts, kgo.RecordPartitioner(onex.HashPartitioner())) // the same, in Go
	cfg.Logger = slog.New(slog.DiscardHandler)
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		log.Fatal(err)
	}
	defer pub.Close(context.Background())
	fmt.Println(cfg.Namespace)
	// Output: staging
}

// A tool makes topics by their names, and says before what it would do.
func ExampleEnsureTopics() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	kafka := kgo.SeedBrokers(cluster.ListenAddrs()...)
	names := []string{"dev.stamping.effect.stamp.started.v1"}
	ctx := context.Background()

	plan, err := onex.PlanTopics(ctx, names, topics.Settings{NoDeadLetters: true}, kafka)
	if err != nil {
		log.Fatal(err)
	}
	create, _ := plan.Pending()
	fmt.Println("to create:", create)
	plan, err = onex.EnsureTopics(ctx, names, topics.Settings{NoDeadLetters: true}, kafka)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(plan)
	// Output:
	// to create: 1
	// created dev.stamping.effect.stamp.started.v1: partitions 3, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
	// 1 topics: 1 created, 0 changed, 0 as they are, 0 with other settings that stay, 0 faulty
}
