package health

import (
	"context"
	"sync"
	"time"
)

// watch asks the brokers whether they are there: at the start, on a suspicion,
// when nothing has been heard of them for a while, and again and again while
// they are not, so that their return is noticed without events too. It lets the
// Monitor's time pass, and tells of the changes that the Monitor has found.
type watch struct {
	monitor *Monitor
	ping    func(context.Context) error // asks each broker until one answers
	tell    func(Snapshot)

	ctx  context.Context // ends with the watch
	stop context.CancelFunc
	done sync.WaitGroup
}

// How long the watch waits: after an answer, before silence worries it, and
// before it asks again in vain, at first and at most; between looks at the clock;
// and for further topics, when only one or another suffers.
const (
	restAfterAnswer = time.Second
	quiet           = 15 * time.Second
	firstRetry      = 250 * time.Millisecond
	lastRetry       = 2 * time.Second
	tick            = 500 * time.Millisecond
	gather          = 100 * time.Millisecond
)

// Watch starts to ask the brokers, by ping, and to tell of changes, one after the
// other: of several that come while one is told of, it tells the last. close ends
// it, with the Monitor, and returns when the end has been told of too. The client
// has to be closed before, else close takes as long as a silent broker may.
func (m *Monitor) Watch(ping func(context.Context) error, tell func(Snapshot)) (close func()) {
	w := &watch{monitor: m, ping: ping, tell: tell}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.done.Go(w.ask)
	w.done.Go(w.pass)
	w.done.Go(w.report)
	return func() {
		m.Close()
		w.stop()
		w.done.Wait()
	}
}

func (w *watch) ask() {
	retry := firstRetry
	for w.ctx.Err() == nil {
		if !w.check() {
			w.pause(retry, nil)
			retry = min(2*retry, lastRetry)
			continue
		}
		retry = firstRetry
		w.pause(restAfterAnswer, nil)
		for w.pause(quiet, w.monitor.suspicious) && w.monitor.wasHeard() {
		}
	}
}

// check asks all brokers. What it cannot explain it asks again: connections
// that have been dead for long end like that, and are then made anew.
func (w *watch) check() (up bool) {
	f := w.attempt()
	if f.cause == Other {
		f = w.attempt()
	}
	return w.monitor.conclude(f)
}

func (w *watch) attempt() fault {
	clients := w.monitor.beginPing()
	return w.monitor.explain(clients, w.ping(w.ctx))
}

// pause waits, and tells whether it was for all the time.
func (w *watch) pause(d time.Duration, wake <-chan struct{}) (whole bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-wake:
	case <-w.ctx.Done():
	}
	return false
}

// pass lets the Monitor's time pass.
func (w *watch) pass() {
	for w.pause(tick, nil) {
		w.monitor.Tick()
	}
}

// report tells of changes.
func (w *watch) report() {
	told := Snapshot{Cause: "nothing"}
	for ended := false; !ended; {
		select {
		case <-w.monitor.changed:
		case <-w.ctx.Done():
			ended = true
		}
		s := w.monitor.Snapshot()
		if s.Cause == told.Cause && s.Change != told.Change && w.pause(gather, nil) {
			s = w.monitor.Snapshot() // when one topic suffers, others are about to
		}
		if s.Change != told.Change {
			told = s
			w.tell(s)
		}
	}
}
