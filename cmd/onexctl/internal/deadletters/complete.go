package deadletters

import (
	"context"
	"flag"
	"io"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

// Complete completes topics, and the ids of dead letters.
func Complete(ctx context.Context, flags *flag.FlagSet, name string) []string {
	switch name {
	case "topic":
		return cluster.Complete(ctx, flags)
	case "", "letter":
		return ids(ctx, flags, name == "letter")
	default:
		return nil
	}
}

// ids are those of dead letters, or where these are.
func ids(ctx context.Context, flags *flag.FlagSet, positions bool) (all []string) {
	d := &dlq{Streams: terminal.Streams{Out: io.Discard, Err: io.Discard}, versions: newVersions()}
	var err error
	if d.cfg, d.opts, err = cluster.Given(flags); err != nil {
		return nil
	}
	_ = d.scan(ctx, func(l *letter, _ *kgo.Record) { // as many as there are in time
		if positions || l.env == nil {
			all = append(all, l.Position.String())
		} else {
			all = append(all, l.env.ID.String())
		}
	})
	return all
}
