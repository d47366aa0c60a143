package tail

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/cluster"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/events"
)

// besides is how many offsets more are read of each partition than events are to
// be shown: some offsets have no event.
const besides = 1000

// showLast shows the last events that there are, and returns where to go on.
func (t *tail) showLast(ctx context.Context, client []kgo.Opt, topics scope) (cluster.Begin, error) {
	topics.ToEnd = true
	if t.wanted == (filter{}) { // else the last ones may be anywhere
		topics.Begin.Last = 2*int64(t.opts.last) + besides
	}
	var last []events.Event
	behind, err := t.read(ctx, client, topics, func(records []*kgo.Record) error {
		if last = append(last, t.choose(records)...); len(last) > 2*t.opts.last {
			last = latest(last, t.opts.last)
		}
		return nil
	})
	if err != nil {
		return behind, err
	}
	t.isBehind = true
	return behind, t.print(latest(last, t.opts.last))
}

// latest returns the last n events, in the order of their times.
func latest(all []events.Event, n int) []events.Event {
	sortByTime(all)
	return slices.Clone(all[max(0, len(all)-n):])
}
