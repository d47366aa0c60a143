package tail

import (
	"context"
	"flag"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
)

// Complete completes topics.
func Complete(ctx context.Context, flags *flag.FlagSet, name string) []string {
	if name != "" {
		return nil
	}
	return cluster.Complete(ctx, flags)
}
