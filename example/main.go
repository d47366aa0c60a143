// Example runs three kinds of nodes that call each other, publishes their
// events to Kafka, reads them back and prints them:
//
//	go run ./example
//
// It brings a broker of its own. With KAFKA_BOOTSTRAP_SERVERS set it uses that
// cluster, by the variables of onex.ConfigFromEnv, such as
//
//	env $(cat testdata/kafka/build/cluster/env/ssl) go run ./example
//
// The cluster has to let it create its topics or have them already. With
// ONEX_PROFILE=2 the same nodes publish to today's bus.
package main

//go:generate go tool onexevents ./changing/testdata/first ./changing/testdata/both ./changing/testdata/later ./changing/testdata/wrong
//go:generate go tool onexevents catalog -format markdown -o events.md ./...

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/omninode-ai/onexevents/example/broker"
	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/workflow"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "example:", err)
		os.Exit(1)
	}
}

// patience is how long the program waits for Kafka before it gives up.
const patience = 30 * time.Second

func run(out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	cfg, opts, stop, err := broker.Find(out)
	if err != nil {
		return err
	}
	defer stop()

	cfg.Environment = cmp.Or(cfg.Environment, "example")
	cfg.SourceInstance = "local"
	cfg.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return err
	}
	orchestrator := workflow.New(pub, "orchestrator-1")
	if err := makeTopics(ctx, pub); err != nil {
		return errors.Join(err, closePublisher(ctx, pub))
	}
	begin := time.Now()
	runErr := runNodes(ctx, orchestrator)
	closeErr := closePublisher(ctx, pub)
	ledger := pub.Ledger()
	events, readErr := consume(ctx, pub.Topics(), opts, begin, int(ledger.Delivered))

	printEvents(out, events)
	fmt.Fprintf(out, "\nledger: %d accepted = %d delivered + %d dead-lettered + %d spooled + %d in flight + %d lost; %d rejected\n",
		ledger.Accepted, ledger.Delivered, ledger.DeadLettered, ledger.Spooled, ledger.InFlight, ledger.Lost, ledger.Rejected)
	return errors.Join(runErr, closeErr, readErr)
}

// makeTopics makes the topics of all nodes. Who has not the right to make them has to
// do with those that there are.
func makeTopics(ctx context.Context, pub *onex.Publisher) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := pub.EnsureTopics(ctx, topics.Settings{})
	if errors.Is(err, kerr.TopicAuthorizationFailed) {
		slog.Warn("cannot make topics", "error", err)
		return nil
	}
	return err
}

func closePublisher(ctx context.Context, pub *onex.Publisher) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return pub.Close(ctx)
}

// runNodes runs one workflow that succeeds and one that fails.
func runNodes(ctx context.Context, o *workflow.Orchestrator) error {
	if err := o.Waiting(ctx, 2); err != nil {
		return err
	}
	// The first one belongs to a request that has a correlation id.
	request := onex.ContextWithCorrelation(ctx, uuid.New())
	_, err := o.Orchestrate(request, workflow.Request{Workflow: "good", Documents: []stamping.Document{
		{ID: "d-1", Text: "All things flow."},
		{ID: "d-2", Text: "Nothing stands still."},
	}})
	if err != nil {
		return fmt.Errorf("a workflow failed that should not: %w", err)
	}
	_, err = o.Orchestrate(ctx, workflow.Request{Workflow: "bad", Documents: []stamping.Document{{ID: "d-3"}}})
	if err == nil {
		return errors.New("a workflow succeeded that should not")
	}
	return nil
}
