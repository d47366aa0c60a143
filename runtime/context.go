package onex

import (
	"context"

	"github.com/google/uuid"
)

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
	if ctx == nil {
		ctx = context.Background()
	}
	return &scoped{ctx, s}
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
