package onex

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// outcome is what the client says of an event in the end.
type outcome struct {
	item   item
	record *kgo.Record
	err    error // nil if it was delivered
}

// reporter tells the program what has become of events: the log, and OnLoss.
// That may take time, and the client's progress waits for its promises; so a
// promise only puts an outcome here. An event that is to be reported stays in
// flight until it has been, which bounds what waits here.
type reporter struct {
	intake *intake
	logger *slog.Logger
	onLoss func(Loss)

	mu       sync.Mutex
	outcomes []outcome
	closed   bool
	arrived  sync.Cond
	done     chan struct{}
}

func newReporter(in *intake, cfg Config) *reporter {
	r := &reporter{intake: in, logger: cfg.Logger, onLoss: cfg.OnLoss, done: make(chan struct{})}
	r.arrived.L = &r.mu
	return r
}

func (r *reporter) put(o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes = append(r.outcomes, o)
	r.arrived.Signal()
}

func (r *reporter) run() {
	defer close(r.done)
	var spare []outcome
	for {
		batch := r.take(spare)
		if len(batch) == 0 {
			return
		}
		for _, o := range batch {
			r.report(o)
		}
		clear(batch)
		spare = batch
	}
}

// take waits for outcomes and returns all that there are; none at the end.
func (r *reporter) take(spare []outcome) []outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.outcomes) == 0 && !r.closed {
		r.arrived.Wait()
	}
	batch := r.outcomes
	r.outcomes = spare[:0]
	return batch
}

// close ends the reporter's goroutine once it has reported what it has.
func (r *reporter) close() {
	r.mu.Lock()
	r.closed = true
	r.arrived.Signal()
	r.mu.Unlock()
	<-r.done
}

// report tells of one event, and only then settles it.
func (r *reporter) report(o outcome) {
	e := identify(o.item)
	if o.err == nil {
		apart(func() {
			r.logger.Debug("event delivered", e.attrs("partition", o.record.Partition, "offset", o.record.Offset)...)
		})
		r.intake.settle(o.item, delivered)
		return
	}
	loss := newLoss(e, o.err)
	apart(func() { r.logger.Warn("event lost", e.attrs("reason", loss.Reason, "error", loss.Err)...) })
	if cause := apart(func() { r.onLoss(loss) }); cause != nil {
		apart(func() { r.logger.Error("OnLoss panicked", "event_id", e.id, "panic", fmt.Sprint(cause)) })
	}
	r.intake.settle(o.item, lost)
}

// safely runs code of the user's whose panic must not end the process, and
// returns the panic's value.
func safely(f func()) (cause any) {
	defer func() { cause = recover() }()
	f()
	return nil
}

// apart runs code of the user's safely on a goroutine of its own, so that not
// even runtime.Goexit ends the caller's, as a failing test in a callback would.
func apart(f func()) (cause any) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		cause = safely(f)
	}()
	<-done
	return cause
}
