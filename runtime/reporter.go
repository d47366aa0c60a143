package onex

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// report is something to tell the program: that an event was delivered or
// lost, or a message.
type report struct {
	lane   *lane
	event  *event
	record *kgo.Record // if the event was delivered

	reason  LossReason // if it was lost
	err     error
	settled bool // the ledger counts it as lost already
	dropped bool // it had to make room

	message string // if there is no event
	attrs   []any

	ask bool // whether the log has delivered events
}

// reporter tells the program what has become of events: the log, and OnLoss.
// That may take time, and nobody else has any: so others only put a report
// here. A lost event stays in flight until it has been reported, or is counted
// against a bound of its own, which bounds what waits here.
type reporter struct {
	intake *intake
	logger *slog.Logger
	onLoss func(Loss)
	losses limiter

	mask          func(string) string
	maxErrorBytes int

	debug atomic.Bool  // the log has delivered events
	asked atomic.Int64 // when that was found out, in Unix nanoseconds
	limit int          // of reports that wait, for those who can wait themselves

	mu       sync.Mutex
	reports  []report
	messages int // of the reports
	untold   int // messages that were too many
	closed   bool
	arrived  sync.Cond
	taken    sync.Cond
	done     chan struct{}
}

func newReporter(in *intake, cfg Config) *reporter {
	r := &reporter{intake: in, logger: cfg.Logger, onLoss: cfg.OnLoss, mask: cfg.Mask, maxErrorBytes: cfg.MaxErrorBytes, limit: cfg.MaxInFlight, done: make(chan struct{})}
	r.arrived.L, r.taken.L = &r.mu, &r.mu
	r.ask()
	return r
}

func (r *reporter) put(p report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reports = append(r.reports, p)
	r.arrived.Signal()
}

// putWhenRoom waits while too many reports wait: for somebody who may wait, and
// whose reports nothing else bounds.
func (r *reporter) putWhenRoom(p report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.reports) >= r.limit {
		r.taken.Wait()
	}
	r.reports = append(r.reports, p)
	r.arrived.Signal()
}

// warn puts a message at WARN, unless too many are waiting: then the next one
// that is put says how many were not.
func (r *reporter) warn(message string, attrs ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.messages >= perSecond {
		r.untold++
		return
	}
	if r.untold > 0 {
		attrs = append(attrs, "held_back", r.untold)
	}
	r.messages, r.untold = r.messages+1, 0
	r.reports = append(r.reports, report{message: message, attrs: attrs})
	r.arrived.Signal()
}

// debugs tells whether the program's log has delivered events too, as it was a
// moment ago: to ask is to run the program's code, which only the reporter does.
func (r *reporter) debugs(at time.Time) bool {
	now := at.UnixNano()
	if asked := r.asked.Load(); now-asked > int64(time.Second) && r.asked.CompareAndSwap(asked, math.MaxInt64) {
		r.put(report{ask: true})
	}
	return r.debug.Load()
}

func (r *reporter) ask() {
	var enabled bool
	apart(func() { enabled = r.logger.Enabled(context.Background(), slog.LevelDebug) })
	r.debug.Store(enabled)
	r.asked.Store(time.Now().UnixNano())
}

func (r *reporter) run() {
	defer close(r.done)
	var spare []report
	for {
		batch := r.take(spare)
		if len(batch) == 0 {
			r.tellHeldBack()
			return
		}
		for _, p := range batch {
			r.report(p)
		}
		clear(batch)
		spare = batch
	}
}

// take waits for reports and returns all that there are; none at the end.
func (r *reporter) take(spare []report) []report {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.reports) == 0 && !r.closed {
		r.arrived.Wait()
	}
	batch := r.reports
	r.reports = spare[:0]
	r.messages = 0
	r.taken.Broadcast()
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

func (r *reporter) report(p report) {
	switch {
	case p.ask:
		r.ask()
	case p.event == nil:
		r.log(slog.LevelWarn, p.message, p.attrs)
	case p.record != nil:
		e := identify(p.lane.topic, p.event)
		r.log(slog.LevelDebug, "event delivered", e.attrs("partition", p.record.Partition, "offset", p.record.Offset))
		r.intake.delivered(p.lane, p.event)
	default:
		r.lost(p)
	}
}

// lost tells of the loss of an event, and only then settles it.
func (r *reporter) lost(p report) {
	loss := newLoss(identify(p.lane.topic, p.event), p.reason, p.err)
	if held, ok := r.losses.allow(time.Now()); ok {
		attrs := loss.identity().attrs("reason", loss.Reason, "error", loss.Err)
		if held > 0 {
			attrs = append(attrs, "held_back", held)
		}
		r.log(slog.LevelWarn, "event lost", attrs)
	}
	if cause := apart(func() { r.onLoss(loss) }); cause != nil {
		r.log(slog.LevelError, "OnLoss panicked", []any{"event_id", loss.EventID, "panic", fmt.Sprint(cause)})
	}
	if !p.settled {
		r.intake.lost(p.lane, p.event)
	}
	if p.dropped {
		r.intake.reported()
	}
}

// tellHeldBack says how many losses the log has not been told of.
func (r *reporter) tellHeldBack() {
	if held := r.losses.held; held > 0 {
		r.log(slog.LevelWarn, "events lost", []any{"held_back", held})
	}
}

// log writes a line, without the secrets that errors may have.
func (r *reporter) log(level slog.Level, message string, attrs []any) {
	apart(func() {
		for i, a := range attrs {
			if err, ok := a.(error); ok {
				attrs[i] = encode.Cut(r.mask(err.Error()), r.maxErrorBytes)
			}
		}
		r.logger.Log(context.Background(), level, message, attrs...)
	})
}

// limiter holds back what comes too often: more than a hundred in a second.
type limiter struct {
	since time.Time // the second began
	n     int       // in it
	held  int       // since the last one that was allowed
}

const perSecond = 100

// allow tells whether one more may pass, and how many were held back before it.
func (l *limiter) allow(now time.Time) (held int, ok bool) {
	if now.Sub(l.since) >= time.Second {
		l.since, l.n = now, 0
	}
	if l.n >= perSecond {
		l.held++
		return 0, false
	}
	l.n++
	held, l.held = l.held, 0
	return held, true
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
