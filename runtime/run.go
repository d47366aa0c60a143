package onex

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// Run runs fn as an operation and returns what it returns. It publishes
// started, and then exactly one of completed and failed: failed if fn returns
// an error, and also if it panics, which goes on after that, or ends its
// goroutine. The type of a failure is said as in [Operation.Failed], or is "panic".
// Events that cannot be published are logged at WARN and change
// nothing else; the end of ctx is fn's business, and keeps no event back.
//
// The events have ctx's correlation id, or else a new one, and whatever else
// [ContextWith] has given ctx. The context that fn
// gets carries it on, and makes what is published under it name the run's
// started event as its cause, as completed and failed do themselves.
//
// It is for generated code.
func Run[In, Out any](ctx context.Context, op *Operation[In, Out], input In, fn func(context.Context, In) (Out, error)) (result Out, err error) {
	r := begin(ctx, op, input)
	defer r.died(&err)
	result, err = fn(&r.ctx, input)
	r.returned(result, err)
	return result, err
}

// RunNoResult is [Run] for an operation without a result, for generated code.
func RunNoResult[In any](ctx context.Context, op *Operation[In, None], input In, fn func(context.Context, In) error) error {
	_, err := Run(ctx, op, input, func(ctx context.Context, input In) (None, error) {
		return None{}, fn(ctx, input)
	})
	return err
}

// RunNoInput is [Run] for an operation without an input, for generated code.
func RunNoInput[Out any](ctx context.Context, op *Operation[None, Out], fn func(context.Context) (Out, error)) (Out, error) {
	return Run(ctx, op, None{}, func(ctx context.Context, _ None) (Out, error) {
		return fn(ctx)
	})
}

// RunBare is [Run] for an operation with neither input nor result, for generated code.
func RunBare(ctx context.Context, op *Operation[None, None], fn func(context.Context) error) error {
	_, err := Run(ctx, op, None{}, func(ctx context.Context, _ None) (None, error) {
		return None{}, fn(ctx)
	})
	return err
}

// Also makes of fn, which a later version of an operation runs, one that publishes
// the events of an earlier version as well, with the input that old makes of its
// own; so that the consumers of both are served for a time:
//
//	return events.RunStampV2(ctx, doc, onex.Also(events.RunStamp, DocumentV2.Old, s.stamp))
//
// The earlier version's events lie between those of the later, and name its started
// event as their cause. If old panics, that is logged at WARN to slog's default, and
// fn runs without the earlier version's events.
func Also[In, Old, Out any](run func(context.Context, Old, func(context.Context, Old) (Out, error)) (Out, error), old func(In) Old, fn func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, input In) (Out, error) {
		var earlier Old
		if failure := guest.Safely(func() { earlier = old(input) }); failure != nil {
			_ = guest.Safely(func() {
				slog.Warn("the events of an operation's earlier version are not published", "error", MaskSecrets(failure.Error()))
			})
			return fn(ctx, input)
		}
		return run(ctx, earlier, func(ctx context.Context, _ Old) (Out, error) { return fn(ctx, input) })
	}
}

// run is one run of an operation, between its started event and its last one.
type run[In, Out any] struct {
	op    *Operation[In, Out]
	ctx   scoped // fn's
	start time.Time
	end   func(error) // what Config.OnRun has returned, or nil
	over  bool        // fn has returned
}

func begin[In, Out any](ctx context.Context, op *Operation[In, Out], input In) *run[In, Out] {
	n := op.owner()
	s := scopeOf(ctx)
	if s.correlationID == uuid.Nil {
		s.correlationID = n.newID()
	}
	s.run = op.running()
	var end func(error)
	if n != nil && n.pub != nil && n.pub.cfg.OnRun != nil {
		ctx, end = n.onRun(ctx, s)
		s = scopeOf(ctx)
	}
	id := n.newID()
	s.causationID = id.String()
	r := &run[In, Out]{op: op, ctx: *withScope(ctx, s), start: n.now(), end: end}
	err := op.publishStarted(ctx, id, r.start, s.correlationID, input, nil)
	r.check(id, "started", err)
	return r
}

