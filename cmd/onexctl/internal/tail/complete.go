package tail

import (
	"context"
	"flag"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
)

// Complete completes topics, and the ids of recent correlations.
func Complete(ctx context.Context, flags *flag.FlagSet, name string) []string {
	switch name {
	case "":
		return cluster.Complete(ctx, flags)
	case "correlation":
		return events.Recent(ctx, flags)
	default:
		return nil
	}
}
