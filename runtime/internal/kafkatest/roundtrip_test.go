//go:build kafka

package kafkatest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/tally"
	"github.com/omninode-ai/onexevents/example/workflow"
	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// topicsOf returns the topics of a node.
func (b *bench) topicsOf(service string, c onex.Catalog) (topics []string) {
	for _, types := range [][]string{c.OperationLifecycle, c.StateEvents, c.MetricEvents} {
		for _, eventType := range types {
			topics = append(topics, b.namespace+"."+service+"."+eventType+".v1")
		}
	}
	return topics
}

// environment sets the variables of a client that connects in one of the ways
// that the cluster has written down, and returns what they make of a publisher.
func (b *bench) environment(way string) (onex.Config, []kgo.Opt) {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.Folder, "env", way))
	if err != nil {
		b.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		b.t.Setenv(name, value)
	}
	cfg, opts, err := onex.ConfigFromEnv()
	if err != nil {
		b.t.Fatal(err)
	}
	return cfg, opts
}

func (b *bench) tls(authority, certificate string) kgo.Opt {
	b.t.Helper()
	config, err := b.TLS(authority, certificate)
	if err != nil {
		b.t.Fatal(err)
	}
	return kgo.DialTLSConfig(config)
}

func scram(user string) kgo.Opt {
	return kafkacluster.Scram(user, kafkacluster.Password(user))
}

// All five events of a generated node arrive, with TLS and without, whether a
// certificate, a password or a token says who publishes them, with the settings that the
// environment has.
func TestRoundTrip(t *testing.T) {
	for _, way := range []string{"plaintext", "ssl", "scram", "plain", "oauthbearer"} {
		t.Run(way, func(t *testing.T) {
			b := newBench(t, 1)
			cfg, opts := b.environment(way)
			b.CreateTopics(t, 3, nil, b.topicsOf("workflow", workflow.OrchestratorCatalog)...)
			pub := b.open(cfg, opts...)
			events := workflow.NewOrchestratorEvents(pub, "orchestrator-1")
			ctx, id := patience(t, time.Minute), uuid.New()
			for eventType, publish := range map[string]func() error{
				workflow.OrchestratorEventOrchestrationStarted: func() error {
					return events.PublishOrchestrationStarted(ctx, id, workflow.Request{Workflow: "w"})
				},
				workflow.OrchestratorEventOrchestrationCompleted: func() error {
					return events.PublishOrchestrationCompleted(ctx, id, &tally.Totals{Stamps: 1}, time.Second)
				},
				workflow.OrchestratorEventOrchestrationFailed: func() error {
					return events.PublishOrchestrationFailed(ctx, id, errors.New("no documents"), time.Second)
				},
				workflow.OrchestratorEventStateChanged: func() error {
					return events.PublishStateChanged(ctx, id, "idle", "running", "begun")
				},
				workflow.OrchestratorEventMetricRecorded: func() error {
					return events.PublishMetricRecorded(ctx, "depth", 3, "count", onex.WithCorrelationID(id))
				},
			} {
				if err := b.publish(b.namespace+".workflow."+eventType+".v1", id.String(), publish); err != nil {
					t.Fatal(err)
				}
			}
			b.close(pub)
			if g, want := pub.Ledger(), (onex.Ledger{Accepted: 5, Delivered: 5}); g != want {
				t.Errorf("ledger %+v, want %+v", g, want)
			}
			b.reckon(pub.Ledger())
		})
	}
}

// nodesTopics returns the topics of the example's nodes.
func (b *bench) nodesTopics() (topics []string) {
	topics = append(topics, b.topicsOf("workflow", workflow.OrchestratorCatalog)...)
	topics = append(topics, b.topicsOf("stamping", stamping.StamperCatalog)...)
	topics = append(topics, b.topicsOf("stamping", stamping.DigesterCatalog)...)
	return append(topics, b.topicsOf("tally", tally.TallyCatalog)...)
}

// runNodes runs one workflow that succeeds and one that fails.
func runNodes(t *testing.T, pub *onex.Publisher) {
	t.Helper()
	ctx := patience(t, time.Minute)
	o := workflow.New(pub, "orchestrator-1")
	if err := o.Waiting(ctx, 2); err != nil {
		t.Fatal(err)
	}
	documents := []stamping.Document{{ID: "d-1", Text: "All things flow."}, {ID: "d-2", Text: "Nichts bleibt, wie es ist: πάντα ῥεῖ."}}
	if _, err := o.Orchestrate(ctx, workflow.Request{Workflow: "good", Documents: documents}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Orchestrate(ctx, workflow.Request{Workflow: "bad", Documents: []stamping.Document{{ID: "d-3"}}}); err == nil {
		t.Fatal("an empty document was stamped")
	}
}
