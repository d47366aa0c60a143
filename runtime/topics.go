package onex

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Topics returns the topics of all nodes that the publisher was given to so
// far, and those of events that it has found in the spool, sorted; without those
// of dead letters. It is what to give to [EnsureTopics] when all nodes are made.
func (p *Publisher) Topics() []string {
	if p == nil {
		return nil
	}
	return p.shell.topics()
}

// EnsureTopics makes the topics that do not exist, and those of their dead
// letters, and changes those that are not what the settings say, as far as
// [TopicSettings] allows. It does so for brokers that do not make topics by
// themselves, or make them with one partition. Then it waits until the brokers
// tell of them. Called again it finds nothing to do. It never deletes a topic.
//
// It blocks until that is done or ctx ends. The options are those of the
// publisher. It needs the right to create and describe topics, to describe their
// settings, and to alter them where they differ.
//
// The plan says what was done, topic by topic; a topic that failed has its
// error, and does not keep others from being made. The returned error is of
// [TopicPlan.Err], or says why Kafka could not be asked.
func EnsureTopics(ctx context.Context, topics []string, settings TopicSettings, opts ...kgo.Opt) (TopicPlan, error) {
	return provision(ctx, topics, settings, false, opts)
}

// PlanTopics returns what [EnsureTopics] would do, and changes nothing. What it
// would do has been checked by Kafka: what Kafka would refuse has its error.
func PlanTopics(ctx context.Context, topics []string, settings TopicSettings, opts ...kgo.Opt) (TopicPlan, error) {
	return provision(ctx, topics, settings, true, opts)
}

func provision(ctx context.Context, topics []string, settings TopicSettings, dry bool, opts []kgo.Opt) (TopicPlan, error) {
	settings, err := settings.withDefaults()
	if err != nil {
		return TopicPlan{}, fmt.Errorf("onex: topics: %w", err)
	}
	wanted, unmatched := wantedTopics(topics, settings)
	plan := TopicPlan{Unmatched: unmatched, Done: !dry}
	a, err := newAdmin(ctx, opts)
	if err != nil {
		return TopicPlan{}, fmt.Errorf("onex: topics: %w", err)
	}
	defer a.client.Close()
	a.dry, a.overwrite = dry, settings.Overwrite
	a.settle(ctx, wanted)
	if !dry {
		a.await(ctx, wanted)
	}
	for _, t := range wanted {
		plan.Topics = append(plan.Topics, t.change)
	}
	if err := plan.Err(); err != nil {
		return plan, fmt.Errorf("onex: topics: %w", err)
	}
	return plan, nil
}

// wantedTopic is a topic, what it is to be like, and what becomes of it.
type wantedTopic struct {
	shape  TopicShape
	change TopicChange
}

// wantedTopics returns the topics and those of their dead letters, sorted, and
// the overrides that are for none of them.
func wantedTopics(topics []string, s TopicSettings) (wanted []*wantedTopic, unmatched []string) {
	names := map[string]bool{} // whether they have dead letters
	for _, topic := range topics {
		isLetters := strings.HasSuffix(topic, s.DeadLetterSuffix)
		names[topic] = isLetters
		if !isLetters && !s.NoDeadLetters && topicFault(topic, s.DeadLetterSuffix) == nil {
			names[topic+s.DeadLetterSuffix] = true
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(names)) {
		t := &wantedTopic{shape: s.shape(topic, names[topic]), change: TopicChange{Topic: topic}}
		suffix := s.DeadLetterSuffix
		if names[topic] || s.NoDeadLetters {
			suffix = ""
		}
		t.change.Err = topicFault(topic, suffix)
		wanted = append(wanted, t)
	}
	for _, o := range s.Overrides {
		if !slices.ContainsFunc(wanted, func(t *wantedTopic) bool {
			return o.matches(t.change.Topic, names[t.change.Topic], s.DeadLetterSuffix)
		}) {
			unmatched = append(unmatched, o.Match)
		}
	}
	return wanted, unmatched
}

var topicPat = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// topicFault says why Kafka would refuse a topic, or that of its dead letters.
func topicFault(topic, suffix string) error {
	switch limit := maxTopic - len(suffix); {
	case strings.Contains(topic, "{namespace}"):
		return fmt.Errorf("%q is a placeholder; put the publisher's namespace in place of it", "{namespace}")
	case topic == "" || topic == "." || topic == "..":
		return fmt.Errorf("%q is no name of a topic; name it {namespace}.{service}.{event type}.v1", topic)
	case !topicPat.MatchString(topic):
		return errors.New("the name is none for Kafka; make it of letters, digits, '.', '_' and '-'")
	case len(topic) > limit:
		return fmt.Errorf("the name has %d characters, and Kafka takes %d with %q behind it; shorten the namespace", len(topic), limit, suffix)
	}
	return nil
}
