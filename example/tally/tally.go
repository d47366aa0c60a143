// Package tally holds the node that counts stamps.
package tally

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
)

//go:generate go tool onexevents

// Phase is the state of a tally.
type Phase int

// A tally is open until the first stamp comes, then it collects, and in the
// end it is closed.
const (
	Open Phase = iota
	Collecting
	Closed
)

func (p Phase) String() string {
	return [...]string{"open", "collecting", "closed"}[p]
}

// next are the phases that can follow each phase.
var next = map[Phase][]Phase{
	Open:       {Collecting, Closed},
	Collecting: {Closed},
}

// Totals is what a tally has come to.
type Totals struct {
	Stamps    int            `json:"stamps"`
	Documents map[string]int `json:"documents"`
}

// Tally counts the stamps of one workflow.
//
//onex:operations type=reducer service=tally state=Phase metric=false aggregation([]stamping.Stamp,*Totals)
type Tally struct {
	events *TallyEvents
	phase  Phase
}

// New returns an open tally called id.
func New(pub *onex.Publisher, id string) *Tally {
	return &Tally{events: NewTallyEvents(pub, id)}
}

// Aggregate counts the stamps and closes the tally.
func (t *Tally) Aggregate(ctx context.Context, stamps []stamping.Stamp) (*Totals, error) {
	return t.events.RunAggregation(ctx, stamps, t.aggregate)
}

func (t *Tally) aggregate(ctx context.Context, stamps []stamping.Stamp) (*Totals, error) {
	if err := t.change(ctx, Collecting, "stamps have come"); err != nil {
		return nil, err
	}
	totals := &Totals{Documents: map[string]int{}}
	for _, s := range stamps {
		totals.Stamps++
		totals.Documents[s.DocumentID]++
	}
	if err := t.change(ctx, Closed, "all stamps are counted"); err != nil {
		return nil, err
	}
	return totals, nil
}

// change goes to another phase, if it can follow the present one, and tells of
// it.
func (t *Tally) change(ctx context.Context, to Phase, reason string) error {
	if !slices.Contains(next[t.phase], to) {
		return fmt.Errorf("a tally that is %s cannot become %s", t.phase, to)
	}
	from := t.phase
	t.phase = to
	// A failure to report is no failure to change. The correlation id is ctx's.
	_ = t.events.PublishStateChanged(ctx, uuid.Nil, from, to, reason)
	return nil
}
