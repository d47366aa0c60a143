package onex

import (
	"context"
	"log/slog"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// report is something to tell the program, of which one field is set.
type report struct {
	delivered *group         // what the client has said of it
	loss      *delivery.Lose // of an event
	letter    *DeadLetter
	message   string
	attrs     []any
	ask       bool // whether the log has delivered events
}

// reporter tells the program what has become of events: the log, OnLoss and
// OnDeadLetter. That may take time, and nobody else has any: so others only put a
// report here. What is lost stays in flight until it has been reported, or is
// counted against a bound of its own, which bounds what waits here.
//
// Each of the program's functions has a caller of its own, which does not wait for
// what does not return.
type reporter struct {
	shell   *shell
	losses  limiter
	letters limiter

	lines, masking, onLoss, onDeadLetter, onHealth guest.Caller

	debug atomic.Bool  // the log has delivered events
	asked atomic.Int64 // when that was found out, in nanoseconds of the shell's time

	waiting atomic.Int64 // reports

	mu       sync.Mutex
	reports  []report
	messages int // of the reports
	untold   int // messages that were too many
	told     int // dead letters of the reports
	closed   bool
	arrived  sync.Cond
	taken    sync.Cond
	done     chan struct{}

	complaints map[string]*limiter // by their messages, which are few
}

func newReporter(s *shell) *reporter {
	r := &reporter{shell: s, done: make(chan struct{}), complaints: map[string]*limiter{}}
	r.arrived.L, r.taken.L = &r.mu, &r.mu
	r.lines = guest.Caller{Limit: perSecond, LeftOut: r.leftOut("the log")}
	r.masking = guest.Caller{Limit: 1}
	r.onLoss = guest.Caller{Limit: s.cfg.MaxInFlight, Failed: r.failed("OnLoss"), LeftOut: r.leftOut("OnLoss")}
	r.onDeadLetter = guest.Caller{Limit: s.cfg.MaxInFlight, Failed: r.failed("OnDeadLetter"), LeftOut: r.leftOut("OnDeadLetter")}
	r.onHealth = guest.Caller{Limit: 1, Failed: r.failed("OnHealth")}
	r.ask()
	return r
}

func (r *reporter) put(p report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.putLocked(p)
}

func (r *reporter) putLocked(p report) {
	r.reports = append(r.reports, p)
	r.waiting.Store(int64(len(r.reports)))
	r.arrived.Signal()
}

// failed and leftOut are told of calls for which the reporter does not wait.

func (r *reporter) failed(what string) func(error) {
	return func(failure error) { r.log(slog.LevelError, what+" panicked", []any{"panic", failure}) }
}

func (r *reporter) leftOut(what string) func(int) {
	return func(n int) { r.warn(what+" has not returned for long, and was not told all", "held_back", n) }
}

// putLetter puts that an event has become a dead letter. While the program takes
// its time over as many as may be in flight, others are left out.
func (r *reporter) putLetter(l *letter, rec *kgo.Record) {
	told := l.told(rec)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told >= r.shell.cfg.MaxInFlight {
		r.letters.held++
		return
	}
	r.told++
	r.putLocked(report{letter: &told})
}

// complain tells of what has happened to a caller, such as an event that a Run method
// could not publish. Its operation goes on meanwhile.
func (r *reporter) complain(message string, attrs []any) {
	r.mu.Lock()
	limit := r.complaints[message]
	if limit == nil {
		limit = &limiter{}
		r.complaints[message] = limit
	}
	held, ok := limit.allow(time.Now())
	attrs = heldBack(attrs, held)
	closed := r.closed
	if ok && !closed {
		r.putLocked(report{message: message, attrs: attrs})
	}
	r.mu.Unlock()
	if ok && closed {
		r.log(slog.LevelWarn, message, attrs)
	}
}

// waitForRoom waits while too many reports wait: for somebody who may wait, and
// whose reports nothing else bounds.
func (r *reporter) waitForRoom() {
	if r.waiting.Load() < int64(r.shell.cfg.MaxInFlight) {
		return
	}
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
	r.putLocked(report{message: message, attrs: attrs})
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
	_ = r.lines.Call(func() { r.debug.Store(r.shell.cfg.Logger.Enabled(context.Background(), slog.LevelDebug)) })
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
	r.messages, r.told = 0, 0
	r.waiting.Store(0)
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
	case p.letter != nil:
		r.deadLettered(*p.letter)
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
			r.log(slog.LevelDebug, "event delivered", e.attrs("partition", g.sent.Records[i].Partition, "offset", g.sent.Records[i].Offset))
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
		r.log(slog.LevelWarn, "event lost", heldBack(loss.identity().attrs("reason", loss.Reason, "error", loss.Err), held))
	}
	r.call(&r.onLoss, "OnLoss", func() { r.shell.cfg.OnLoss(loss) }, "event_id", loss.EventID)
	r.shell.tell(func(m *delivery.Machine, _ delivery.Time) { m.Reported(l) })
}

// deadLettered tells of a dead letter.
func (r *reporter) deadLettered(d DeadLetter) {
	r.mu.Lock()
	held, ok := r.letters.allow(time.Now())
	r.mu.Unlock()
	if ok {
		e := identity{d.EventID, d.EventType, d.CorrelationID, d.Topic}
		r.log(slog.LevelWarn, "event dead-lettered", heldBack(e.attrs(
			"dead_letter_topic", d.DeadLetterTopic, "partition", d.Partition, "offset", d.Offset, "reason", d.Reason), held))
	}
	r.call(&r.onDeadLetter, "OnDeadLetter", func() { r.shell.cfg.OnDeadLetter(d) }, "event_id", d.EventID)
}

// health tells of a change of the health: the log, and OnHealth.
func (r *reporter) health(log, onHealth func()) {
	_ = r.lines.Call(log)
	r.call(&r.onHealth, "OnHealth", onHealth)
}

// call calls one of the program's functions, and says if it fails or does not
// return.
func (r *reporter) call(c *guest.Caller, what string, f func(), about ...any) {
	switch failure := c.Call(f); failure {
	case nil, guest.ErrBusy:
	case guest.ErrLate:
		r.log(slog.LevelWarn, what+" does not return; what comes after waits for it", about)
	default:
		r.log(slog.LevelError, what+" panicked", append(about, "panic", failure))
	}
}

func heldBack(attrs []any, n int) []any {
	if n > 0 {
		attrs = append(attrs, "held_back", n)
	}
	return attrs
}

// tellHeldBack says how many events the log has not been told of.
func (r *reporter) tellHeldBack() {
	for _, x := range []struct {
		message string
		of      *limiter
	}{{"events lost", &r.losses}, {"events dead-lettered", &r.letters}} {
		if held := r.takeHeld(x.of); held > 0 {
			r.log(slog.LevelWarn, x.message, []any{"held_back", held})
		}
	}
	r.mu.Lock()
	complaints := maps.Clone(r.complaints)
	r.mu.Unlock()
	for _, message := range slices.Sorted(maps.Keys(complaints)) {
		if held := r.takeHeld(complaints[message]); held > 0 {
			r.log(slog.LevelWarn, "more lines were held back", []any{"line", message, "held_back", held})
		}
	}
}

func (r *reporter) takeHeld(of *limiter) (held int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	held, of.held = of.held, 0
	return held
}

// log writes a line, without the secrets that its values may have.
func (r *reporter) log(level slog.Level, message string, attrs []any) {
	_ = r.lines.Call(func() {
		r.shell.cfg.Logger.Log(context.Background(), level, message, r.shell.cfg.told(attrs)...)
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
