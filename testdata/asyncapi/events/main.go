// Events runs the nodes of the example against a broker in memory, in each profile, and prints what
// they have published: a JSON line for each record, with its topic and its value.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/workflow"
	onex "github.com/omninode-ai/onexevents/runtime"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "events:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.AllowAutoTopicCreation())
	if err != nil {
		return err
	}
	defer cluster.Close()
	brokers := kgo.SeedBrokers(cluster.ListenAddrs()...)
	published := int64(0)
	for _, profile := range []onex.Profile{onex.ProfileV1, onex.Profile2} {
		pub, err := onex.NewPublisher(onex.Config{Profile: profile, Logger: slog.New(slog.DiscardHandler)}, brokers)
		if err != nil {
			return err
		}
		failed := publish(ctx, pub)
		if err := errors.Join(failed, pub.Close(ctx)); err != nil {
			return err
		}
		published += pub.Ledger().Delivered
	}
	reader, err := kgo.NewClient(brokers, kgo.ConsumeRegex(), kgo.ConsumeTopics(".*"))
	if err != nil {
		return err
	}
	defer reader.Close()
	out := json.NewEncoder(os.Stdout)
	for left := published; left > 0; {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return err
		}
		for r := range fetches.RecordsAll() {
			left--
			if err := out.Encode(map[string]any{"topic": r.Topic, "value": json.RawMessage(r.Value)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// publish has a workflow succeed and one fail, and records a metric.
func publish(ctx context.Context, pub *onex.Publisher) error {
	o := workflow.New(pub, "orchestrator-1")
	if err := o.Waiting(ctx, 1); err != nil {
		return err
	}
	if _, err := o.Orchestrate(ctx, workflow.Request{Workflow: "good", Documents: []stamping.Document{{ID: "d-1", Text: "x"}}}); err != nil {
		return err
	}
	if _, err := o.Orchestrate(ctx, workflow.Request{Workflow: "bad", Documents: []stamping.Document{{ID: "d-2"}}}); err == nil {
		return errors.New("an empty document was stamped")
	}
	return nil
}
