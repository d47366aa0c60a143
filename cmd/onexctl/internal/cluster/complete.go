package cluster

import (
	"context"
	"flag"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Complete returns the topics that the user may see.
func Complete(ctx context.Context, flags *flag.FlagSet) []string {
	_, opts, err := Given(flags)
	if err != nil {
		return nil
	}
	client, err := Dial(ctx, opts)
	if err != nil {
		return nil
	}
	defer client.Close()
	topics, err := kadm.NewClient(client).ListTopics(ctx)
	if err != nil {
		return nil
	}
	return topics.Names()
}

// CompleteTopics is for commands with a flag -topic.
func CompleteTopics(ctx context.Context, flags *flag.FlagSet, name string) []string {
	if name != "topic" {
		return nil
	}
	return Complete(ctx, flags)
}
