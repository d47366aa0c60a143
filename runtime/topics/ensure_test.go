package topics_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/omninode-ai/onexevents/runtime/topics"
	"github.com/omninode-ai/onexevents/testdata/fakecluster"
)

const (
	planned = "dev.a.effect.x.started.v1"
	letters = planned + ".dlq"
)

// client returns one of the cluster's.
func client(t testing.TB, c *kfake.Cluster, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(c.ListenAddrs()...), kgo.DialTimeout(3*time.Second))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// ensure makes topics, without an error.
func ensure(t testing.TB, c *kfake.Cluster, s topics.Settings, names ...string) topics.Plan {
	t.Helper()
	plan, err := topics.Ensure(testContext(t), client(t, c), names, s)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// testContext ends with a test that takes too long.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// A plan says the same as is done then, and changes nothing.
func TestPreviewChangesNothing(t *testing.T) {
	cluster := fakecluster.New(t)
	if err := cluster.CreateTopic("dev.old", 1, map[string]string{"retention.ms": "3600000"}); err != nil {
		t.Fatal(err)
	}
	plan, err := topics.Preview(testContext(t), client(t, cluster), []string{"dev.old", planned, planned}, topics.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fakecluster.Settings(t, cluster, "dev.old"); got != "1 retention.ms=3600000" {
		t.Errorf("planning has changed the topic: %s", got)
	}
	if cluster.TopicInfo(planned) != nil {
		t.Error("planning has made a topic")
	}
	const want = `create  dev.a.effect.x.started.v1: partitions 3, replication.factor 1, cleanup.policy delete, retention.ms 604800000 (7 days)
create  dev.a.effect.x.started.v1.dlq: partitions 1, replication.factor 1, cleanup.policy delete, retention.ms 2592000000 (30 days)
change  dev.old: partitions 1 → 3, retention.ms 3600000 (1h0m0s) → 604800000 (7 days)
        warning: most keys go to another partition from then on; events of one key that come before and after may be read out of order
create  dev.old.dlq: partitions 1, replication.factor 1, cleanup.policy delete, retention.ms 2592000000 (30 days)
4 topics: 3 to create, 1 to change, 0 as they are, 0 with other settings that stay, 0 faulty
`
	if plan.String() != want {
		t.Errorf("plan\n%swant\n%s", plan, want)
	}
	told := strings.NewReplacer("create ", "created", "change ", "changed", "to create", "created", "to change", "changed").Replace(want)
	if done := ensure(t, cluster, topics.Settings{}, "dev.old", planned); done.String() != told {
		t.Errorf("done\n%swant\n%s", done, told)
	}
}

// A topic that cannot be made has its error and the remedy, and the others are
// made.
func TestEnsureFailsAlone(t *testing.T) {
	long := "dev." + strings.Repeat("x", 242)
	cluster := fakecluster.New(t)
	if err := cluster.CreateTopic("dev_a.b", 1, nil); err != nil {
		t.Fatal(err)
	}
	bad := []string{"{namespace}.a.b.v1", "dev a", "..", long, "dev.a_b"}
	plan, err := topics.Ensure(testContext(t), client(t, cluster), append(bad, planned), topics.Settings{})
	if err == nil {
		t.Fatal("no error")
	}
	for topic, want := range map[string]string{
		"{namespace}.a.b.v1": `"{namespace}" is a placeholder; put the publisher's namespace in place of it`,
		"dev a":              "the name is none for Kafka; make it of letters, digits, '.', '_' and '-'",
		"..":                 `".." is no name of a topic; name it {namespace}.{service}.{event type}.v1`,
		long:                 `the name has 246 characters, and Kafka takes 245 with ".dlq" behind it; shorten the namespace`,
		"dev.a_b":            "create the topic: INVALID_TOPIC_EXCEPTION",
	} {
		if !strings.Contains(err.Error(), "topic "+topic+": "+want) || !strings.Contains(plan.String(), "fault   "+topic+": "+want) {
			t.Errorf("the error does not say of %s: %s\n%v", topic, want, err)
		}
	}
	if !errors.Is(err, kerr.InvalidTopicException) {
		t.Errorf("Kafka's error is not in it: %v", err)
	}
	if got := fakecluster.Settings(t, cluster, planned); !strings.HasPrefix(got, "3 ") {
		t.Errorf("the good topic is %s", got)
	}
}

// Rights that are missing for one topic do not keep others from being made,
// and each is named.
func TestEnsureNotAuthorized(t *testing.T) {
	may := func(name string, op kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: op, Allow: true}
	}
	cluster := fakecluster.New(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "p"),
		kfake.User("PLAIN", "u", "p",
			may("mine", kmsg.ACLOperationCreate), may("mine", kmsg.ACLOperationDescribe),
			may("new", kmsg.ACLOperationDescribe),
			may("seen", kmsg.ACLOperationDescribe),
			may("small", kmsg.ACLOperationDescribe), may("small", kmsg.ACLOperationDescribeConfigs),
			may("short", kmsg.ACLOperationDescribe), may("short", kmsg.ACLOperationDescribeConfigs),
		))
	for topic, partitions := range map[string]int32{"seen": 3, "small": 1, "short": 3} {
		if err := cluster.CreateTopic(topic, partitions, map[string]string{"retention.ms": "1000"}); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := topics.Ensure(testContext(t), client(t, cluster, kgo.SASL(plain.Auth{User: "u", Pass: "p"}.AsMechanism())),
		[]string{"mine", "new", "hidden", "seen", "small", "short"}, topics.Settings{NoDeadLetters: true})
	for topic, want := range map[string]string{
		"new":    "create the topic: TOPIC_AUTHORIZATION_FAILED: Not authorized to access topics: [Topic authorization failed.]; let the user do it: kafka-acls --add --operation Create",
		"hidden": "describe the topic: TOPIC_AUTHORIZATION_FAILED: Not authorized to access topics: [Topic authorization failed.]; let the user do it: kafka-acls --add --operation Describe",
		"seen":   "describe the topic's settings: TOPIC_AUTHORIZATION_FAILED: Not authorized to access topics: [Topic authorization failed.]; let the user do it: kafka-acls --add --operation DescribeConfigs",
		"small":  "add partitions to the topic: TOPIC_AUTHORIZATION_FAILED: Not authorized to access topics: [Topic authorization failed.]; let the user do it: kafka-acls --add --operation Alter",
		"short":  "change the topic's settings: TOPIC_AUTHORIZATION_FAILED: Not authorized to access topics: [Topic authorization failed.]; let the user do it: kafka-acls --add --operation AlterConfigs",
	} {
		i := slices.IndexFunc(plan.Topics, func(c topics.Change) bool { return c.Topic == topic })
		if i < 0 || plan.Topics[i].Err == nil || plan.Topics[i].Err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", topic, plan.Topics[i].Err, want)
		}
	}
	if !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("error %v", err)
	}
	if got := fakecluster.Settings(t, cluster, "mine"); !strings.HasPrefix(got, "3 ") {
		t.Errorf("what the user may make is %s", got)
	}
}

