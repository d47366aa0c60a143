// Package workflow holds the node that runs whole workflows.
package workflow

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/tally"
	onex "github.com/omninode-ai/onexevents/runtime"
)

//go:generate go tool onexevents

// Request asks for the documents to be stamped and counted.
type Request struct {
	Workflow  string              `json:"workflow"`
	Documents []stamping.Document `json:"documents"`
	Urgent    *bool               `json:"urgent"`
}

// Orchestrator runs workflows: it routes documents to a stamper and their
// stamps to a tally.
//
//onex:operations type=orchestrator service=workflow orchestration(Request,*tally.Totals), routing(,map[string]any)
type Orchestrator struct {
	events  *OrchestratorEvents
	stamper *stamping.Stamper
	pub     *onex.Publisher
}

// New returns an orchestrator called id, with a stamper of its own.
func New(pub *onex.Publisher, id string) *Orchestrator {
	tally.New(pub, id+"-tally") // each workflow has its own; now the publisher knows their topics
	return &Orchestrator{
		events:  NewOrchestratorEvents(pub, id),
		stamper: stamping.NewStamper(pub, "stamper-1"),
		pub:     pub,
	}
}

// Waiting reports how many workflows wait for the orchestrator.
func (o *Orchestrator) Waiting(ctx context.Context, n int) error {
	return o.events.PublishMetricRecorded(ctx, "workflows_waiting", float64(n), "count")
}

// Orchestrate runs one workflow. It takes ctx's correlation id, or starts one.
func (o *Orchestrator) Orchestrate(ctx context.Context, req Request) (*tally.Totals, error) {
	return o.events.RunOrchestration(ctx, req, o.orchestrate)
}

func (o *Orchestrator) orchestrate(ctx context.Context, req Request) (*tally.Totals, error) {
	route, err := o.events.RunRouting(ctx, func(context.Context) (map[string]any, error) {
		return map[string]any{"effect": "stamper-1", "reducer": "tally-" + req.Workflow, "documents": len(req.Documents)}, nil
	})
	if err != nil {
		return nil, err
	}
	// A failure to report is no failure of the workflow. The correlation id is ctx's.
	_ = o.events.PublishStateChanged(ctx, uuid.Nil, "idle", "running", "workflow "+req.Workflow)
	var stamps []stamping.Stamp
	for _, doc := range req.Documents {
		stamp, err := o.stamper.Stamp(ctx, doc)
		if err != nil {
			_ = o.events.PublishStateChanged(ctx, uuid.Nil, "running", "idle", "a document could not be stamped")
			return nil, fmt.Errorf("workflow %s: %w", req.Workflow, err)
		}
		stamps = append(stamps, stamp)
	}
	totals, err := tally.New(o.pub, route["reducer"].(string)).Aggregate(ctx, stamps)
	_ = o.events.PublishStateChanged(ctx, uuid.Nil, "running", "idle", "workflow "+req.Workflow+" is done")
	return totals, err
}
