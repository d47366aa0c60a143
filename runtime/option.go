package onex

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// EventOption adds to one event what its publish method has no argument for.
type EventOption func(*eventOptions)

type eventOptions struct {
	metadata      map[string]any
	correlationID *uuid.UUID
	causationID   string
	partitionKey  string
	durable       bool
}

// collect returns what the options add. They are on the heap meanwhile.
func collect(opts []EventOption) (o eventOptions) {
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}

// WithMetadata sets the payload's "metadata": the caller's own facts, encoded
// by encoding/json with sorted keys. Several of them add up; of a key that
// comes twice the last value counts. An empty map leaves metadata out.
func WithMetadata(m map[string]any) EventOption {
	return func(o *eventOptions) {
		if o.metadata == nil {
			o.metadata = map[string]any{}
		}
		maps.Copy(o.metadata, m)
	}
}

// WithCorrelationID gives a metric a correlation id, in place of the one in
// its context. The other events take theirs as an argument: with them, another
// id in the option than in the argument is an error.
func WithCorrelationID(id uuid.UUID) EventOption {
	return func(o *eventOptions) { o.correlationID = &id }
}

// WithCausationID names the event that caused this one, in place of the run
// in whose context it is published. "" changes nothing.
func WithCausationID(id string) EventOption {
	return func(o *eventOptions) { o.causationID = id }
}

// WithPartitionKey sets the envelope's partition_key, which then is the
// record's key in place of the correlation id. "" changes nothing.
func WithPartitionKey(key string) EventOption {
	return func(o *eventOptions) { o.partitionKey = key }
}

// Durable makes the publish method return only when the event is on disk, in
// the spool: from then on it survives the process and the machine. It waits for
// the disk, not for Kafka, and whatever becomes of its context, but for no more than
// about five seconds. Without
// Config.Spool the method returns [ErrNoSpool]; if the event cannot be written,
// it returns the reason, and the publisher has not taken responsibility.
//
// An operation whose started event is durable is reported as failed, with the
// error type ProcessLost, by the next publisher with the same spool, if the
// process ends before the operation does; and by this one, if nobody has ended the operation
// a week later.
func Durable() EventOption {
	return func(o *eventOptions) { o.durable = true }
}

// check reports the options that are too long.
func (o *eventOptions) check() error {
	return errors.Join(
		encode.Name("the causation id", o.causationID),
		encode.Name("the partition key", o.partitionKey),
	)
}

// require checks the correlation id of an event that has to have one.
func (o *eventOptions) require(argument uuid.UUID) error {
	if argument == uuid.Nil {
		return ErrNoCorrelation
	}
	if o.correlationID != nil && *o.correlationID != argument {
		return errors.New("WithCorrelationID contradicts the correlation id in the arguments; leave the option out")
	}
	return nil
}

// optional returns the correlation id of an event that can do without, nil if
// it has none: the option's, or else ctx's.
func (o *eventOptions) optional(ctx context.Context) (*uuid.UUID, error) {
	if o.correlationID != nil {
		if *o.correlationID == uuid.Nil {
			return nil, fmt.Errorf("WithCorrelationID: %w", ErrNoCorrelation)
		}
		return o.correlationID, nil
	}
	if id, ok := CorrelationFromContext(ctx); ok {
		kept := id // which is on the heap, and only here
		return &kept, nil
	}
	return nil, nil
}

// scope is what a context says of the events that are published under it.
type scope struct {
	correlationID uuid.UUID // uuid.Nil if there is none
	causationID   string    // of the run's started event; "" outside of a run
	durable       bool      // events are durable
}

type scopeKey struct{}

// scoped is a context with a scope.
type scoped struct {
	context.Context
	scope scope
}

func (c *scoped) Value(key any) any {
	if key == (scopeKey{}) {
		return &c.scope
	}
	return c.Context.Value(key)
}

func scopeOf(ctx context.Context) scope {
	if ctx == nil {
		return scope{} // wrong, but no reason to panic in somebody's operation
	}
	if s, ok := ctx.Value(scopeKey{}).(*scope); ok {
		return *s
	}
	return scope{}
}

func withScope(ctx context.Context, s scope) *scoped {
	return &scoped{orBackground(ctx), s}
}

// ContextWithCorrelation returns a context whose runs and metrics have the
// correlation id id, such as one that came with a request. The Run methods
// hand it on by themselves.
func ContextWithCorrelation(ctx context.Context, id uuid.UUID) context.Context {
	s := scopeOf(ctx)
	s.correlationID = id
	return withScope(ctx, s)
}

// CorrelationFromContext returns the correlation id that ctx carries, for the
// publish methods that take one. ok is false if there is none.
func CorrelationFromContext(ctx context.Context) (id uuid.UUID, ok bool) {
	s := scopeOf(ctx)
	return s.correlationID, s.correlationID != uuid.Nil
}

// ContextWithDurable returns a context under which every event is published
// with [Durable]: those of the runs too, which have no options, and of the runs
// inside them.
func ContextWithDurable(ctx context.Context) context.Context {
	s := scopeOf(ctx)
	s.durable = true
	return withScope(ctx, s)
}

// orBackground returns a context for those who have none.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}