// A topic that somebody else makes at the same moment is no error, and is then
// made what it is to be.
func TestEnsureAtOnce(t *testing.T) {
	cluster := fakecluster.New(t)
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreateTopics}, Topic: letters, Err: kerr.ThrottlingQuotaExceeded, Count: 1})
	var meet sync.Once
	cluster.ControlKey(kmsg.CreateTopics.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		meet.Do(func() {
			cluster.SleepControl(func() {
				if err := cluster.CreateTopic(planned, 2, nil); err != nil {
					t.Error(err)
				}
			})
		})
		return nil, nil, false
	})
	plan := ensure(t, cluster, topics.Settings{}, planned)
	if got := fakecluster.Settings(t, cluster, planned); got != "3 " {
		t.Errorf("the topic is %q\n%v", got, plan)
	}
	if got := fakecluster.Settings(t, cluster, letters); !strings.HasPrefix(got, "1 ") {
		t.Errorf("the throttled topic is %q", got)
	}
}

// A request that brokers were too slow for is made again, when it is known what
// became of it.
func TestEnsureOnSlowBrokers(t *testing.T) {
	cluster := fakecluster.New(t)
	slow := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreateTopics}, Topic: planned, Err: kerr.RequestTimedOut, Count: 1})
	plan := ensure(t, cluster, topics.Settings{}, planned)
	if got := fakecluster.Settings(t, cluster, planned); !strings.HasPrefix(got, "3 ") || slow.Hits() != 1 {
		t.Errorf("the topic is %q after %d faults:\n%v", got, slow.Hits(), plan)
	}
}

