package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// node is a simulated one.
type node struct {
	*onex.Node
	operations []operation
	state      atomic.Int32 // in states
}

// operation runs work as an operation of a node.
type operation interface {
	run(ctx context.Context, work func(context.Context) error) error
}

// typed is an operation with an input and a result like those of real ones.
type typed[In, Out any] struct {
	*onex.Operation[In, Out]
	input  In
	result Out
}

func (o typed[In, Out]) run(ctx context.Context, work func(context.Context) error) error {
	_, err := onex.Run(ctx, o.Operation, o.input, func(ctx context.Context, _ In) (Out, error) {
		return o.result, work(ctx)
	})
	return err
}

// The kinds of payloads that operations have, in turn.
type (
	document struct {
		ID      string            `json:"id"`
		Title   string            `json:"title"`
		Text    string            `json:"text"`
		Pages   int               `json:"pages"`
		Tags    []string          `json:"tags"`
		Headers map[string]string `json:"headers,omitempty"`
	}
	indexEntry struct {
		DocumentID string    `json:"document_id"`
		Terms      []string  `json:"terms"`
		Score      float64   `json:"score"`
		IndexedAt  time.Time `json:"indexed_at"`
	}
	routeRequest struct {
		From, To string
		Via      []string
		Express  bool
		Deadline time.Duration
	}
)

var (
	nodeTypes = []string{"effect", "compute", "reducer", "orchestrator"}
	states    = []string{"starting", "idle", "running", "draining", "paused"}
)

// newNode returns node number i of a fleet, with the operations of its service.
func newNode(pub *onex.Publisher, i, service, operations int) *node {
	n := &node{Node: onex.NewNode(pub, fmt.Sprintf("node-%05d", i), onex.NodeSpec{
		Type: nodeTypes[service%len(nodeTypes)], Service: fmt.Sprintf("service-%04d", service),
	})}
	for k := range operations {
		n.operations = append(n.operations, newOperation(n.Node, k))
	}
	return n
}

func newOperation(n *onex.Node, k int) operation {
	name := func(verb string) string {
		if k < 3 {
			return verb
		}
		return fmt.Sprintf("%s_%d", verb, k)
	}
	switch k % 3 {
	case 0:
		return typed[document, indexEntry]{
			onex.NewOperation[document, indexEntry](n, name("index_document")),
			document{ID: "d-1", Title: "Fragments", Text: "All things flow.", Pages: 1},
			indexEntry{DocumentID: "d-1", Score: 0.5},
		}
	case 1:
		return typed[map[string]any, float64]{
			onex.NewOperation[map[string]any, float64](n, name("score_risk")),
			map[string]any{"account": "a-1", "amount": 12.5, "currency": "EUR", "known": true, "countries": []string{"NL"}},
			0.25,
		}
	default:
		return typed[*routeRequest, []string]{
			onex.NewOperation[*routeRequest, []string](n, name("plan_route")),
			&routeRequest{From: "Ephesos", To: "Miletos", Deadline: time.Hour},
			[]string{"Ephesos", "Priene", "Miletos"},
		}
	}
}

// failures are the errors of runs that fail, in turn: a plain one, one with a
// type, and one that must not leave the process as it is.
var failures = []error{
	errors.New("no route from Ephesos to Miletos"),
	fmt.Errorf("index d-1: %w", &staleError{version: 7}),
	errors.New("dial postgres://fleet:pa55word@db/index: connection refused"),
}

type staleError struct{ version int }

func (e *staleError) Error() string { return fmt.Sprintf("version %d is stale", e.version) }
