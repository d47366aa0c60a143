package cluster

import (
	"context"
	"flag"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Complete returns the topics that the user may see.
func Complete(ctx context.Context, flags *flag.FlagSet) []string {
	_, opts, err := Given(flags)
	if err != nil {
		return nil
	}
	names, _ := TopicNames(ctx, opts) // else there is nothing to complete
	return names
}

// TopicNames are the topics that the user may see.
func TopicNames(ctx context.Context, opts []kgo.Opt) ([]string, error) {
	client, err := Dial(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	topics, err := kadm.NewClient(client).ListTopics(ctx)
	if err != nil {
		return nil, err
	}
	return topics.Names(), nil
}

// CompleteTopics is for commands with a flag -topic.
func CompleteTopics(ctx context.Context, flags *flag.FlagSet, name string) []string {
	if name != "topic" {
		return nil
	}
	return Complete(ctx, flags)
}