// It is over only when the brokers tell of the topic's leaders.
func TestEnsureAwaitsLeaders(t *testing.T) {
	cluster := fakecluster.New(t, kfake.NumBrokers(3))
	created := false // on the cluster's goroutine alone
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreateTopics}, Observe: true, Count: -1, When: func(kmsg.Request) bool { created = true; return true }})
	waits := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: planned, Err: kerr.LeaderNotAvailable, Count: 4, When: func(kmsg.Request) bool { return created }})
	ensure(t, cluster, topics.Settings{}, planned)
	if waits.Hits() != 4 {
		t.Errorf("it has asked %d times in vain, want 4", waits.Hits())
	}
	waits = cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: planned + "2", Partitions: []int32{0}, Err: kerr.LeaderNotAvailable, Count: -1})
	ctx, cancel := context.WithCancel(testContext(t))
	go func() {
		_ = waits.Wait(ctx, 3)
		cancel()
	}()
	if _, err := topics.Ensure(ctx, client(t, cluster), []string{planned + "2"}, topics.Settings{}); err == nil || !strings.Contains(err.Error(), "wait for the topic, which is made, until all brokers have it") {
		t.Errorf("error %v", err)
	}
}

// It is over only when the brokers tell of changed settings: the controller has
// them before.
func TestEnsureAwaitsSettings(t *testing.T) {
	cluster := fakecluster.New(t)
	if err := cluster.CreateTopic(planned, 3, map[string]string{"retention.ms": "1000"}); err != nil {
		t.Fatal(err)
	}
	altered, late := false, 0 // on the cluster's goroutine alone
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.IncrementalAlterConfigs}, Observe: true, Count: -1, When: func(kmsg.Request) bool { altered = true; return true }})
	cluster.ControlKey(kmsg.DescribeConfigs.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if !altered || late == 3 {
			return nil, nil, false
		}
		late++
		resp := req.ResponseKind().(*kmsg.DescribeConfigsResponse)
		config := kmsg.NewDescribeConfigsResponseResourceConfig()
		config.Name, config.Value = "retention.ms", kmsg.StringPtr("1000")
		resource := kmsg.NewDescribeConfigsResponseResource()
		resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, planned
		resource.Configs = append(resource.Configs, config)
		resp.Resources = append(resp.Resources, resource)
		return resp, nil, true
	})
	ensure(t, cluster, topics.Settings{NoDeadLetters: true}, planned)
	if cluster.Close(); late != 3 {
		t.Errorf("it has been told the old value %d times, want 3", late)
	}
}

// More in-sync replicas than there are replicas are not asked for, nor left
// unsaid.
func TestEnsureWithTooFewReplicas(t *testing.T) {
	cluster := fakecluster.New(t)
	if err := cluster.CreateTopic("dev.t", 3, nil); err != nil {
		t.Fatal(err)
	}
	settings := topics.Settings{NoDeadLetters: true, Events: topics.Shape{Configs: map[string]string{"min.insync.replicas": "2"}}}
	plan, err := topics.Preview(testContext(t), client(t, cluster), []string{"dev.t", "dev.u"}, settings)
	if err == nil || !strings.Contains(err.Error(), "topic dev.t: min.insync.replicas is to be 2, and the topic has 1 replicas") ||
		!strings.Contains(err.Error(), "topic dev.u: min.insync.replicas is 2, and by the brokers' default the topic has 1 replicas") {
		t.Errorf("error %v\n%v", err, plan)
	}
}

// A thousand services have eleven thousand topics, and as many for dead letters.
func TestEnsureMany(t *testing.T) {
	n := 11_000
	if testing.Short() {
		n = 1_000
	}
	cluster := fakecluster.New(t)
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("dev.service_%04d.effect.x.%d.v1", i/11, i%11)
	}
	begin := time.Now()
	plan := ensure(t, cluster, topics.Settings{}, names...)
	if create, _ := plan.Pending(); create != 2*n {
		t.Errorf("%d topics are made, want %d", create, 2*n)
	}
	made := time.Since(begin)
	begin = time.Now()
	if create, change := ensure(t, cluster, topics.Settings{}, names...).Pending(); create+change != 0 {
		t.Errorf("the second time %d are made and %d are changed", create, change)
	}
	t.Logf("%d topics were made in %v, and looked through in %v", 2*n, made, time.Since(begin))
}
