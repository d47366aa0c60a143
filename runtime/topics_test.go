package onex_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
	"github.com/omninode-ai/onexevents/testdata/fakecluster"
)

const planned = "dev.a.effect.x.started.v1"

func brokers(c *kfake.Cluster) kgo.Opt { return kgo.SeedBrokers(c.ListenAddrs()...) }

// ensure makes topics, without an error.
func ensure(t testing.TB, c *kfake.Cluster, s onex.TopicSettings, names ...string) onex.TopicPlan {
	t.Helper()
	plan, err := onex.EnsureTopics(testContext(t), names, s, brokers(c))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// Without settings the topics of a publisher's nodes are made as the defaults
// say, with those of dead letters; events then arrive; and the second time there
// is nothing to do.
func TestEnsureTopics(t *testing.T) {
	cluster := fakecluster.New(t)
	pub, changes := watched(t, cluster.ListenAddrs()[0])
	changes.up(t)
	publish(t, pub, "x")
	if health := changes.next(t); health.Topics[planned] != onex.CauseTopicMissing {
		t.Fatalf("health %+v", health)
	}
	names := pub.Topics()
	want := []string{
		"dev.a.effect.metric.recorded.v1", "dev.a.effect.state.changed.v1",
		"dev.a.effect.x.completed.v1", "dev.a.effect.x.failed.v1", planned,
	}
	if !slices.Equal(names, want) {
		t.Fatalf("topics %q, want %q", names, want)
	}
	plan := ensure(t, cluster, onex.TopicSettings{}, names...)
	if create, change := plan.Pending(); create != 10 || change != 0 {
		t.Errorf("%d are made and %d are changed, want 10 and 0:\n%v", create, change, plan)
	}
	for _, topic := range want {
		if got := fakecluster.Settings(t, cluster, topic); got != "3 cleanup.policy=delete retention.ms=604800000" {
			t.Errorf("%s: %s", topic, got)
		}
		if got := fakecluster.Settings(t, cluster, topic+".dlq"); got != "1 cleanup.policy=delete retention.ms=2592000000" {
			t.Errorf("%s.dlq: %s", topic, got)
		}
	}
	changes.up(t)
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if l := pub.Ledger(); l.Delivered != 1 {
		t.Errorf("ledger %+v", l)
	}
	again := ensure(t, cluster, onex.TopicSettings{}, names...)
	if create, change := again.Pending(); create+change != 0 || again.String() != "10 topics: 0 created, 0 changed, 10 as they are, 0 with other settings that stay, 0 faulty\n" {
		t.Errorf("the second time:\n%v", again)
	}
}

// A node without state or metric events has no topics for them, and refuses such
// events.
func TestTopicsOfNodes(t *testing.T) {
	pub := newPublisher(t, onex.Config{Namespace: "test"}, noKafka(t))
	if names := pub.Topics(); len(names) > 0 {
		t.Errorf("topics %q without nodes", names)
	}
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a", NoState: true, NoMetric: true})
	if names := pub.Topics(); len(names) > 0 {
		t.Errorf("topics %q", names)
	}
	for _, err := range []error{
		onex.StateChanged(testContext(t), node, id, "a", "b", "r"),
		onex.MetricRecorded(testContext(t), node, "m", 1, "u"),
	} {
		if err == nil || !strings.Contains(err.Error(), "the node's directive has no such event; leave state=false or metric=false out of it") {
			t.Errorf("error %v", err)
		}
	}
	if l := pub.Ledger(); l != (onex.Ledger{Rejected: 2}) {
		t.Errorf("ledger %+v", l)
	}
	onex.NewNode(pub, "n2", onex.NodeSpec{Type: "effect", Service: "a", NoState: true})
	if names := pub.Topics(); !slices.Equal(names, []string{"test.a.effect.metric.recorded.v1"}) {
		t.Errorf("topics %q", names)
	}
}

// Brokers that cannot be asked are named with the cause in the words of Health.
func TestEnsureTopicsWithoutKafka(t *testing.T) {
	cluster := fakecluster.New(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "u", "right"))
	wrong := kgo.SASL(plain.Auth{User: "u", Pass: "wrong"}.AsMechanism())
	for want, opts := range map[string][]kgo.Opt{
		"onex: topics: reach Kafka: refused: ":        {kgo.SeedBrokers(noKafka(t))},
		"onex: topics: reach Kafka: authentication: ": {brokers(cluster), wrong},
	} {
		plan, err := onex.EnsureTopics(testContext(t), []string{planned}, onex.TopicSettings{}, opts...)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "wrong") || len(plan.Topics) > 0 {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := onex.PlanTopics(closed(context.Background()), nil, onex.TopicSettings{}, brokers(cluster)); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

// A publisher makes the topics of its nodes as its configuration names them, and
// no dead letters where it has none.
func TestPublisherEnsureTopics(t *testing.T) {
	const metric = "dev.a.effect.metric.recorded.v1"
	for name, tt := range map[string]struct {
		cfg      onex.Config
		settings topics.Settings
		want     []string
		fault    string
	}{
		"letters":      {onex.Config{}, topics.Settings{}, []string{metric, metric + ".dlq"}, ""},
		"own suffix":   {onex.Config{DeadLetterSuffix: ".dead"}, topics.Settings{}, []string{metric, metric + ".dead"}, ""},
		"none":         {onex.Config{NoDeadLetters: true}, topics.Settings{}, []string{metric}, ""},
		"none wanted":  {onex.Config{}, topics.Settings{NoDeadLetters: true}, []string{metric}, ""},
		"other suffix": {onex.Config{}, topics.Settings{DeadLetterSuffix: ".x"}, nil, `onex: topics: TopicSettings.DeadLetterSuffix is ".x", and the publisher's is ".dlq"; leave it out`},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := fakecluster.New(t)
			pub := newPublisher(t, tt.cfg, cluster.ListenAddrs()[0])
			onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a", NoState: true})
			plan, err := pub.EnsureTopics(testContext(t), tt.settings)
			if text := fmt.Sprint(err); (err != nil || tt.fault != "") && text != tt.fault {
				t.Errorf("error %v, want %q", err, tt.fault)
			}
			var made []string
			for _, change := range plan.Topics {
				made = append(made, change.Topic)
				if cluster.TopicInfo(change.Topic) == nil {
					t.Errorf("there is no topic %s", change.Topic)
				}
			}
			if !slices.Equal(made, tt.want) {
				t.Errorf("topics %q, want %q", made, tt.want)
			}
		})
	}
}

