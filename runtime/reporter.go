package onex

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// report is something to tell the program, of which one field is set.
type report struct {
	delivered *group         // what the client has said of it
	loss      *delivery.Lose // of an event
	message   string
	attrs     []any
	ask       bool // whether the log has delivered events
}

// reporter tells the program what has become of events: the log, and OnLoss.
// That may take time, and nobody else has any: so others only put a report
// here. What is lost stays in flight until it has been reported, or is counted
// against a bound of its own, which bounds what waits here.
type reporter struct {
	shell  *shell
	losses limiter

	debug atomic.Bool  // the log has delivered events
	asked atomic.Int64 // when that was found out, in nanoseconds of the shell's time

	mu       sync.Mutex
	reports  []report
	messages int // of the reports
	untold   int // messages that were too many
	closed   bool
	arrived  sync.Cond
	taken    sync.Cond
	done     chan struct{}
}

func newReporter(s *shell) *reporter {
	r := &reporter{shell: s, done: make(chan struct{})}
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

// waitForRoom waits while too many reports wait: for somebody who may wait, and
// whose reports nothing else bounds.
func (r *reporter) waitForRoom() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.reports) >= r.shell.cfg.MaxInFlight {
		r.taken.Wait()
	}
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
func (r *reporter) debugs() bool {
	now := int64(r.shell.now())
	if asked := r.asked.Load(); now-asked > int64(time.Second) && r.asked.CompareAndSwap(asked, math.MaxInt64) {
		r.put(report{ask: true})
	}
	return r.debug.Load()
}

func (r *reporter) ask() {
	var enabled bool
	apart(func() { enabled = r.shell.cfg.Logger.Enabled(context.Background(), slog.LevelDebug) })
	r.debug.Store(enabled)
	r.asked.Store(int64(r.shell.now()))
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
	case p.delivered != nil:
		r.delivered(p.delivered)
	case p.loss != nil:
		r.lost(*p.loss)
	default:
		r.log(slog.LevelWarn, p.message, p.attrs)
	}
}

// delivered tells of the events of a group that have arrived, and only then of
// their arrival.
func (r *reporter) delivered(g *group) {
	for i, event := range g.Events {
		if g.answers[i].Verdict == delivery.Delivered {
			e := identify(g.Topic.Name, event)
			r.log(slog.LevelDebug, "event delivered", e.attrs("partition", g.records[i].Partition, "offset", g.records[i].Offset))
		}
	}
	g.answer()
}

// lossReasons say why, for those who cannot know from Kafka's answer.
var lossReasons = map[delivery.Loss]struct {
	reason LossReason
	err    error
}{
	delivery.LossClosed:  {LossClosed, errClosedBefore},
	delivery.LossRefused: {LossRefused, nil},
	delivery.LossLetter:  {LossDeadLetter, nil},
	delivery.LossDropped: {LossDropped, errMadeRoom},
	delivery.LossEvicted: {LossEvicted, errEvicted},
	delivery.LossDamaged: {LossDamaged, errDamaged},
	delivery.LossForeign: {LossForeign, nil},
}

// lost tells of the loss of an event, and only then settles it.
func (r *reporter) lost(l delivery.Lose) {
	why := lossReasons[l.Reason]
	err := l.Err
	if err == nil {
		err = why.err
	}
	loss := newLoss(identify(l.Topic.Name, l.Event), why.reason, err)
	if held, ok := r.losses.allow(time.Now()); ok {
		attrs := loss.identity().attrs("reason", loss.Reason, "error", loss.Err)
		if held > 0 {
			attrs = append(attrs, "held_back", held)
		}
		r.log(slog.LevelWarn, "event lost", attrs)
	}
	if cause := apart(func() { r.shell.cfg.OnLoss(loss) }); cause != nil {
		r.log(slog.LevelError, "OnLoss panicked", []any{"event_id", loss.EventID, "panic", fmt.Sprint(cause)})
	}
	r.shell.tell(func(m *delivery.Machine, _ delivery.Time) { m.Reported(l) })
}

// tellHeldBack says how many losses the log has not been told of.
func (r *reporter) tellHeldBack() {
	if held := r.losses.held; held > 0 {
		r.log(slog.LevelWarn, "events lost", []any{"held_back", held})
	}
}

// log writes a line, without the secrets that its values may have.
func (r *reporter) log(level slog.Level, message string, attrs []any) {
	apart(func() {
		for i := 1; i < len(attrs); i += 2 {
			attrs[i] = r.shell.cfg.tell(attrs[i])
		}
		r.shell.cfg.Logger.Log(context.Background(), level, message, attrs...)
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
