package onex

import (
	"context"
	"sync"
	"time"
)

// watch asks the brokers whether they are there: at the start, on a suspicion,
// when nothing has been heard of them for a while, and again and again while
// they are not, so that their return is noticed without events too. And it
// tells of the changes that the monitor has found.
type watch struct {
	monitor *monitor
	ping    func(context.Context) error // asks each broker until one answers
	tell    func(Health)

	ctx  context.Context // ends with the watch
	stop context.CancelFunc
	done sync.WaitGroup
}

// How long the watch waits: after an answer, before silence worries it, and
// before it asks again in vain, at first and at most.
const (
	restAfterAnswer = time.Second
	quiet           = 15 * time.Second
	firstRetry      = 250 * time.Millisecond
	lastRetry       = 2 * time.Second
)

func startWatch(m *monitor, ping func(context.Context) error, tell func(Health)) *watch {
	w := &watch{monitor: m, ping: ping, tell: tell}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.done.Go(w.ask)
	w.done.Go(w.report)
	return w
}

// close ends the watch, once it has told of the end too. The client has to be
// retired and closed before, else this takes as long as a silent broker may.
func (w *watch) close() {
	w.monitor.close()
	w.stop()
	w.done.Wait()
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
	if f.cause == CauseOther {
		f = w.attempt()
	}
	w.monitor.conclude(f)
	return f.isNone()
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

// report tells of changes, one after the other. Of several that come while one
// is told of, it tells the last.
func (w *watch) report() {
	var told uint64
	for ended := false; !ended; {
		select {
		case <-w.monitor.changed:
		case <-w.ctx.Done():
			ended = true
		}
		h, changes := w.monitor.snapshot()
		if changes != told {
			told = changes
			w.tell(h)
		}
	}
}
