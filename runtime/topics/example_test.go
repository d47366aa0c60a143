package topics_test

import (
	"context"
	"fmt"
	"log"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/topics"
)

// A tool that has a Kafka client of its own makes topics over it. What it would do can
// be asked before.
func ExampleEnsure() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ctx := context.Background()
	names := []string{"dev.stamping.effect.stamp.started.v1"}
	settings := topics.Settings{Events: topics.Shape{Partitions: 6}, NoDeadLetters: true}
	plan, err := topics.Preview(ctx, client, names, settings)
	if err != nil {
		log.Fatal(err)
	}
	create, change := plan.Pending()
	fmt.Println(create, "to create and", change, "to change")

	if plan, err = topics.Ensure(ctx, client, names, settings); err != nil {
		log.Fatal(err)
	}
	for _, topic := range plan.Topics { // those that have failed too
		fmt.Println(topic.Topic, topic.Err)
	}
	fmt.Println(plan.Err())
	// Output:
	// 1 to create and 0 to change
	// dev.stamping.effect.stamp.started.v1 <nil>
	// <nil>
}

// Dead letters are in a topic beside that of their events.
func ExampleLetters() {
	letters := topics.Letters{Suffix: ".dlq"}
	topic := letters.Of("dev.stamping.effect.stamp.failed.v1")
	fmt.Println(topic, letters.Are(topic), topics.IsName(topic))

	bus := topics.Letters{OnexDLQ: true} // of Profile2
	topic = bus.Of("onex.evt.stamping.effect-stamp-failed.v1")
	from, ok := bus.Topic(topic)
	fmt.Println(topic, from, ok)
	fmt.Println(topics.EventType(from))
	// Output:
	// dev.stamping.effect.stamp.failed.v1.dlq true true
	// onex.dlq.stamping.effect-stamp-failed.v1 onex.evt.stamping.effect-stamp-failed.v1 true
	// stamping.effect-stamp-failed
}
