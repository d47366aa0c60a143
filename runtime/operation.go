package onex

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// None is the input of an operation that takes none, and the result of one
// that has none. Its summary is empty. It is for generated code.
type None struct{}

// Operation publishes the lifecycle of one operation of a node. It is for
// generated code, and safe for concurrent use. A nil Operation refuses every
// event.
type Operation[In, Out any] struct {
	node                       *Node
	name                       string
	started, completed, failed channel
}

// NewOperation returns the node's operation of the given name. It never
// fails. It is for generated code.
func NewOperation[In, Out any](n *Node, name string) *Operation[In, Out] {
	o := &Operation[In, Out]{node: n, name: name}
	if n != nil && n.pub != nil {
		o.started = n.channel(envelope.OperationStarted{Operation: name})
		o.completed = n.channel(envelope.OperationCompleted{Operation: name})
		o.failed = n.channel(envelope.OperationFailed{Operation: name})
	}
	return o
}

// Started publishes that the operation has started on input, of which the
// event has the summary.
func (o *Operation[In, Out]) Started(ctx context.Context, correlationID uuid.UUID, input In, opts ...EventOption) error {
	return o.publishStarted(ctx, o.owner().newID(), correlationID, input, opts)
}

// Completed publishes that the operation has returned result, of which the
// event has the summary, and took elapsed.
func (o *Operation[In, Out]) Completed(ctx context.Context, correlationID uuid.UUID, result Out, elapsed time.Duration, opts ...EventOption) error {
	return o.publishCompleted(ctx, o.owner().newID(), correlationID, result, elapsed, opts)
}

// Failed publishes that the operation has returned failure and took elapsed.
// The event has the failure's type and its text, with secrets masked and cut
// to Config.MaxErrorBytes.
func (o *Operation[In, Out]) Failed(ctx context.Context, correlationID uuid.UUID, failure error, elapsed time.Duration, opts ...EventOption) error {
	return o.publishFailed(ctx, o.owner().newID(), correlationID, failure, elapsed, opts)
}

// The publish methods do the same for an event whose id is given.

func (o *Operation[In, Out]) publishStarted(ctx context.Context, id, correlationID uuid.UUID, input In, opts []EventOption) error {
	n := o.owner()
	if n == nil {
		return ErrNoPublisher
	}
	return n.publish(ctx, id, o.started, opts, func(d *draft) (envelope.Payload, error) {
		correlationID, err := d.required(correlationID)
		if err != nil {
			return nil, err
		}
		return envelope.OperationStarted{
			Operation: o.name, CorrelationID: correlationID, NodeID: n.id, StartedAt: d.at,
			InputSummary: envelope.Summarize(input), Metadata: d.metadata,
		}, nil
	})
}

func (o *Operation[In, Out]) publishCompleted(ctx context.Context, id, correlationID uuid.UUID, result Out, elapsed time.Duration, opts []EventOption) error {
	n := o.owner()
	if n == nil {
		return ErrNoPublisher
	}
	return n.publish(ctx, id, o.completed, opts, func(d *draft) (envelope.Payload, error) {
		correlationID, ms, err := d.ended(correlationID, elapsed)
		if err != nil {
			return nil, err
		}
		return envelope.OperationCompleted{
			Operation: o.name, CorrelationID: correlationID, NodeID: n.id, CompletedAt: d.at,
			ExecutionTimeMS: ms, ResultSummary: envelope.Summarize(result), Metadata: d.metadata,
		}, nil
	})
}

func (o *Operation[In, Out]) publishFailed(ctx context.Context, id, correlationID uuid.UUID, failure error, elapsed time.Duration, opts []EventOption) error {
	n := o.owner()
	if n == nil {
		return ErrNoPublisher
	}
	return n.publish(ctx, id, o.failed, opts, func(d *draft) (envelope.Payload, error) {
		if failure == nil {
			return nil, errors.New("the error is nil; publish that the operation completed")
		}
		correlationID, ms, err := d.ended(correlationID, elapsed)
		if err != nil {
			return nil, err
		}
		kind, text := n.pub.cfg.describe(failure)
		return envelope.OperationFailed{
			Operation: o.name, CorrelationID: correlationID, NodeID: n.id, FailedAt: d.at,
			ExecutionTimeMS: ms, ErrorType: kind, ErrorMessage: text, Metadata: d.metadata,
		}, nil
	})
}

// owner returns the operation's node, nil for an operation that was not made
// by NewOperation.
func (o *Operation[In, Out]) owner() *Node {
	if o == nil {
		return nil
	}
	return o.node
}

// ended checks what the events have in common that end an operation, and
// returns the correlation id and the time in milliseconds.
func (d *draft) ended(correlationID uuid.UUID, elapsed time.Duration) (uuid.UUID, float64, error) {
	if elapsed < 0 {
		return uuid.Nil, 0, fmt.Errorf("the elapsed time is negative: %v", elapsed)
	}
	id, err := d.required(correlationID)
	return id, float64(elapsed) / float64(time.Millisecond), err
}