// onRun asks the program's own function for the context of a run and for what is to be
// told of its end.
func (n *Node) onRun(ctx context.Context, s scope) (_ context.Context, end func(error)) {
	ctx = withScope(ctx, s)
	with := ctx
	failure := n.pub.asked.Call(func() {
		if with, end = n.pub.cfg.OnRun(ctx, *s.run); with == nil {
			with = ctx
		}
		if got := scopeOf(with); got.run != s.run || got.correlationID == uuid.Nil { // it was not made from ctx
			with = withScope(with, s)
		}
	})
	if failure != nil {
		n.pub.complain("Config.OnRun panicked", "node_id", n.id, "operation", s.run.Operation, "panic", failure)
		return ctx, nil
	}
	return with, end
}

// tell tells the program's own function how the run has ended.
func (r *run[In, Out]) tell(err error) {
	if r.end == nil {
		return
	}
	if failure := guest.Safely(func() { r.end(err) }); failure != nil {
		r.op.owner().pub.complain("what Config.OnRun has returned panicked", append(r.op.attrs(), "panic", failure)...)
	}
}

// returned publishes how the run has ended.
func (r *run[In, Out]) returned(result Out, err error) {
	r.over = true
	defer r.tell(err)
	if err != nil {
		r.failed(err)
		return
	}
	id, end := r.op.owner().newID(), r.op.owner().now()
	r.check(id, "completed", r.op.publishCompleted(&r.ctx, id, end, r.ctx.scope.correlationID, result, r.elapsed(end), nil))
}

// died, deferred, publishes that fn did not return, and lets its panic go on
// with the value that it has.
func (r *run[In, Out]) died(err *error) {
	if r.over {
		return
	}
	if cause := recover(); cause != nil {
		r.failed(panicked{cause})
		r.tell(panicked{cause})
		panic(cause)
	}
	// Nobody will see this error, unless it was panic(nil), which recover has
	// ended (GODEBUG=panicnil=1).
	*err = goexit{}
	r.failed(*err)
	r.tell(*err)
}

func (r *run[In, Out]) failed(failure error) {
	id, end := r.op.owner().newID(), r.op.owner().now()
	r.check(id, "failed", r.op.publishFailed(&r.ctx, id, end, r.ctx.scope.correlationID, failure, r.elapsed(end), nil))
}

func (r *run[In, Out]) elapsed(end time.Time) time.Duration {
	// A clock that goes backwards must not cost the event.
	return max(0, end.Sub(r.start))
}

// check logs what the run's caller is not told.
func (r *run[In, Out]) check(id uuid.UUID, stage string, err error) {
	if err == nil {
		return
	}
	attrs := append(r.op.attrs(), "event_id", id, "stage", stage, "correlation_id", r.ctx.scope.correlationID, "error")
	if n := r.op.owner(); n != nil && n.pub != nil {
		n.pub.complain(notPublished, append(attrs, err)...)
		return
	}
	orphans.Lock()
	held, ok := orphans.allow(time.Now())
	orphans.Unlock()
	if ok {
		_ = guest.Safely(func() { slog.Warn(notPublished, heldBack(append(attrs, MaskSecrets(err.Error())), held)...) })
	}
}

const notPublished = "event not published"

// orphans bounds what the default log is told of runs that have no publisher.
var orphans struct {
	sync.Mutex
	limiter
}

// attrs are how a log line names the operation.
func (o *Operation[In, Out]) attrs() []any {
	if o == nil || o.node == nil {
		return nil
	}
	return []any{"node_id", o.node.id, "operation", o.name}
}

// goexit and panicked are the failures of operations that did not return.
type (
	goexit   struct{}
	panicked struct{ value any }
)

func (goexit) Error() string     { return "the operation ended its goroutine (runtime.Goexit)" }
func (goexit) ErrorType() string { return "goexit" }

func (p panicked) Error() string   { return guest.Text(p.value) }
func (panicked) ErrorType() string { return "panic" }
