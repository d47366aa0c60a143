package topics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// admin asks the brokers for topics and changes them, many with one request. A
// topic that is refused gets its error, and the others go on.
//
// It makes the requests itself, because kadm takes one topic that may not be
// described for an error of all, and asks for all settings of all topics.
type admin struct {
	client    Client
	brokers   []int32 // as the brokers told last
	dry       bool    // everything is checked by the brokers, and nothing changed
	overwrite bool
}

// How many topics one request is for; how many partitions they may have that
// are to be made, of which a controller takes 10,000 at once; and how often
// what has changed meanwhile is described again.
const (
	describedAtOnce = 500
	changedAtOnce   = 200
	partitionsMade  = 1_000
	rounds          = 5
)

// reachedWithin is how long the first broker may take to answer.
const reachedWithin = 10 * time.Second

// reach waits for the first answer of a broker, or says why there is none.
func (a *admin) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachedWithin)
	defer cancel()
	if err := a.client.Ping(ctx); err != nil {
		return fmt.Errorf("reach Kafka: %w", err)
	}
	return nil
}

// converge makes the topics what they are to be. What somebody else has changed
// at the same moment is described again.
func (a *admin) converge(ctx context.Context, targets []*target) {
	due := slices.DeleteFunc(slices.Clone(targets), func(t *target) bool { return t.change.Err != nil })
	for round := 1; len(due) > 0; round++ {
		a.describe(ctx, due)
		a.create(ctx, due)
		a.addPartitions(ctx, due)
		a.alter(ctx, due)
		if round == rounds || ctx.Err() != nil {
			return
		}
		due = slices.DeleteFunc(due, func(t *target) bool { return !isOvertaken(t.change.Err) })
		for _, t := range due {
			t.change.Err = nil
		}
		if len(due) > 0 {
			delay(ctx, time.Duration(round)*100*time.Millisecond)
		}
	}
}

// delay waits, and not longer than until ctx ends.
func delay(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// isOvertaken tells whether an error only says that the topic is no longer as
// it was when it was described, or that the brokers have to be asked again: a
// request that took too long may have been heard.
func isOvertaken(err error) bool {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return true
	}
	return isAny(err, kerr.TopicAlreadyExists, kerr.UnknownTopicOrPartition, kerr.InvalidPartitions, kerr.ThrottlingQuotaExceeded, kerr.RequestTimedOut)
}

// describe finds out how the topics are and what is to be done with them.
func (a *admin) describe(ctx context.Context, due []*target) {
	for some := range slices.Chunk(due, describedAtOnce) {
		states, err := a.states(ctx, some)
		if err != nil {
			failAll(some, "describe the topic", err)
			continue
		}
		for _, t := range some {
			if t.change.Err == nil {
				t.compare(states[t.change.Topic], a.overwrite)
			}
		}
	}
}

func (a *admin) states(ctx context.Context, some []*target) (map[string]state, error) {
	topics, brokers, err := a.metadata(ctx, some, a.client)
	if err != nil {
		return nil, err
	}
	a.brokers = brokers
	states := map[string]state{}
	var existing []*target
	for _, t := range some {
		m := topics[t.change.Topic]
		switch err := kerr.ErrorForCode(m.ErrorCode); {
		case err == nil && len(m.Partitions) > 0:
			states[t.change.Topic] = state{exists: true, partitions: len(m.Partitions), replicas: fewestReplicas(m)}
			existing = append(existing, t)
		case errors.Is(err, kerr.UnknownTopicOrPartition):
		case errors.Is(err, kerr.LeaderNotAvailable), err == nil: // it is being made, or deleted
			t.change.Err = fmt.Errorf("describe the topic: it has no partitions yet: %w", kerr.UnknownTopicOrPartition)
		default:
			t.fail("describe the topic", err, "", "Describe")
		}
	}
	return states, a.describeConfigs(ctx, existing, states)
}

func fewestReplicas(m kmsg.MetadataResponseTopic) int {
	fewest := len(m.Partitions[0].Replicas)
	for _, p := range m.Partitions {
		fewest = min(fewest, len(p.Replicas))
	}
	return fewest
}

// metadata asks a broker, or any, for topics and brokers.
func (a *admin) metadata(ctx context.Context, some []*target, broker kmsg.Requestor) (topics map[string]kmsg.MetadataResponseTopic, brokers []int32, err error) {
	req := kmsg.NewPtrMetadataRequest()
	req.AllowAutoTopicCreation = false
	for _, t := range some {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &t.change.Topic
		req.Topics = append(req.Topics, topic)
	}
	resp, err := req.RequestWith(ctx, broker)
	if err != nil {
		return nil, nil, err
	}
	topics = map[string]kmsg.MetadataResponseTopic{}
	for _, t := range resp.Topics {
		if t.Topic != nil {
			topics[*t.Topic] = t
		}
	}
	for _, b := range resp.Brokers {
		brokers = append(brokers, b.NodeID)
	}
	return topics, brokers, nil
}

// describeConfigs adds the settings that matter to the states of topics.
func (a *admin) describeConfigs(ctx context.Context, some []*target, states map[string]state) error {
	answers, err := a.configs(ctx, some, a.client)
	if err != nil {
		return err
	}
	for _, t := range some {
		r, ok := answers[t.change.Topic]
		err := kerr.ErrorForCode(r.ErrorCode)
		if !ok {
			err = errNoMention
		}
		if err != nil {
			t.fail("describe the topic's settings", err, message(r.ErrorMessage), "DescribeConfigs")
			continue
		}
		state := states[t.change.Topic]
		state.configs = configsIn(r)
		states[t.change.Topic] = state
	}
	return nil
}

var errNoMention = errors.New("the broker's answer does not mention it")

// configs asks a broker, or any, for the settings of topics that matter.
func (a *admin) configs(ctx context.Context, some []*target, broker kmsg.Requestor) (map[string]kmsg.DescribeConfigsResponseResource, error) {
	if len(some) == 0 {
		return nil, nil
	}
	req := kmsg.NewPtrDescribeConfigsRequest()
	for _, t := range some {
		resource := kmsg.NewDescribeConfigsRequestResource()
		resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, t.change.Topic
		for name := range t.shape.configs() {
			resource.ConfigNames = append(resource.ConfigNames, name)
		}
		req.Resources = append(req.Resources, resource)
	}
	resp, err := req.RequestWith(ctx, broker)
	if err != nil {
		return nil, err
	}
	answers := map[string]kmsg.DescribeConfigsResponseResource{}
	for _, r := range resp.Resources {
		answers[r.ResourceName] = r
	}
	return answers, nil
}

func configsIn(r kmsg.DescribeConfigsResponseResource) map[string]config {
	configs := map[string]config{}
	for _, c := range r.Configs {
		configs[c.Name] = config{value: message(c.Value), own: c.Source == kmsg.ConfigSourceDynamicTopicConfig}
	}
	return configs
}

// fail notes that a topic was refused. right is what its user may have to be
// allowed, as kafka-acls calls it.
func (t *target) fail(doing string, err error, message, right string) {
	text := doing
	if message = strings.TrimSuffix(message, "."); message != "" {
		text += ": " + message
	}
	t.change.Err = fmt.Errorf("%s: %w", text, err)
	if isAny(err, kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed) {
		t.change.Err = fmt.Errorf("%w; let the user do it: kafka-acls --add --operation %s", t.change.Err, right)
	}
}

func isAny(err error, targets ...error) bool {
	return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
}

func failAll(some []*target, doing string, err error) {
	for _, t := range some {
		t.change.Err = fmt.Errorf("%s: %w", doing, err)
	}
}

func message(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
