package onex

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
	"github.com/omninode-ai/onexevents/runtime/internal/health"
	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// What topics are to be like, and what is done with them, by the names that
// this package had for it before there was runtime/topics.
type (
	TopicSettings = topics.Settings
	TopicShape    = topics.Shape
	TopicOverride = topics.Override
	TopicPlan     = topics.Plan
	TopicChange   = topics.Change
	SettingChange = topics.SettingChange
)

// RetainForever is [topics.RetainForever].
const RetainForever = topics.RetainForever

// Topics returns the topics of all nodes that the publisher was given to so
// far, and those of events that it has found in the spool, sorted; without those
// of dead letters.
func (p *Publisher) Topics() []string {
	if p == nil {
		return nil
	}
	if p.standIn != nil {
		return p.standIn.Topics()
	}
	return p.shell.topics()
}

// EnsureTopics makes the publisher's [Publisher.Topics] what the settings say,
// as [topics.Ensure] does: for brokers that do not make topics by themselves, or
// make them with one partition. It is to be called when all nodes are made. It
// blocks until that is done or ctx ends.
//
// It asks over the publisher's own connections. There are dead letters if both
// the publisher and s have them, and their suffix is the publisher's; another
// one in s is an error.
func (p *Publisher) EnsureTopics(ctx context.Context, s topics.Settings) (topics.Plan, error) {
	if p == nil {
		return topics.Plan{}, fmt.Errorf("onex: topics: %w", ErrNoPublisher)
	}
	if p.standIn != nil {
		return topics.Plan{}, nil
	}
	if s.DeadLetterSuffix != "" && s.DeadLetterSuffix != p.cfg.DeadLetterSuffix {
		return topics.Plan{}, fmt.Errorf("onex: topics: TopicSettings.DeadLetterSuffix is %q, and the publisher's is %q; leave it out", s.DeadLetterSuffix, p.cfg.DeadLetterSuffix)
	}
	s.DeadLetterSuffix, s.NoDeadLetters = p.cfg.DeadLetterSuffix, s.NoDeadLetters || p.cfg.NoDeadLetters
	s.OnexDLQ = p.cfg.Profile == Profile2
	return told(topics.Ensure(orBackground(ctx), ownClient{p}, p.Topics(), s))
}

// EnsureTopics is [Publisher.EnsureTopics] for topics that are given by name,
// in a program that has no publisher for them. The options are those of a
// publisher; of hooks among them it makes no use.
func EnsureTopics(ctx context.Context, names []string, s topics.Settings, opts ...kgo.Opt) (topics.Plan, error) {
	return provide(ctx, topics.Ensure, names, s, opts)
}

// PlanTopics returns what [EnsureTopics] would do, and changes nothing. What it
// would do has been checked by Kafka: what Kafka would refuse has its error.
func PlanTopics(ctx context.Context, names []string, s topics.Settings, opts ...kgo.Opt) (topics.Plan, error) {
	return provide(ctx, topics.Preview, names, s, opts)
}

func provide(ctx context.Context, do func(context.Context, topics.Client, []string, topics.Settings) (topics.Plan, error), names []string, s topics.Settings, opts []kgo.Opt) (topics.Plan, error) {
	opts, err := kafka.Reach(append([]kgo.Opt{
		kgo.DialTimeout(3 * time.Second), kgo.RequestTimeoutOverhead(15 * time.Second),
	}, opts...))
	if err != nil {
		return topics.Plan{}, fmt.Errorf("onex: topics: make a Kafka client: %w", err)
	}
	m := health.New(health.Config{})
	client, err := kgo.NewClient(append(opts, kgo.DisableClientMetrics(), kgo.WithHooks(m.Hooks()))...)
	if err != nil {
		return topics.Plan{}, fmt.Errorf("onex: topics: make a Kafka client: %w", err)
	}
	defer client.Close()
	return told(do(orBackground(ctx), explainedClient{client, m}, names, s))
}

func told(plan topics.Plan, err error) (topics.Plan, error) {
	if err != nil {
		return plan, fmt.Errorf("onex: %w", err)
	}
	return plan, nil
}

// explainedClient is a client that says why it cannot reach Kafka, in the words
// of [Health].
type explainedClient struct {
	*kgo.Client
	monitor *health.Monitor
}

func (c explainedClient) Ping(ctx context.Context) error {
	return c.monitor.Explain(func() error { return c.Client.Ping(ctx) })
}

// ownClient is the client that the publisher has at the moment.
type ownClient struct{ p *Publisher }

func (c ownClient) Ping(ctx context.Context) error {
	err := c.p.shell.client.Ask(func(client *kgo.Client) error { return client.Ping(ctx) })
	h := c.p.shell.health.Snapshot()
	if err == nil || errors.Is(err, context.Canceled) || h.Up {
		return err
	}
	return health.Told(h.Cause, h.Err)
}

