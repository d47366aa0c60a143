package topics

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Client is how Kafka is asked. A [kgo.Client] is one.
type Client interface {
	kmsg.Requestor

	// Ping returns nil as soon as a broker has answered.
	Ping(ctx context.Context) error

	// Broker returns what asks one broker alone.
	Broker(id int) *kgo.Broker
}

// Ensure makes the topics called names that do not exist, and those of their
// dead letters, and changes those that are not what the settings say, as far as
// [Settings] allows. Then it waits until the brokers tell of them. Called again
// it finds nothing to do. It never deletes a topic.
//
// It blocks until that is done or ctx ends. It needs the right to create and
// describe topics, to describe their settings, and to alter them where they
// differ.
//
// The plan says what was done, topic by topic; a topic that failed has its
// error, and does not keep others from being made. The returned error is of
// [Plan.Err], or says what is wrong with the settings, or why Kafka could not
// be asked.
func Ensure(ctx context.Context, client Client, names []string, s Settings) (Plan, error) {
	return run(ctx, &admin{client: client}, names, s)
}

// Preview returns what [Ensure] would do, and changes nothing. What it would do
// has been checked by Kafka: what Kafka would refuse has its error.
func Preview(ctx context.Context, client Client, names []string, s Settings) (Plan, error) {
	return run(ctx, &admin{client: client, dry: true}, names, s)
}

func run(ctx context.Context, a *admin, names []string, s Settings) (Plan, error) {
	s, err := s.withDefaults()
	if err != nil {
		return Plan{}, fmt.Errorf("topics: %w", err)
	}
	targets, unmatched := targetsOf(names, s)
	if err := a.reach(ctx); err != nil {
		return Plan{}, fmt.Errorf("topics: %w", err)
	}
	a.overwrite = s.Overwrite
	a.converge(ctx, targets)
	if !a.dry {
		a.await(ctx, targets)
	}
	plan := Plan{Unmatched: unmatched, Done: !a.dry}
	for _, t := range targets {
		plan.Topics = append(plan.Topics, t.change)
	}
	if err := plan.Err(); err != nil {
		return plan, fmt.Errorf("topics: %w", err)
	}
	return plan, nil
}

// target is a topic, what it is to be like, and what becomes of it.
type target struct {
	shape  Shape
	change Change
}

// targetsOf returns the topics and those of their dead letters, sorted, and the
// overrides that are for none of them.
func targetsOf(names []string, s Settings) (targets []*target, unmatched []string) {
	letters := s.letters()
	isLetters := map[string]bool{} // of all topics
	for _, name := range names {
		isLetters[name] = letters.Are(name)
		if !isLetters[name] && !s.NoDeadLetters && nameFault(name, letters.Of(name)) == nil {
			isLetters[letters.Of(name)] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(isLetters)) {
		change := Change{Topic: name, Err: nameFault(name, s.lettersOf(name, isLetters[name]))}
		targets = append(targets, &target{shape: s.shape(name, isLetters[name]), change: change})
	}
	for _, o := range s.Overrides {
		if !slices.ContainsFunc(targets, func(t *target) bool {
			return o.matches(t.change.Topic, isLetters[t.change.Topic], letters)
		}) {
			unmatched = append(unmatched, o.Match)
		}
	}
	return targets, unmatched
}
