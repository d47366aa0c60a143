package onex_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// oneTopic puts all events of a namespace into one topic.
func oneTopic(namespace, _, _ string) string { return namespace + ".events.v1" }

// All events of several nodes go where Config.TopicName says, and those of one
// key have there the order in which they were published, whatever their types.
func TestTopicName(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{Namespace: "test", TopicName: oneTopic}, broker)
	ctx := testContext(t)
	stamping := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	workflow := onex.NewNode(pub, "n2", onex.NodeSpec{Type: "orchestrator", Service: "workflow"})
	stamp := onex.NewOperation[onex.None, onex.None](stamping, "stamp")
	orchestrate := onex.NewOperation[onex.None, onex.None](workflow, "orchestrate")

	const rounds = 50
	ids := make([]uuid.UUID, rounds)
	for i := range ids {
		ids[i] = uuid.New()
		failure := errors.New("no")
		_ = onex.RunBare(onex.ContextWithCorrelation(ctx, ids[i]), orchestrate, func(ctx context.Context) error {
			if err := onex.StateChanged(ctx, workflow, ids[i], "idle", "running", "begun"); err != nil {
				return err
			}
			if err := onex.RunBare(ctx, stamp, func(context.Context) error { return nil }); err != nil {
				return err
			}
			return errors.Join(onex.MetricRecorded(ctx, workflow, "stamps", 1, "count"), failure)
		})
	}
	if err := pub.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	got := map[uuid.UUID][]string{}
	for _, r := range consume(t, broker, rounds*6) {
		if r.Topic != "test.events.v1" {
			t.Fatalf("an event in %s", r.Topic)
		}
		got[*r.env.CorrelationID] = append(got[*r.env.CorrelationID], r.env.EventType)
	}
	want := []string{
		"orchestrator.orchestrate.started", "orchestrator.state.changed", "effect.stamp.started", "effect.stamp.completed",
		"orchestrator.metric.recorded", "orchestrator.orchestrate.failed",
	}
	for _, id := range ids {
		if !slices.Equal(got[id], want) {
			t.Fatalf("of one correlation\n%v, want\n%v", got[id], want)
		}
	}
}

// A name that cannot be a topic, or a function that does not return, is an error
// of the methods whose events would go there, and of no others.
func TestTopicNameRefused(t *testing.T) {
	broker := startKafka(t)
	for name, tt := range map[string]struct {
		name func() string
		want string
	}{
		"empty":        {func() string { return "" }, `"" cannot be a topic; let Config.TopicName make it of`},
		"characters":   {func() string { return "dev/a" }, `"dev/a" cannot be a topic`},
		"line":         {func() string { return "dev.a\n" }, `"dev.a\n" cannot be a topic`},
		"a dot":        {func() string { return "." }, `"." cannot be a topic`},
		"two dots":     {func() string { return ".." }, `".." cannot be a topic`},
		"long":         {func() string { return strings.Repeat("x", 246) }, "has 246 characters, and Kafka takes 245; let Config.TopicName make it shorter"},
		"dead letters": {func() string { return "dev.a.dlq" }, "dev.a.dlq could be the dead letters of another topic"},
		"panic":        {func() string { panic("no name") }, "panic in Config.TopicName: no name"},
		"goexit":       {func() string { runtime.Goexit(); return "" }, "Config.TopicName has ended its goroutine"},
	} {
		t.Run(name, func(t *testing.T) {
			pub := newPublisher(t, onex.Config{TopicName: func(namespace, service, eventType string) string {
				if eventType == "effect.metric.recorded" {
					return tt.name()
				}
				return "dev.others.v1"
			}}, broker)
			node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
			ctx := testContext(t)
			err := onex.MetricRecorded(ctx, node, "m", 1, "u")
			if err == nil || !strings.HasPrefix(err.Error(), "onex: publish effect.metric.recorded: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want it to contain %q", err, tt.want)
			}
			if err := onex.StateChanged(ctx, node, id, "a", "b", "r"); err != nil {
				t.Errorf("another type: %v", err)
			}
		})
	}
}

