package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Option changes what [Open] does by default.
type Option func(*options)

type options struct {
	maxBytes int64
	maxAge   time.Duration
	now      func() time.Time
	onDamage func(Damage)
	wait     time.Duration
}

// MaxBytes bounds the events in the spool, and the operations that are not
// finished, by the sum of their sizes. When there are more, the oldest events
// are dropped. The file is larger, because its pages are not full: by a fifth with
// events of 1 KB, and at worst, with ones a little larger than half a page of
// 4 KiB, it is twice that. Default 1 GiB.
func MaxBytes(n int64) Option { return func(o *options) { o.maxBytes = n } }

// MaxAge bounds how long events stay. Those that were accepted before that are
// dropped by the next Append, which need not have events itself. A clock that is
// set meanwhile drops none. Operations stay until they are finished. 0 is no
// bound. Default 7 days.
func MaxAge(d time.Duration) Option { return func(o *options) { o.maxAge = d } }

// OnDamage is called when the spool has found damage and dealt with it, before
// the method returns that has found it, on its goroutine. It may use the
// spool, except from within Open. Default: it is logged as an error with
// [slog.Default].
func OnDamage(f func(Damage)) Option { return func(o *options) { o.onDamage = f } }

// Wait is how long [Open] waits for another process to release the spool, as one does
// that is being replaced. Default 0: not at all.
func Wait(d time.Duration) Option { return func(o *options) { o.wait = d } }

// Now is the clock, for tests. Default [time.Now].
func Now(f func() time.Time) Option { return func(o *options) { o.now = f } }

func newOptions(opts []Option) (options, error) {
	o := options{maxBytes: 1 << 30, maxAge: 7 * 24 * time.Hour, now: time.Now, onDamage: logDamage}
	for _, opt := range opts {
		opt(&o)
	}
	var faults []error
	if o.maxBytes <= 0 {
		faults = append(faults, fmt.Errorf("%d bytes is no room; give MaxBytes a positive number", o.maxBytes))
	}
	if o.maxAge < 0 {
		faults = append(faults, fmt.Errorf("%s is no age; give MaxAge a positive duration, or 0 for no bound", o.maxAge))
	}
	if o.wait < 0 {
		faults = append(faults, fmt.Errorf("%s is no time to wait; give Wait a positive duration, or leave it out", o.wait))
	}
	if o.now == nil || o.onDamage == nil {
		faults = append(faults, errors.New("a nil function was given; leave the option out for its default"))
	}
	return o, errors.Join(faults...)
}

func logDamage(d Damage) {
	slog.Error("spool damaged", "error", d.Err, "moved_to", d.MovedTo, "kept", d.Kept, "lost", d.Lost)
}
