package kafkacluster

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// fresh makes a client tell what is so now; kadm else takes what is up to 5 s old.
var fresh = kgo.MetadataMinAge(10 * time.Millisecond)

// Admin returns a client that may do all and is closed with the test.
func (c *Cluster) Admin(t testing.TB) *kadm.Client {
	t.Helper()
	client, err := kgo.NewClient(c.Seeds(Plaintext), fresh)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return kadm.NewClient(client)
}

// CreateTopics makes topics of so many partitions, copied as often as the
// cluster does by default, and waits until all nodes know them. Settings are
// theirs, such as "max.message.bytes".
func (c *Cluster) CreateTopics(t testing.TB, partitions int32, settings map[string]string, topics ...string) {
	t.Helper()
	ctx := patience(t)
	configs := map[string]*string{}
	for name, value := range settings {
		configs[name] = &value
	}
	admin := c.Admin(t)
	responses, err := admin.CreateTopics(ctx, partitions, -1, configs, topics...)
	if err := errors.Join(err, responses.Error()); err != nil {
		t.Fatalf("create %q: %v", topics, err)
	}
	c.awaitTopics(t, topics, func(err error) bool { return err == nil })
}

// DeleteTopics deletes topics and waits until all nodes have forgotten them.
func (c *Cluster) DeleteTopics(t testing.TB, topics ...string) {
	t.Helper()
	responses, err := c.Admin(t).DeleteTopics(patience(t), topics...)
	if err := errors.Join(err, responses.Error()); err != nil {
		t.Fatalf("delete %q: %v", topics, err)
	}
	c.awaitTopics(t, topics, func(err error) bool { return errors.Is(err, kerr.UnknownTopicOrPartition) })
}

// awaitTopics waits until every node says of every topic, and of each of its
// partitions, what is awaited.
func (c *Cluster) awaitTopics(t testing.TB, topics []string, awaited func(error) bool) {
	t.Helper()
	c.awaitNodes(t, func(ctx context.Context, node *kadm.Client) (bool, error) {
		details, err := node.ListTopics(ctx, topics...)
		isOther := func(d kadm.TopicDetail) bool { return !awaited(errorOf(d)) }
		return !slices.ContainsFunc(slices.Collect(maps.Values(details)), isOther), err
	})
}

// awaitNodes waits until is says of every node that it is so.
func (c *Cluster) awaitNodes(t testing.TB, is func(context.Context, *kadm.Client) (bool, error)) {
	t.Helper()
	ctx := patience(t)
	for _, address := range c.Addresses(Plaintext) {
		client, err := kgo.NewClient(kgo.SeedBrokers(address), fresh)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for node := kadm.NewClient(client); ; time.Sleep(20 * time.Millisecond) {
			so, err := is(ctx, node)
			if err != nil {
				t.Fatal(err)
			}
			if so {
				break
			}
		}
	}
}

// errorOf returns a topic's error, or that of one of its partitions.
func errorOf(d kadm.TopicDetail) error {
	for _, p := range d.Partitions {
		if d.Err == nil && p.Err != nil {
			return p.Err
		}
	}
	return d.Err
}

// Allow and Deny say what a user may do with one topic, until the test ends or
// what they return is called.
func (c *Cluster) Allow(t testing.TB, user, topic string, operations ...kadm.ACLOperation) (undo func()) {
	t.Helper()
	return c.rule(t, kadm.NewACLs().Allow("User:"+user).AllowHosts(), topic, operations)
}

// Deny takes precedence over what is allowed.
func (c *Cluster) Deny(t testing.TB, user, topic string, operations ...kadm.ACLOperation) (undo func()) {
	t.Helper()
	return c.rule(t, kadm.NewACLs().Deny("User:"+user).DenyHosts(), topic, operations)
}

func (c *Cluster) rule(t testing.TB, who *kadm.ACLBuilder, topic string, operations []kadm.ACLOperation) (undo func()) {
	t.Helper()
	b := who.Topics(topic).ResourcePatternType(kadm.ACLPatternLiteral).Operations(operations...)
	admin := c.Admin(t)
	results, err := admin.CreateACLs(patience(t), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	c.awaitRules(t, b, len(results))
	remove := func() {
		if _, err := admin.DeleteACLs(context.Background(), b); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(remove)
	return remove
}

// awaitRules waits until every node goes by n rules of b.
func (c *Cluster) awaitRules(t testing.TB, b *kadm.ACLBuilder, n int) {
	t.Helper()
	c.awaitNodes(t, func(ctx context.Context, node *kadm.Client) (bool, error) {
		results, err := node.DescribeACLs(ctx, b)
		found := 0
		for _, r := range results {
			found += len(r.Described)
		}
		return found == n, err
	})
}

// Quota bounds what clients of an id may send, in bytes a second to each node,
// until the test ends.
func (c *Cluster) Quota(t testing.TB, clientID string, bytes float64) {
	t.Helper()
	admin := c.Admin(t)
	alter := func(op kadm.AlterClientQuotaOp) {
		altered, err := admin.AlterClientQuotas(context.Background(), []kadm.AlterClientQuotaEntry{{
			Entity: kadm.ClientQuotaEntity{{Type: "client-id", Name: &clientID}},
			Ops:    []kadm.AlterClientQuotaOp{op},
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range altered {
			if a.Err != nil {
				t.Fatal(a.Err)
			}
		}
	}
	const key = "producer_byte_rate"
	alter(kadm.AlterClientQuotaOp{Key: key, Value: bytes})
	t.Cleanup(func() { alter(kadm.AlterClientQuotaOp{Key: key, Remove: true}) })
}

// patience ends what would take for ever.
func patience(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