func (c ownClient) Request(ctx context.Context, req kmsg.Request) (resp kmsg.Response, err error) {
	err = c.p.shell.client.Ask(func(client *kgo.Client) error {
		resp, err = client.Request(ctx, req)
		return err
	})
	return resp, err
}

func (c ownClient) Broker(id int) *kgo.Broker { return c.p.shell.client.Broker(id) }

// defaultTopicName is the contract's: {namespace}.{service}.{event type}.v1.
func defaultTopicName(namespace, service, eventType string) string {
	return namespace + "." + service + "." + eventType + ".v1"
}

// eventVersion is what an envelope has for the version of its event.
func eventVersion(version int) string { return strconv.Itoa(version) + ".0" }

// inVersion returns the topic of a later version of what is published to topic:
// .v2 in the place of .v1, or behind a name that ends otherwise.
func inVersion(topic string, version int) string {
	if version == 1 {
		return topic
	}
	return strings.TrimSuffix(topic, ".v1") + ".v" + strconv.Itoa(version)
}

// topicOf returns the topic of a service's events of one type and version, or
// why there can be none.
func (cfg *Config) topicOf(service, eventType string, version int) (topic string, err error) {
	if cfg.Profile == Profile2 {
		topic = topicV2(service, eventType, version)
		return cfg.onBroker(topic), cfg.checkTopicV2(topic)
	}
	topic, err = cfg.firstTopicOf(service, eventType)
	if err != nil || version == 1 {
		return topic, err
	}
	topic = inVersion(topic, version)
	return topic, cfg.checkLength(topic, "shorten Config.Namespace")
}

// firstTopicOf is topicOf for the first version.
func (cfg *Config) firstTopicOf(service, eventType string) (topic string, err error) {
	if cfg.TopicName == nil {
		topic = defaultTopicName(cfg.Namespace, service, eventType)
		return topic, cfg.checkLength(topic, "shorten Config.Namespace")
	}
	switch failure := guest.Apart(func() { topic = cfg.TopicName(cfg.Namespace, service, eventType) }); {
	case errors.Is(failure, guest.ErrGoexit):
		return "", errors.New("Config.TopicName has ended its goroutine (runtime.Goexit)")
	case failure != nil:
		return "", fmt.Errorf("panic in Config.TopicName: %s", strings.TrimPrefix(failure.Error(), "panic: "))
	}
	return topic, cfg.checkName(topic)
}

// checkName reports what is wrong with a topic that Config.TopicName has named.
func (cfg *Config) checkName(topic string) error {
	switch {
	case !topics.IsName(topic):
		return fmt.Errorf("%q cannot be a topic; let Config.TopicName make it of letters, digits, '.', '_' and '-'", encode.Cut(topic, topics.MaxName))
	case !cfg.NoDeadLetters && cfg.letters().Are(topic):
		return fmt.Errorf("%s could be the dead letters of another topic; let Config.TopicName end it otherwise than Config.DeadLetterSuffix", topic)
	}
	return cfg.checkLength(topic, "let Config.TopicName make it shorter")
}

func (cfg *Config) checkLength(topic, remedy string) error {
	if limit := topics.MaxName - len(cfg.letters().Of(topic)) + len(topic); len(topic) > limit {
		return fmt.Errorf("the topic %s has %d characters, and Kafka takes %d; %s", encode.Cut(topic, topics.MaxName), len(topic), limit, remedy)
	}
	return nil
}

// CheckSpooled says why a publisher with this Config would not send what is in a spool. It
// is for tools that look into one.
func (cfg Config) CheckSpooled(e Spooled) error {
	if err := cfg.withProfile(); err != nil {
		return err
	}
	return cfg.checkSpooled(e)
}

// checkSpooled is that with defaults. Anything may be in a file.
func (cfg *Config) checkSpooled(row Spooled) error {
	env, err := envelope.DecodeAny(row.Value)
	if err == nil {
		err = env.Validate()
	}
	if err != nil {
		return fmt.Errorf("what is in the spool is no event: %w", err)
	}
	if !hasRoomFor(row) {
		return errors.New("what is in the spool has a longer key or more headers than any event that was published")
	}
	ev := env.Event()
	if cfg.AnySpooledTopic || cfg.isTopicOf(row.Topic, ev, env) {
		return nil
	}
	return fmt.Errorf("an event %s of service %q is in the spool for topic %s, which is not its own; if that is right, set Config.AnySpooledTopic",
		ev.Type, ev.Service, encode.Cut(row.Topic, topics.MaxName))
}

