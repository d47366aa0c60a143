package topics

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// adminTimeout is how long the controller may take for one request.
const adminTimeout = 15 * time.Second

// create makes the topics that do not exist.
func (a *admin) create(ctx context.Context, due []*target) {
	missing := pending(due, func(t *target) int {
		if !t.change.Create {
			return 0
		}
		return t.shape.Partitions
	})
	for _, some := range missing {
		req := kmsg.NewPtrCreateTopicsRequest()
		req.TimeoutMillis, req.ValidateOnly = int32(adminTimeout.Milliseconds()), a.dry
		for _, t := range some {
			topic := kmsg.NewCreateTopicsRequestTopic()
			topic.Topic, topic.NumPartitions, topic.ReplicationFactor = t.change.Topic, int32(t.shape.Partitions), int16(t.shape.ReplicationFactor)
			if topic.ReplicationFactor == 0 {
				topic.ReplicationFactor = -1 // as the brokers like
			}
			for name, value := range t.shape.configs() {
				config := kmsg.NewCreateTopicsRequestTopicConfig()
				config.Name, config.Value = name, &value
				topic.Configs = append(topic.Configs, config)
			}
			req.Topics = append(req.Topics, topic)
		}
		const doing = "create the topic"
		resp, err := req.RequestWith(ctx, a.client)
		if err != nil {
			failAll(some, doing, err)
			continue
		}
		answers := newAnswers(some, doing, "Create")
		for _, r := range resp.Topics {
			if t := answers.take(r.Topic, r.ErrorCode, r.ErrorMessage); t != nil {
				t.created(int(r.ReplicationFactor))
			}
		}
		answers.close()
	}
}

// created takes how many replicas a new topic has, -1 if the broker does not
// say.
func (t *target) created(replicas int) {
	if replicas < 1 {
		return
	}
	if t.shape.ReplicationFactor == 0 {
		t.change.Changes = slices.Insert(t.change.Changes, 1, SettingChange{Name: "replication.factor", Want: strconv.Itoa(replicas)})
	}
	if n := t.shape.minInSync(); n > replicas {
		t.change.Err = fmt.Errorf("%s is %d, and by the brokers' default the topic has %d replicas; brokers before Kafka 3.7 then take no events; set the replication factor, or lower the setting", configMinReplica, n, replicas)
	}
}

// addPartitions adds to the topics that have too few.
func (a *admin) addPartitions(ctx context.Context, due []*target) {
	few := pending(due, func(t *target) int {
		c := t.change.setting("partitions")
		if t.change.Create || c == nil {
			return 0
		}
		return t.shape.Partitions
	})
	for _, some := range few {
		req := kmsg.NewPtrCreatePartitionsRequest()
		req.TimeoutMillis, req.ValidateOnly = int32(adminTimeout.Milliseconds()), a.dry
		for _, t := range some {
			topic := kmsg.NewCreatePartitionsRequestTopic()
			topic.Topic, topic.Count = t.change.Topic, int32(t.shape.Partitions)
			req.Topics = append(req.Topics, topic)
		}
		const doing = "add partitions to the topic"
		resp, err := req.RequestWith(ctx, a.client)
		if err != nil {
			failAll(some, doing, err)
			continue
		}
		answers := newAnswers(some, doing, "Alter")
		for _, r := range resp.Topics {
			answers.take(r.Topic, r.ErrorCode, r.ErrorMessage)
		}
		answers.close()
	}
}

// alter changes the settings of topics that exist.
func (a *admin) alter(ctx context.Context, due []*target) {
	different := pending(due, func(t *target) int {
		if t.change.Create || len(t.change.configs()) == 0 {
			return 0
		}
		return 1
	})
	for _, some := range different {
		req := kmsg.NewPtrIncrementalAlterConfigsRequest()
		req.ValidateOnly = a.dry
		for _, t := range some {
			resource := kmsg.NewIncrementalAlterConfigsRequestResource()
			resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, t.change.Topic
			for _, c := range t.change.configs() {
				config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
				config.Name, config.Value, config.Op = c.Name, &c.Want, kmsg.IncrementalAlterConfigOpSet
				resource.Configs = append(resource.Configs, config)
			}
			req.Resources = append(req.Resources, resource)
		}
		const doing = "change the topic's settings"
		resp, err := req.RequestWith(ctx, a.client)
		if err != nil {
			failAll(some, doing, err)
			continue
		}
		answers := newAnswers(some, doing, "AlterConfigs")
		for _, r := range resp.Resources {
			answers.take(r.ResourceName, r.ErrorCode, r.ErrorMessage)
		}
		answers.close()
	}
}

// setting returns the change of a setting, nil if there is none.
func (c *Change) setting(name string) *SettingChange {
	i := slices.IndexFunc(c.Changes, func(s SettingChange) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Changes[i]
}

// configs returns the changes of settings that the brokers call so.
func (c *Change) configs() []SettingChange {
	return slices.DeleteFunc(slices.Clone(c.Changes), func(s SettingChange) bool {
		return s.Name == "partitions" || s.Name == "replication.factor"
	})
}

// pending returns those of the topics that have no error and for which size is
// not 0, in groups small enough for one request.
func pending(due []*target, size func(*target) int) (groups [][]*target) {
	sum := 0
	for _, t := range due {
		n := size(t)
		if t.change.Err != nil || n == 0 {
			continue
		}
		last := len(groups) - 1
		if last < 0 || sum+n > partitionsMade || len(groups[last]) == changedAtOnce {
			groups, sum = append(groups, nil), 0
			last++
		}
		groups[last] = append(groups[last], t)
		sum += n
	}
	return groups
}

// answers gives what a response says to the topics that it is about.
type answers struct {
	due          map[string]*target
	doing, right string
}

func newAnswers(some []*target, doing, right string) answers {
	due := map[string]*target{}
	for _, t := range some {
		due[t.change.Topic] = t
	}
	return answers{due, doing, right}
}

// take returns the topic if it was not refused.
func (a answers) take(topic string, code int16, text *string) *target {
	t := a.due[topic]
	delete(a.due, topic)
	if t == nil {
		return nil
	}
	if err := kerr.ErrorForCode(code); err != nil {
		t.fail(a.doing, err, message(text), a.right)
		return nil
	}
	return t
}

// close takes the silence about a topic for a refusal.
func (a answers) close() {
	for _, t := range a.due {
		t.change.Err = fmt.Errorf("%s: %w", a.doing, errNoMention)
	}
}
