package onex

import (
	"context"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// scope is what a context says of the events that are published under it.
type scope struct {
	correlationID uuid.UUID // uuid.Nil if there is none
	causationID   string    // of the run's started event, or of what was received
	durable       bool      // events are durable
	extra         *extra    // what few contexts have; nil for most
	run           *named    // the operation that runs; nil outside of one
}

// extra is shared by the scopes that have it, and does not change.
type extra struct {
	metadata     map[string]any
	partitionKey string
}

// named is an operation of a node, as log lines name it.
type named struct{ nodeID, operation string }

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

// orBackground returns a context for those who have none.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// options returns what the scope gives an event that has no options of its own.
func (s *scope) options() (o eventOptions) {
	if s.extra != nil {
		o.metadata, o.partitionKey = s.extra.metadata, s.extra.partitionKey
	}
	return o
}

// ContextWith returns a context under which every event is published as if it had
// the options: those of the runs too, which have none of their own, and of the runs
// inside them. They add to what ctx says already; of a metadata key, and of
// whatever else there can be one of, the last value counts.
//
// [WithCorrelationID] is that of what has none as its own: of runs, of metrics, and
// of other events whose argument is uuid.Nil. With uuid.Nil itself there is none any
// more. [WithCausationID] names the cause of what is not inside of a further run.
//
// What an option gets wrong, such as metadata that are no JSON, the publish methods
// say. Values in metadata are encoded with every event, and must not change.
func ContextWith(ctx context.Context, opts ...EventOption) context.Context {
	s := scopeOf(ctx)
	o := collect(s.options(), opts)
	if o.correlationID != nil {
		s.correlationID = *o.correlationID
	}
	if o.causationID != "" {
		s.causationID = o.causationID
	}
	s.durable = s.durable || o.durable
	if o.metadata != nil || o.partitionKey != "" {
		s.extra = &extra{o.metadata, o.partitionKey}
	}
	return withScope(ctx, s)
}

// ContextWithCorrelation is [ContextWith] a correlation id, such as one that came
// with a request. The Run methods hand it on by themselves.
func ContextWithCorrelation(ctx context.Context, id uuid.UUID) context.Context {
	return ContextWith(ctx, WithCorrelationID(id))
}

// ContextWithDurable is [ContextWith] the option [Durable].
func ContextWithDurable(ctx context.Context) context.Context {
	return ContextWith(ctx, Durable())
}

// ReceivedEvent is an event that was read: an *envelope.V1, an *envelope.V2, or what
// else has their method.
type ReceivedEvent interface{ Event() envelope.Event }

// ContextWithEvent returns a context under which everything is caused by e, and has
// e's correlation id; if e has none, ctx's.
func ContextWithEvent(ctx context.Context, e ReceivedEvent) context.Context {
	s, cause := scopeOf(ctx), e.Event()
	if cause.ID != uuid.Nil {
		s.causationID = cause.ID.String()
	}
	if cause.CorrelationID != uuid.Nil {
		s.correlationID = cause.CorrelationID
	}
	return withScope(ctx, s)
}

// CorrelationFromContext returns the correlation id that ctx carries, for the
// publish methods that take one. ok is false if there is none.
func CorrelationFromContext(ctx context.Context) (id uuid.UUID, ok bool) {
	s := scopeOf(ctx)
	return s.correlationID, s.correlationID != uuid.Nil
}
