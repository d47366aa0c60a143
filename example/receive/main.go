// Receive reacts to events: it bills each stamp once, and tells of failures.
//
//	go run ./example/receive
//
// has some documents stamped, and ends when it has reacted to all of that. It brings a
// broker of its own. With KAFKA_BOOTSTRAP_SERVERS set it uses that cluster.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/broker"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/receive"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "receive:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cfg, opts, stop, err := broker.Find(out)
	if err != nil {
		return err
	}
	defer stop()
	folder, err := os.MkdirTemp("", "bills-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	request := uuid.New() // a group that has its place on a cluster may be given older events too
	cfg.Logger = slog.New(slog.DiscardHandler)
	names, err := stamp(onex.ContextWithCorrelation(ctx, request), cfg, opts, "All things flow.", "", "Nothing stands still.")
	if err != nil {
		return err
	}
	client, err := newClient(names, opts)
	if err != nil {
		return err
	}
	defer client.CloseAllowingRebalance()
	nonsense := &kgo.Record{Topic: names[0], Value: fmt.Appendf(nil, `{"request": "%s"}`, request)}
	if err := client.ProduceSync(ctx, nonsense).FirstErr(); err != nil {
		return err
	}
	return react(ctx, out, client, filepath.Join(folder, "bills"), request)
}

// react reacts to events until it has done so for two stamps and a failure of the
// request, and for a record that is no event.
func react(ctx context.Context, out io.Writer, client *kgo.Client, path string, request uuid.UUID) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b, err := openBills(path)
	if err != nil {
		return err
	}
	defer b.Close()
	left := 4
	did := func(isOwn bool, format string, args ...any) {
		if !isOwn {
			return
		}
		fmt.Fprintf(out, format+"\n", args...)
		if left--; left == 0 {
			cancel()
		}
	}
	send := letters(client)
	mux := newMux(b, handlers{
		stamped: func(_ context.Context, e receive.Event[envelope.OperationCompleted]) error {
			if err := b.add(e.ID, e.NodeID+" has stamped: 1 cent"); err != nil {
				return err
			}
			did(e.CorrelationID == request, "billed a stamp of %s", e.NodeID)
			return nil
		},
		failed: func(_ context.Context, e receive.Event[envelope.OperationFailed]) error {
			did(e.CorrelationID == request, "%s has failed: %s", e.NodeID, e.Payload.ErrorType)
			return nil
		},
		letter: func(ctx context.Context, r receive.Record) error {
			if err := send(ctx, r); err != nil {
				return err
			}
			did(isLetterOf(r, request), "a dead letter to %s", r.Topic)
			return nil
		},
	})
	return consume(ctx, client, mux)
}

// isLetterOf tells whether a dead letter has the record that is no event.
func isLetterOf(r receive.Record, request uuid.UUID) bool {
	letter, err := envelope.DecodeDeadLetter(r.Value)
	return err == nil && strings.Contains(string(letter.OriginalData), request.String())
}

// stamp has documents stamped, and returns the topics of the events.
func stamp(ctx context.Context, cfg onex.Config, opts []kgo.Opt, texts ...string) (names []string, err error) {
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pub.Close(ctx)) }()
	s := stamping.NewStamper(pub, "stamper-1")
	if _, err := pub.EnsureTopics(ctx, topics.Settings{}); err != nil {
		return nil, err
	}
	for i, text := range texts {
		_, _ = s.Stamp(ctx, stamping.Document{ID: fmt.Sprint("d-", i), Text: text}) // failures are events too
	}
	return pub.Topics(), nil
}