// isTopicOf tells whether a topic is an event's: as this publisher names it, or as one
// with another namespace would.
func (cfg *Config) isTopicOf(topic string, ev envelope.Event, env envelope.Envelope) bool {
	if !topics.IsName(topic) || ev.Service == "" {
		return false
	}
	if _, isV2 := env.(*envelope.V2); isV2 {
		namespace, ok := strings.CutSuffix(topic, topicV2(ev.Service, ev.Type, ev.Version))
		name, isPrefix := strings.CutSuffix(namespace, ".")
		return ok && (namespace == "" || isPrefix && encode.IsTopicNamespace(name))
	}
	if cfg.Profile == ProfileV1 {
		if now, err := cfg.topicOf(ev.Service, ev.Type, ev.Version); err == nil && now == topic {
			return true
		}
	}
	namespace, ok := strings.CutSuffix(topic, inVersion(defaultTopicName("", ev.Service, ev.Type), ev.Version))
	return ok && encode.IsNamespace(namespace)
}

// topicBeside returns the topic of the event that ends an operation which an
// earlier process has started in startedTopic. If that process has named its
// topics otherwise than this one does, but by default, it is the one that it
// would have used.
func (cfg *Config) topicBeside(startedTopic, service, startedType, failedType string, version int) (string, error) {
	if now, err := cfg.topicOf(service, startedType, version); err != nil || now != startedTopic {
		if prefix, ok := strings.CutSuffix(startedTopic, inVersion(defaultTopicName("", service, startedType), version)); ok {
			return inVersion(defaultTopicName(prefix, service, failedType), version), nil
		}
	}
	if cfg.Profile == Profile2 { // which names no topics for V1
		return startedTopic, nil
	}
	return cfg.topicOf(service, failedType, version)
}

// topicV2 returns the topic of a service's events of one type and version on the
// bus of Profile2, without a namespace.
func topicV2(service, eventType string, version int) string {
	return "onex.evt." + envelope.EventTypeV2(service, eventType) + ".v" + strconv.Itoa(version)
}

// onexTopic is what both of the bus's checks of a name accept.
var onexTopic = regexp.MustCompile(`^onex\.evt\.[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z][a-z0-9]*(-[a-z0-9]+)*\.v[1-9][0-9]*$`)

// onBroker returns what a topic of Profile2 is called on the brokers.
func (cfg *Config) onBroker(topic string) string {
	if cfg.Namespace == "" || strings.HasPrefix(topic, cfg.Namespace+".") {
		return topic
	}
	return cfg.Namespace + "." + topic
}

// withoutNamespace returns what a topic of Profile2 is called in headers.
func withoutNamespace(topic string) string {
	return topic[max(0, strings.Index(topic, "onex.evt.")):]
}

// topicBesideV2 is [Config.topicBeside] for Profile2, whatever the publisher's.
func topicBesideV2(startedTopic, service, startedType, failedType string, version int) (string, error) {
	started, failed := topicV2(service, startedType, version), topicV2(service, failedType, version)
	if namespace, ok := strings.CutSuffix(startedTopic, started); ok {
		return namespace + failed, nil
	}
	return "", fmt.Errorf("%s is not the topic of %s", startedTopic, startedType)
}

// checkTopicV2 reports what is wrong with a topic of Profile2.
func (cfg *Config) checkTopicV2(topic string) error {
	if !onexTopic.MatchString(topic) {
		return fmt.Errorf("%q is no topic of Profile2; name the service and the operation in snake case", encode.Cut(topic, topics.MaxName))
	}
	return cfg.checkLength(cfg.onBroker(topic), "shorten the service or the operation")
}

// claim makes a service the one that has its producer's topics, or says why it
// cannot have them.
func (p *Publisher) claim(service string) error {
	if p.cfg.Profile != Profile2 {
		return nil
	}
	producer := strings.ReplaceAll(service, "_", "-")
	if producer == "commands" || producer == "intents" {
		return fmt.Errorf("the events of a service called %s are taken for %s on the bus of Profile2, and get to no handler; name the service otherwise", service, producer)
	}
	if first, taken := p.producers.LoadOrStore(producer, service); taken && first != service {
		return fmt.Errorf("the services %s and %s have the same topics in Profile2; name one of them otherwise", first, service)
	}
	return nil
}

// BalancedPartitioner picks partitions as the Python reference does by default
// (KAFKA_PARTITIONING_STRATEGY=balanced): by the SHA-256 sum of the key
// (envelope/contract.md, section 4). It is for a fleet in which Go and Python nodes publish
// to the same topics:
//
//	kgo.RecordPartitioner(onex.BalancedPartitioner())
//
// Without it a publisher picks them as Kafka's own clients do (murmur2); events
// of one key that come from both languages then have no common order.
func BalancedPartitioner() kgo.Partitioner { return kafka.Balanced() }

// HashPartitioner picks partitions as the Python reference does with
// KAFKA_PARTITIONING_STRATEGY=hash: like [BalancedPartitioner], but by the sum
// of "topic:key".
func HashPartitioner() kgo.Partitioner { return kafka.Hash() }
