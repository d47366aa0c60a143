package events

import (
	"context"
	"flag"
	"regexp"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
)

// recentRecords are how many of each partition are read for a completion.
const recentRecords = 100

// Recent returns the ids of recent correlations, as many as there are in time.
func Recent(ctx context.Context, flags *flag.FlagSet) (ids []string) {
	cfg, opts, err := cluster.Given(flags)
	if err != nil {
		return nil
	}
	letters, isOurs := cluster.Letters(cfg), regexp.MustCompile(cluster.Pattern(cfg))
	hasEvents := func(name string) bool { return isOurs.MatchString(name) && !letters.Are(name) }
	reader, err := cluster.NewReader(ctx, opts, cluster.Scope{Topics: hasEvents, ToEnd: true, Begin: cluster.Begin{Last: recentRecords}}, func(error) {})
	if err != nil {
		return nil
	}
	defer reader.Close()
	seen := map[uuid.UUID]bool{}
	_ = reader.Read(ctx, func(records []*kgo.Record) error {
		for _, r := range records {
			if e := New(r, letters); e.Env != nil && e.Env.CorrelationID != uuid.Nil && !seen[e.Env.CorrelationID] {
				seen[e.Env.CorrelationID] = true
				ids = append(ids, e.Env.CorrelationID.String())
			}
		}
		return nil
	})
	return ids
}
