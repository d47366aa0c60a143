package topics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// visibleWithin is how long brokers may take to tell of one more topic: they
// make folders and files for each, one after the other.
const visibleWithin = 30 * time.Second

// await blocks until all brokers that answer tell of what was done: the
// controller has the say, and brokers hear of it later.
func (a *admin) await(ctx context.Context, targets []*target) {
	unseen := slices.DeleteFunc(slices.Clone(targets), func(t *target) bool {
		return t.change.Err != nil || !t.change.isPending()
	})
	const doing = "wait for the topic, which is made, until all brokers have it"
	progress := time.Now()
	for wait := 10 * time.Millisecond; len(unseen) > 0; wait = min(2*wait, time.Second) {
		var still []*target
		for some := range slices.Chunk(unseen, describedAtOnce) {
			still = append(still, a.unseen(ctx, some)...)
		}
		if len(still) < len(unseen) {
			progress = time.Now()
		}
		if unseen = still; len(unseen) == 0 {
			return
		}
		delay(ctx, wait)
		switch {
		case ctx.Err() != nil:
			failAll(unseen, doing, ctx.Err())
			return
		case time.Since(progress) > visibleWithin:
			failAll(unseen, doing, fmt.Errorf("%w: no other one has come for %v; look at the brokers' logs", context.DeadlineExceeded, visibleWithin))
			return
		}
	}
}

// unseen returns the topics of which a broker does not tell yet, or all if no
// broker answers. One that does not answer is not waited for: when it comes back
// it catches up first.
func (a *admin) unseen(ctx context.Context, some []*target) (unseen []*target) {
	isUnseen := map[*target]bool{}
	answered := false
	for _, id := range a.brokers {
		broker := a.client.Broker(int(id))
		topics, _, err := a.metadata(ctx, some, broker)
		if err != nil {
			continue
		}
		altered := slices.DeleteFunc(slices.Clone(some), func(t *target) bool {
			return t.change.Create || len(t.change.configs()) == 0
		})
		configs, err := a.configs(ctx, altered, broker)
		if err != nil {
			continue
		}
		answered = true
		for _, t := range some {
			if !isReady(topics[t.change.Topic], t.shape.Partitions) {
				isUnseen[t] = true
			}
		}
		for _, t := range altered {
			if !t.isAltered(configsIn(configs[t.change.Topic])) {
				isUnseen[t] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(some), func(t *target) bool { return answered && !isUnseen[t] })
}

// isReady tells whether a topic can be written to.
func isReady(m kmsg.MetadataResponseTopic, partitions int) bool {
	return m.ErrorCode == 0 && len(m.Partitions) >= partitions &&
		!slices.ContainsFunc(m.Partitions, func(p kmsg.MetadataResponseTopicPartition) bool {
			return p.Leader < 0 || p.ErrorCode == kerr.LeaderNotAvailable.Code
		})
}

// isAltered tells whether the changes of settings are there.
func (t *target) isAltered(have map[string]config) bool {
	return !slices.ContainsFunc(t.change.configs(), func(c SettingChange) bool {
		return !sameValue(c.Name, have[c.Name].value, c.Want)
	})
}
