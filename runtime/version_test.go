package onex_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// For a time both versions of an operation's events are published, each to its
// topics: a run of the second holds a run of the first, with the old input.
func TestVersionsSideBySide(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	first := onex.NewOperation[request, string](node, "stamp")
	second := onex.NewOperationVersion[requestV2, string](node, "stamp", 2)

	ctx := onex.ContextWithCorrelation(testContext(t), id)
	runFirst := func(ctx context.Context, in request, fn func(context.Context, request) (string, error)) (string, error) {
		return onex.Run(ctx, first, in, fn)
	}
	result, err := onex.Run(ctx, second, requestV2{Flow: "w", Steps: 3}, onex.Also(runFirst, requestV2.old, func(_ context.Context, in requestV2) (string, error) {
		return in.Flow + " done", nil
	}))
	if result != "w done" || err != nil {
		t.Fatal(result, err)
	}
	if err := pub.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, r := range consume(t, broker, 4) {
		if r.env.EventType != "effect.stamp.started" && r.env.EventType != "effect.stamp.completed" {
			t.Errorf("%s is of type %s", r.Topic, r.env.EventType)
		}
		versions[r.Topic] = r.env.EventVersion
	}
	want := map[string]string{
		"dev.stamping.effect.stamp.started.v1": "1.0", "dev.stamping.effect.stamp.completed.v1": "1.0",
		"dev.stamping.effect.stamp.started.v2": "2.0", "dev.stamping.effect.stamp.completed.v2": "2.0",
	}
	if !maps.Equal(versions, want) {
		t.Errorf("event_version by topic: %v, want %v", versions, want)
	}
}

type requestV2 struct {
	Flow  string `json:"flow"`
	Steps int    `json:"steps"`
}

func (r requestV2) old() request { return request{r.Flow, r.Steps} }

// What converts the input may hurt the earlier version's events, and nothing else.
func TestAlsoPanics(t *testing.T) {
	run := func(context.Context, request, func(context.Context, request) (string, error)) (string, error) {
		t.Error("the earlier version runs")
		return "", nil
	}
	fn := onex.Also(run, func(requestV2) request { panic("no") }, func(context.Context, requestV2) (string, error) { return "done", nil })
	if result, err := fn(testContext(t), requestV2{}); result != "done" || err != nil {
		t.Error(result, err)
	}
}

// A program that names its topics itself has a later version's beside them.
func TestVersionsOfNamedTopics(t *testing.T) {
	pub := newPublisher(t, onex.Config{TopicName: func(namespace, service, eventType string) string {
		if service == "all" {
			return namespace + ".events"
		}
		return namespace + "." + service + ".v1"
	}}, noKafka(t))
	for _, service := range []string{"all", "stamping"} {
		onex.NewOperationVersion[onex.None, onex.None](onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: service, NoState: true, NoMetric: true}), "stamp", 12)
	}
	if got, want := pub.Topics(), []string{"dev.events.v12", "dev.stamping.v12"}; !slices.Equal(got, want) {
		t.Errorf("topics %v, want %v", got, want)
	}
}

// What died with an earlier process failed in the version in which it started.
func TestTakeOverOfVersion(t *testing.T) {
	k := newKafka(t).start()
	spool := &memSpool{}
	pub := newPublisher(t, onex.Config{Spool: spool}, k.addr(), quick()...)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	op := onex.NewOperationVersion[onex.None, onex.None](node, "stamp", 2)
	if err := op.Started(testContext(t), uuid.New(), onex.None{}, onex.Durable()); err != nil {
		t.Fatal(err)
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	next := newPublisher(t, onex.Config{Spool: spool, Namespace: "other"}, k.addr(), quick()...)
	if err := next.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	failed := byType(t, consume(t, k.addr(), 2))["effect.stamp.failed"]
	if failed.Topic != "dev.stamping.effect.stamp.failed.v2" || failed.env.EventVersion != "2.0" {
		t.Errorf("topic %s, event_version %s", failed.Topic, failed.env.EventVersion)
	}
}