// The longest name that leaves room for the dead letters is taken; and where
// there are none, one that ends like them.
func TestTopicNameTaken(t *testing.T) {
	for topic, cfg := range map[string]onex.Config{
		strings.Repeat("x", 245): {},
		"dev.a.dlq":              {NoDeadLetters: true},
	} {
		broker := startKafka(t)
		cfg.TopicName = func(_, _, _ string) string { return topic }
		pub := newPublisher(t, cfg, broker)
		if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}); err != nil {
			t.Fatal(err)
		}
		if err := pub.Flush(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, broker, topic); len(got) != 1 {
			t.Errorf("%d records in %s", len(got), topic)
		}
	}
}

// What makes room goes by what an event is, also where all types have one topic.
func TestDropOldestInOneTopic(t *testing.T) {
	var lost losses
	pub := newPublisher(t, onex.Config{MaxInFlight: 9, QueueFull: onex.DropOldest, OnLoss: lost.add, TopicName: oneTopic}, noKafka(t))
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperation[onex.None, onex.None](node, "x")
	ctx := context.Background()
	metric := func() error { return onex.MetricRecorded(ctx, node, "m", 1, "u") }
	state := func() error { return onex.StateChanged(ctx, node, id, "a", "b", "r") }
	started := func() error { return op.Started(ctx, id, onex.None{}) }
	completed := func() error { return op.Completed(ctx, id, onex.None{}, 0) }
	if err := started(); err != nil {
		t.Fatal(err)
	}
	handed(t, pub) // it is with the client
	for _, publish := range []func() error{started, completed, metric, state, state, metric, completed, started} {
		if err := publish(); err != nil {
			t.Fatal(err)
		}
	}
	for _, publish := range []func() error{metric, state, started, completed, completed} {
		if err := publish(); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"metric.recorded", "metric.recorded", "metric.recorded", "state.changed", "state.changed"}
	until(t, pub, "reported", func(onex.Ledger) bool { return len(lost.list()) == len(want) })
	var dropped []string
	for _, loss := range lost.list() {
		dropped = append(dropped, strings.TrimPrefix(loss.EventType, "effect."))
	}
	if !slices.Equal(dropped, want) {
		t.Errorf("dropped %v, want %v", dropped, want)
	}
	if err := metric(); !errors.Is(err, onex.ErrQueueFull) {
		t.Errorf("a metric, when all that waits is more important: %v", err)
	}
}

// An operation that died with its process is reported where a publisher with the
// same names would have done it.
func TestTakeOverWithTopicName(t *testing.T) {
	perService := func(namespace, service, eventType string) string {
		if strings.HasSuffix(eventType, ".failed") {
			return namespace + ".failures.v1"
		}
		return namespace + "." + service + ".v1"
	}
	for name, tt := range map[string]struct {
		before, after onex.Config
		want          string
	}{
		"one topic":              {onex.Config{TopicName: oneTopic}, onex.Config{TopicName: oneTopic}, "dev.events.v1"},
		"failures apart":         {onex.Config{TopicName: perService}, onex.Config{TopicName: perService}, "dev.failures.v1"},
		"another namespace":      {onex.Config{Namespace: "old"}, onex.Config{}, "old.a.effect.x.failed.v1"},
		"by default before":      {onex.Config{}, onex.Config{TopicName: oneTopic}, "dev.a.effect.x.failed.v1"},
		"by default now":         {onex.Config{TopicName: oneTopic}, onex.Config{AnySpooledTopic: true}, "dev.a.effect.x.failed.v1"},
		"another function":       {onex.Config{TopicName: perService}, onex.Config{TopicName: oneTopic, AnySpooledTopic: true}, "dev.events.v1"},
		"a function in distress": {onex.Config{}, onex.Config{TopicName: func(_, _, _ string) string { panic("no") }}, "dev.a.effect.x.failed.v1"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKafka(t)
			spool := &memSpool{}
			tt.before.Spool, tt.after.Spool = spool, spool
			pub := newPublisher(t, tt.before, k.addr(), quick()...)
			if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}, onex.Durable()); err != nil {
				t.Fatal(err)
			}
			_ = pub.Close(closed(testContext(t)))
			k.start()
			pub = newPublisher(t, tt.after, k.addr(), quick()...)
			if err := pub.Close(testContext(t)); err != nil {
				t.Fatal(err)
			}
			for _, r := range consume(t, k.addr(), 2) {
				if r.env.EventType == "effect.x.failed" && r.Topic != tt.want {
					t.Errorf("failed is in %s, want %s", r.Topic, tt.want)
				}
			}
			checkLedger(t, pub.Ledger())
		})
	}
}
