package onex

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// EventOption adds to one event what its publish method has no argument for, or
// with [ContextWith] to all events that are published under a context. What an event
// has been given itself comes before what its context says.
type EventOption func(*eventOptions)

type eventOptions struct {
	metadata      map[string]any
	correlationID *uuid.UUID
	causationID   string
	partitionKey  string
	durable       bool
}

// collect adds what the options say to o. It is on the heap meanwhile.
func collect(o eventOptions, opts []EventOption) eventOptions {
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
		// A new map, since the one that is there may be a context's.
		all := make(map[string]any, len(o.metadata)+len(m))
		maps.Copy(all, o.metadata)
		maps.Copy(all, m)
		o.metadata = all
	}
}

// WithCorrelationID gives a metric a correlation id, in place of the one in
// its context. The other events take theirs as an argument: with them, another
// id in the option than in the argument is an error, unless the argument is
// uuid.Nil.
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

// scope is what a context says of the events that are published under it.
type scope struct {
	correlationID uuid.UUID // uuid.Nil if there is none
	causationID   string    // of the run's started event, or of what was received
	durable       bool      // events are durable
	extra         *extra    // what few contexts have; nil for most
	run           *RunInfo  // the operation that runs; nil outside of one
}

// extra is shared by the scopes that have it, and does not change.
type extra struct {
	metadata     map[string]any
	partitionKey string
}

// RunInfo says of a Run which operation of which node it is; see Config.OnRun.
type RunInfo struct {
	NodeID, NodeType string
	Service          string
	Operation        string
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
// e's correlation id; if e has none, ctx's. A nil e says nothing.
func ContextWithEvent(ctx context.Context, e ReceivedEvent) context.Context {
	s, cause := scopeOf(ctx), envelope.Event{}
	_ = guest.Safely(func() { cause = e.Event() }) // of a nil one too
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

// LogHandler returns a handler that gives h each line with what its context says:
// correlation_id and causation_id, and inside of a Run node_id and operation. These
// four stand at the top of the line, outside of groups; what the program itself logs
// there under one of these keys takes its place. A line whose context says
// nothing goes to h as it is, and so do those that are logged without a context.
//
//	slog.SetDefault(slog.New(onex.LogHandler(slog.NewJSONHandler(os.Stderr, nil))))
//	…
//	slog.InfoContext(ctx, "stamped")
func LogHandler(h slog.Handler) slog.Handler { return &logHandler{top: h, all: h} }

type logHandler struct {
	top slog.Handler // before the first group
	all slog.Handler
	own []slog.Attr // the program's, of top

	grouped []func(slog.Handler) slog.Handler // what makes all of top
}

func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.all.Enabled(ctx, level)
}

func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	attrs := logAttrs(scopeOf(ctx))
	if len(attrs) > 0 {
		attrs = slices.DeleteFunc(attrs, func(a slog.Attr) bool { return h.has(r, a.Key) })
	}
	switch {
	case len(attrs) == 0:
		return h.all.Handle(ctx, r)
	case len(h.grouped) == 0:
		r = r.Clone()
		r.AddAttrs(attrs...)
		return h.all.Handle(ctx, r)
	}
	all := h.top.WithAttrs(attrs)
	for _, with := range h.grouped {
		all = with(all)
	}
	return all.Handle(ctx, r)
}

// has tells whether the program has a key of its own at the top of a line.
func (h *logHandler) has(r slog.Record, key string) (has bool) {
	has = slices.ContainsFunc(h.own, func(a slog.Attr) bool { return a.Key == key })
	if len(h.grouped) == 0 {
		r.Attrs(func(a slog.Attr) bool {
			has = has || a.Key == key
			return !has
		})
	}
	return has
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(h.grouped) == 0 {
		with := h.all.WithAttrs(attrs)
		return &logHandler{top: with, all: with, own: slices.Concat(h.own, attrs)}
	}
	return h.group(func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.group(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (h *logHandler) group(with func(slog.Handler) slog.Handler) slog.Handler {
	return &logHandler{top: h.top, all: with(h.all), own: h.own, grouped: append(slices.Clip(h.grouped), with)}
}

func logAttrs(s scope) (attrs []slog.Attr) {
	if s.correlationID != uuid.Nil {
		attrs = append(attrs, slog.String("correlation_id", s.correlationID.String()))
	}
	if s.causationID != "" {
		attrs = append(attrs, slog.String("causation_id", s.causationID))
	}
	if s.run != nil {
		attrs = append(attrs, slog.String("node_id", s.run.NodeID), slog.String("operation", s.run.Operation))
	}
	return attrs
}
