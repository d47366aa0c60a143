package onextest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/workflow"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// A recorder has the same events, to the byte, as a real publisher delivers, and the
// same assertions hold for them.
func TestSameAsKafka(t *testing.T) {
	for name, profile := range map[string]onex.Profile{"V1": onex.ProfileV1, "2": onex.Profile2} {
		t.Run(name, func(t *testing.T) { sameAsKafka(t, onex.Config{Profile: profile}) })
	}
}

func sameAsKafka(t *testing.T, cfg onex.Config) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	work := func(pub *onex.Publisher) {
		ctx := onex.ContextWith(context.Background(), onex.WithPartitionKey("k"), onex.WithMetadata(map[string]any{"tenant": "t-1"}))
		_, _ = stamping.NewStamper(pub, "s-1").Stamp(ctx, doc)
		_, _ = stamping.NewStamper(pub, "s-1").Stamp(ctx, stamping.Document{ID: "d-2"})
		o := workflow.NewOrchestratorEvents(pub, "o-1")
		if err := o.PublishStateChanged(onex.ContextWithCorrelation(ctx, uuid.Max), uuid.Nil, "idle", "busy", "work"); err != nil {
			t.Error(err)
		}
	}
	mine, theirs := onextest.NewConfig(t, cfg), onextest.NewConfig(t, cfg)
	work(mine.Publisher())

	pub, err := onex.NewPublisher(theirs.Config(), kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	work(pub)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	topics := pub.Topics()
	if err := pub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(topics...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var records []*kgo.Record
	for len(records) < len(mine.Events()) {
		fetches := client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			t.Fatalf("%d records: %v", len(records), err)
		}
		records = append(records, fetches.Records()...)
	}
	read := onextest.New(t)
	for _, r := range records {
		read.Record(r.Topic, r.Key, r.Value)
	}
	// Topics have no common order; the ids do.
	sorted := read.Events()
	slices.SortFunc(sorted, func(a, b onextest.Event) int { return strings.Compare(a.EventID.String(), b.EventID.String()) })
	for _, e := range sorted {
		theirs.Record(e.Topic, []byte(e.Key), e.Wire())
	}

	for _, rec := range []*onextest.Recorder{mine, theirs} {
		rec.RequireExactly(append(slices.Clip(all), onextest.StateChanged("idle", "busy").Correlation(uuid.Max))...)
		rec.RequireAnyOrder(failed.ErrorType("EmptyDocumentError").Metadata("tenant", "t-1"))
		rec.RequireEnds()
	}
	for i, e := range mine.Events() {
		other := theirs.Events()[i]
		if (len(e.Headers) > 0) != (cfg.Profile == onex.Profile2) || cfg.Profile == onex.Profile2 && e.Headers["correlation_id"] != e.CorrelationID.String() {
			t.Errorf("event %d has the headers %v", i+1, e.Headers)
		}
		if e.Topic != other.Topic || e.Key != other.Key || string(e.Wire()) != string(other.Wire()) {
			t.Errorf("event %d\n%s %s %s\nis on Kafka\n%s %s %s", i+1, e.Topic, e.Key, e.Wire(), other.Topic, other.Key, other.Wire())
		}
	}
	if mine.Tree() != theirs.Tree() {
		t.Errorf("the trees differ:\n%s\n%s", mine.Tree(), theirs.Tree())
	}
}
