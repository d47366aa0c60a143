package receive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// Dispatch calls the handlers of the record's event, again and again if they fail and
// [Retry] says so. It returns nil when the record is done with: handled, skipped,
// handled before, or a dead letter. With an error it is not, and its offset must not be
// committed; so it is when ctx ends.
//
// A handler that has returned nil is not called again for the sake of another one, as
// long as Dispatch has not returned.
func (m *Mux) Dispatch(ctx context.Context, r Record) error {
	env, err := envelope.DecodeAny(r.Value)
	if err != nil {
		return m.end(ctx, failure{record: r, what: undecodable, err: err, isOnTheBus: true})
	}
	e := received{record: r, envelope: env, event: env.Event()}
	e.event.Type = cmp.Or(e.event.Type, topics.EventType(r.Topic)) // as Python's consumer does
	fail := failure{record: r, event: e.event, isOnTheBus: isV2(env)}
	calls, err := m.calls(&e)
	switch {
	case err != nil:
		fail.what, fail.err = undecodable, err
		return m.end(ctx, fail)
	case len(calls) == 0:
		fail.what, fail.err = unknown, errUnknown
		return m.end(ctx, fail)
	}
	store := m.store
	if e.event.ID == uuid.Nil {
		store = nil // it would be the same event as all others without an id
	}
	if store != nil {
		end, err := m.alone(ctx, e.event.ID)
		if err != nil {
			return fail.wrap("wait for another goroutine that handles it", err)
		}
		defer end()
		if handled, err := store.Handled(ctx, e.event.ID); err != nil || handled {
			return fail.wrap("ask whether it was handled", err)
		}
	}
	for _, call := range calls {
		fail.attempts, fail.err = m.try(onex.ContextWithEvent(ctx, env), call)
		if fail.err != nil {
			return m.end(ctx, fail.classified())
		}
	}
	if store != nil {
		return fail.wrap("note that it was handled", store.Done(ctx, e.event.ID))
	}
	return nil
}

// alone waits until no other goroutine handles the event, which the store cannot know of
// yet, until end is called or ctx ends.
func (m *Mux) alone(ctx context.Context, eventID uuid.UUID) (end func(), err error) {
	own := make(chan struct{})
	for {
		other, isTaken := m.inFlight.LoadOrStore(eventID, own)
		if !isTaken {
			return func() { m.inFlight.Delete(eventID); close(own) }, nil
		}
		select {
		case <-other.(chan struct{}):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

var errUnknown = errors.New("there is no handler for its type")

// type2 returns what Profile2 makes of the event's type, "" if that is not said.
func (e *received) type2() string {
	if env, ok := e.envelope.(*envelope.V2); ok && env.EventType != nil {
		return *env.EventType
	}
	return ""
}

func isV2(env envelope.Envelope) bool {
	_, is := env.(*envelope.V2)
	return is
}

// calls returns the calls of all handlers of an event.
func (m *Mux) calls(e *received) (calls []func(context.Context) error, err error) {
	for _, r := range m.routes {
		if !matches(r.pattern, e.event.Type) && !matches(r.pattern, e.type2()) {
			continue
		}
		call, err := r.accept(e)
		if err != nil {
			return nil, err
		}
		if call != nil {
			calls = append(calls, call)
		}
	}
	return calls, nil
}

// try calls a handler until it returns nil, or panics, or has been called often
// enough, or ctx ends.
func (m *Mux) try(ctx context.Context, call func(context.Context) error) (attempts int, err error) {
	pause := m.first
	for attempts = 1; ; attempts++ {
		err = safely(ctx, call)
		if err == nil || attempts >= m.attempts || isPanic(err) {
			return attempts, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return attempts, errors.Join(ctx.Err(), err)
		}
		pause = min(2*pause, m.most)
	}
}

func isPanic(err error) bool {
	_, is := errors.AsType[*PanicError](err)
	return is
}

// safely calls a handler so that its panic is an error.
func safely(ctx context.Context, call func(context.Context) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &PanicError{cause, debug.Stack()}
		}
	}()
	return call(ctx)
}

// outcome is why a record was not handled.
type outcome int

const (
	unknown outcome = iota
	undecodable
	panicked
	failed
	outcomes
)

// failure is a record that was not handled.
type failure struct {
	record   Record
	event    envelope.Event // the zero Event if it could not be read
	what     outcome
	attempts int
	err      error

	// isOnTheBus: a topic that is called onex.evt.… is one of Profile2. It is for all
	// but an OnexEnvelopeV1.
	isOnTheBus bool
}

// classified says whether it was a panic.
func (f failure) classified() failure {
	f.what = failed
	if isPanic(f.err) {
		f.what = panicked
	}
	return f
}

// wrap says of an error which record it was about; nil stays nil.
func (f failure) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	name := "a record"
	if f.event.ID != uuid.Nil {
		name = f.event.Type + " " + f.event.ID.String()
	}
	return fmt.Errorf("receive: %s of %s[%d] at %d: %s: %w", name, f.record.Topic, f.record.Partition, f.record.Offset, what, err)
}

// end does with the record what the program has said.
func (m *Mux) end(ctx context.Context, f failure) error {
	doing := [outcomes]string{unknown: "find a handler", undecodable: "decode", panicked: "handle", failed: "handle"}[f.what]
	policy := m.policies[f.what]
	if policy == byDefault {
		policy = m.defaultOf(f.what)
	}
	switch {
	case ctx.Err() != nil && f.what == failed:
		return f.wrap(doing, f.err) // it may have failed for that alone
	case policy == Skip:
		return nil
	case policy == DeadLetter:
		return f.wrap("make it a dead letter", m.bury(ctx, f))
	}
	return f.wrap(doing, f.err)
}

func (m *Mux) defaultOf(what outcome) Policy {
	switch {
	case what == unknown:
		return Skip
	case m.letters != nil:
		return DeadLetter
	}
	return Error
}
