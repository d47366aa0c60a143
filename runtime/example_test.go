package onex_test

import (
	"context"
	"fmt"
	"log"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// A program makes one publisher for all of its nodes, and closes it in the end.
func Example() {
	cluster, err := kfake.NewCluster(kfake.AllowAutoTopicCreation())
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()

	pub, err := onex.NewPublisher(onex.Config{Environment: "production"}, kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		log.Fatal(err)
	}
	ctx := onex.ContextWithCorrelation(context.Background(), uuid.New()) // as it came with a request
	stamper := stamping.NewStamper(pub, "stamper-1")
	if _, err := stamper.Stamp(ctx, stamping.Document{ID: "d-1", Text: "All things flow."}); err != nil {
		log.Fatal(err)
	}
	if _, err := stamper.Stamp(ctx, stamping.Document{ID: "d-2"}); err != nil {
		fmt.Println(err)
	}
	if err := pub.Close(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n", pub.Ledger())
	// Output:
	// document "d-2" is empty
	// {Accepted:7 Delivered:7 DeadLettered:0 Spooled:0 InFlight:0 Lost:0 Rejected:0}
}

// Where one topic for each event type would be too many, all types of a service
// can have one.
func ExampleConfig_topicName() {
	cluster, err := kfake.NewCluster(kfake.AllowAutoTopicCreation())
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()

	pub, err := onex.NewPublisher(onex.Config{
		TopicName: func(namespace, service, _ string) string { return namespace + "." + service + ".v1" },
	}, kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err := stamping.NewStamper(pub, "stamper-1").Stamp(ctx, stamping.Document{ID: "d-1", Text: "All things flow."}); err != nil {
		log.Fatal(err)
	}
	if err := pub.Close(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(cluster.TopicInfo("dev.stamping.v1").Topic)
	// Output: dev.stamping.v1
}

func ExampleMaskSecrets() {
	fmt.Println(onex.MaskSecrets("dial postgres://user:pa55word@db/x: token=abc123 was refused"))
	// Output: dial postgres://***@db/x: token=*** was refused
}

func ExampleCatalog_EventTypes() {
	for _, eventType := range stamping.StamperCatalog.EventTypes() {
		fmt.Println(eventType)
	}
	// Output:
	// effect.stamp.started
	// effect.stamp.completed
	// effect.stamp.failed
	// effect.metric.recorded
}