// A publisher that cannot reach Kafka, or is closed, says so; none has no topics.
func TestPublisherEnsureTopicsInVain(t *testing.T) {
	ctx := testContext(t)
	pub, changes := watched(t, noKafka(t))
	if h := changes.next(t); h.Cause != onex.CauseRefused {
		t.Fatalf("health %+v", h)
	}
	if _, err := pub.EnsureTopics(ctx, topics.Settings{}); err == nil || !strings.HasPrefix(err.Error(), "onex: topics: reach Kafka: refused: ") || !strings.HasSuffix(err.Error(), onex.CauseRefused.Remedy()) {
		t.Errorf("error %v", err)
	}
	if _, err := pub.EnsureTopics(closed(ctx), topics.Settings{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	_ = pub.Close(closed(ctx))
	if _, err := pub.EnsureTopics(ctx, topics.Settings{}); !errors.Is(err, onex.ErrClosed) {
		t.Errorf("when it is closed: %v", err)
	}
	if _, err := (*onex.Publisher)(nil).EnsureTopics(ctx, topics.Settings{}); !errors.Is(err, onex.ErrNoPublisher) {
		t.Errorf("without a publisher: %v", err)
	}
}

// registered is a hook that takes one client at a time, as one does that
// registers metrics.
type registered struct {
	clients atomic.Int32
	asked   atomic.Int32 // how many connections the clients have made
}

func (r *registered) OnNewClient(*kgo.Client) {
	if r.clients.Add(1) > 1 {
		panic("it has a client already")
	}
}

func (r *registered) OnClientClosed(*kgo.Client) { r.clients.Add(-1) }

func (r *registered) OnBrokerConnect(kgo.BrokerMetadata, time.Duration, net.Conn, error) {
	r.asked.Add(1)
}

// Topics are made beside a publisher whose hooks take no second client, and over
// what the options say of the connection.
func TestEnsureTopicsLeavesHooksAlone(t *testing.T) {
	cluster := fakecluster.New(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "u", "p"))
	hook, dials := &registered{}, atomic.Int32{}
	hook.OnNewClient(nil) // as for a publisher that is running
	_, err := onex.EnsureTopics(testContext(t), []string{planned}, topics.Settings{NoDeadLetters: true},
		brokers(cluster), kgo.WithHooks(hook), kgo.SASL(plain.Auth{User: "u", Pass: "p"}.AsMechanism()),
		kgo.Dialer(func(ctx context.Context, network, host string) (net.Conn, error) {
			dials.Add(1)
			return (&net.Dialer{}).DialContext(ctx, network, host)
		}), kgo.ClientID("provider"))
	if err != nil {
		t.Fatal(err)
	}
	if clients, asked := hook.clients.Load(), hook.asked.Load(); clients != 1 || asked != 0 || dials.Load() == 0 {
		t.Errorf("the hook has %d clients and was told of %d connections, of which there are %d", clients, asked, dials.Load())
	}
}
