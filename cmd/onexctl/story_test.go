package main

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

type (
	request  struct{ Workflow string }
	result   struct{ Documents int }
	document struct{ ID, Text string }
)

// storyID is the correlation of the story; its events have ids that count up.
var storyID = uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")

// publishStory is the command "story": it publishes, with a publisher, what an
// orchestrator and an effect do together for one request, at times that are
// always the same: two stampings, of which the second fails, with a metric and
// a change of state. "story 2" publishes it with Profile2, later and under other ids.
func publishStory(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: story [2]")
	}
	cfg := storyConfig()
	if len(args) > 0 {
		cfg.Profile = onex.Profile2
		newID, now := cfg.NewID, cfg.Now
		cfg.Now = func() time.Time { return now().Add(10 * time.Millisecond) }
		cfg.NewID = func() uuid.UUID {
			id := newID()
			id[15] = 2
			return id
		}
	}
	pub, err := onex.NewPublisher(cfg, kgo.SeedBrokers(ts.Getenv(servers)))
	ts.Check(err)
	ts.Check(tellStory(pub))
	ts.Check(pub.Close(testContext()))
}

// storyConfig has a clock on which each reading takes a millisecond.
func storyConfig() onex.Config {
	var readings, ids atomic.Int64
	begin := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	return onex.Config{
		Logger: slog.New(slog.DiscardHandler),
		Now:    func() time.Time { return begin.Add(time.Duration(readings.Add(1)) * time.Millisecond) },
		NewID: func() uuid.UUID {
			var id uuid.UUID
			binary.BigEndian.PutUint32(id[:4], uint32(ids.Add(1)))
			return id
		},
	}
}

func tellStory(pub *onex.Publisher) error {
	workflow := onex.NewNode(pub, "orchestrator-1", onex.NodeSpec{Type: "orchestrator", Service: "workflow"})
	stamping := onex.NewNode(pub, "stamper-1", onex.NodeSpec{Type: "effect", Service: "stamping"})
	run := onex.NewOperation[request, result](workflow, "run")
	stamp := onex.NewOperation[document, onex.None](stamping, "stamp")
	ctx := onex.ContextWithCorrelation(context.Background(), storyID)
	_, err := onex.Run(ctx, run, request{"good"}, func(ctx context.Context, _ request) (result, error) {
		err := onex.RunNoResult(ctx, stamp, document{"d-1", "All things flow."}, func(ctx context.Context, d document) error {
			return onex.MetricRecorded(ctx, stamping, "document_size", float64(len(d.Text)), "bytes")
		})
		if err != nil {
			return result{}, err
		}
		err = onex.RunNoResult(ctx, stamp, document{"d-2", ""}, func(context.Context, document) error {
			return errors.New("there is nothing to stamp")
		})
		if err == nil {
			return result{}, errors.New("nothing was stamped")
		}
		return result{1}, onex.StateChanged(ctx, workflow, storyID, "busy", "idle", "all is stamped")
	})
	return err
}
