package onex

import (
	"errors"
	"fmt"
	"strings"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// defaultTopicName is the contract's: {namespace}.{service}.{event type}.v1.
func defaultTopicName(namespace, service, eventType string) string {
	return namespace + "." + service + "." + eventType + ".v1"
}

// topicOf returns the topic of a service's events of one type, or why there can
// be none.
func (cfg *Config) topicOf(service, eventType string) (topic string, err error) {
	if cfg.TopicName == nil {
		topic = defaultTopicName(cfg.Namespace, service, eventType)
		return topic, cfg.checkLength(topic, "shorten Config.Namespace")
	}
	err = errors.New("Config.TopicName has ended its goroutine (runtime.Goexit)")
	cause := apart(func() { topic, err = cfg.TopicName(cfg.Namespace, service, eventType), nil })
	if cause != nil {
		err = fmt.Errorf("panic in Config.TopicName: %v", cause)
	}
	if err != nil {
		return "", err
	}
	return topic, cfg.checkName(topic)
}

// checkName reports what is wrong with a topic that Config.TopicName has named.
func (cfg *Config) checkName(topic string) error {
	switch {
	case !topics.IsName(topic):
		return fmt.Errorf("%q cannot be a topic; let Config.TopicName make it of letters, digits, '.', '_' and '-'", encode.Cut(topic, topics.MaxName))
	case !cfg.NoDeadLetters && strings.HasSuffix(topic, cfg.DeadLetterSuffix):
		return fmt.Errorf("%s could be the dead letters of another topic; let Config.TopicName end it otherwise than Config.DeadLetterSuffix", topic)
	}
	return cfg.checkLength(topic, "let Config.TopicName make it shorter")
}

func (cfg *Config) checkLength(topic, remedy string) error {
	if limit := topics.MaxName - len(cfg.DeadLetterSuffix); len(topic) > limit {
		return fmt.Errorf("the topic %s has %d characters, and Kafka takes %d; %s", encode.Cut(topic, topics.MaxName), len(topic), limit, remedy)
	}
	return nil
}

// topicBeside returns the topic of the event that ends an operation which an
// earlier process has started in startedTopic. If that process has named its
// topics otherwise than this one does, but by default, it is the one that it
// would have used.
func (cfg *Config) topicBeside(startedTopic, service, startedType, failedType string) (string, error) {
	if now, err := cfg.topicOf(service, startedType); err != nil || now != startedTopic {
		if prefix, ok := strings.CutSuffix(startedTopic, defaultTopicName("", service, startedType)); ok {
			return defaultTopicName(prefix, service, failedType), nil
		}
	}
	return cfg.topicOf(service, failedType)
}
