package onex

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
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

	info RunInfo

	// The summaries of all inputs and all results; nil if they differ.
	input, result []byte
}

// NewOperation returns the node's operation of the given name. It never
// fails. It is for generated code.
func NewOperation[In, Out any](n *Node, name string) *Operation[In, Out] {
	return NewOperationVersion[In, Out](n, name, 1)
}

// NewOperationVersion is [NewOperation] for events of a later version: their
// topics end in .v2 and so on instead of .v1, and their event_version is "2.0".
// It is for generated code.
func NewOperationVersion[In, Out any](n *Node, name string, version int) *Operation[In, Out] {
	o := &Operation[In, Out]{
		node: n, name: name,
		input:  envelope.SummaryJSON(reflect.TypeFor[In]()),
		result: envelope.SummaryJSON(reflect.TypeFor[Out]()),
	}
	if n != nil {
		o.info = RunInfo{n.id, n.spec.Type, n.spec.Service, name}
	}
	if n != nil && n.pub != nil {
		o.started = n.channel(envelope.OperationStarted{Operation: name}, version)
		o.completed = n.channel(envelope.OperationCompleted{Operation: name}, version)
		o.failed = n.channel(envelope.OperationFailed{Operation: name}, version)
	}
	return o
}

// Started publishes that the operation has started on input, of which the
// event has the summary.
func (o *Operation[In, Out]) Started(ctx context.Context, correlationID uuid.UUID, input In, opts ...EventOption) error {
	return o.publishStarted(ctx, o.owner().newID(), o.owner().now(), correlationID, input, opts)
}

// Completed publishes that the operation has returned result, of which the
// event has the summary, and took elapsed.
func (o *Operation[In, Out]) Completed(ctx context.Context, correlationID uuid.UUID, result Out, elapsed time.Duration, opts ...EventOption) error {
	return o.publishCompleted(ctx, o.owner().newID(), o.owner().now(), correlationID, result, elapsed, opts)
}

// Failed publishes that the operation has returned failure and took elapsed.
// The event has the failure's type and its text, with secrets masked and cut
// to Config.MaxErrorBytes. The type is what a method ErrorType() string says, if
// failure or an error that it wraps has one; else the name of the innermost type
// that tells something.
func (o *Operation[In, Out]) Failed(ctx context.Context, correlationID uuid.UUID, failure error, elapsed time.Duration, opts ...EventOption) error {
	return o.publishFailed(ctx, o.owner().newID(), o.owner().now(), correlationID, failure, elapsed, opts)
}

// The publish methods do the same for an event whose id and time are given.

func (o *Operation[In, Out]) publishStarted(ctx context.Context, id uuid.UUID, at time.Time, correlationID uuid.UUID, input In, opts []EventOption) (err error) {
	n := o.owner()
	if n == nil {
		return ErrNoPublisher
	}
	defer n.refuse(&o.started, &err)
	d, err := n.draft(ctx, id, at, &o.started, opts)
	if err != nil {
		return err
	}
	if correlationID, err = d.require(correlationID); err != nil {
		return err
	}
	s := encode.NewScratch()
	s.Started = envelope.OperationStarted{
		Operation: o.name, CorrelationID: correlationID, NodeID: n.id, StartedAt: d.at, InputJSON: o.input, Metadata: d.metadata,
	}
	if o.input == nil {
		s.Started.InputJSON = s.Summarize(input, n.pub.cfg.MaxEventBytes)
	}
	return n.send(ctx, &o.started, &d, s, &s.Started)
}

func (o *Operation[In, Out]) publishCompleted(ctx context.Context, id uuid.UUID, at time.Time, correlationID uuid.UUID, result Out, elapsed time.Duration, opts []EventOption) (err error) {
	n := o.owner()
	if n == nil {
		return ErrNoPublisher
	}
	defer n.refuse(&o.completed, &err)
	d, err := n.draft(ctx, id, at, &o.completed, opts)
	if err != nil {
		return err
	}
	correlationID, ms, err := d.ended(correlationID, elapsed)
	if err != nil {
		return err
	}
	s := encode.NewScratch()
	s.Completed = envelope.OperationCompleted{
		Operation: o.name, CorrelationID: correlationID, NodeID: n.id, CompletedAt: d.at,
		ExecutionTimeMS: ms, ResultJSON: o.result, Metadata: d.metadata,
	}
	if o.result == nil {
		s.Completed.ResultJSON = s.Summarize(result, n.pub.cfg.MaxEventBytes)
	}
	return n.send(ctx, &o.completed, &d, s, &s.Completed)
}

func (o *Operation[In, Out]) publishFailed(ctx context.Context, id uuid.UUID, at time.Time, correlationID uuid.UUID, failure error, elapsed time.Duration, opts []EventOption) (err error) {
	n := o.owner()
	if n == nil {
		return ErrNoPublisher
	}
	defer n.refuse(&o.failed, &err)
	d, err := n.draft(ctx, id, at, &o.failed, opts)
	if err != nil {
		return err
	}
	if failure == nil {
		return errors.New("the error is nil; publish that the operation completed")
	}
	correlationID, ms, err := d.ended(correlationID, elapsed)
	if err != nil {
		return err
	}
	kind, text := n.pub.cfg.describe(failure)
	s := encode.NewScratch()
	s.Failed = envelope.OperationFailed{
		Operation: o.name, CorrelationID: correlationID, NodeID: n.id, FailedAt: d.at,
		ExecutionTimeMS: ms, ErrorType: kind, ErrorMessage: text, Metadata: d.metadata,
	}
	return n.send(ctx, &o.failed, &d, s, &s.Failed)
}

// owner returns the operation's node, nil for an operation that was not made
// by NewOperation.
func (o *Operation[In, Out]) owner() *Node {
	if o == nil {
		return nil
	}
	return o.node
}

// running says of a run which operation it is; nil for one that was not made by
// NewOperation.
func (o *Operation[In, Out]) running() *RunInfo {
	if o.owner() == nil {
		return nil
	}
	return &o.info
}

// ended checks what the events have in common that end an operation, and
// returns their correlation id and the time in milliseconds.
func (d *draft) ended(argument uuid.UUID, elapsed time.Duration) (correlationID uuid.UUID, ms float64, err error) {
	if elapsed < 0 {
		return uuid.Nil, 0, fmt.Errorf("the elapsed time is negative: %v", elapsed)
	}
	correlationID, err = d.require(argument)
	return correlationID, float64(elapsed) / float64(time.Millisecond), err
}
