package onex

import (
	"context"
	"io"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Brokers are asked at the start, after half a minute of silence, again and
// again while they are away, and on a suspicion. What cannot be explained is
// asked twice before it is believed. The clock is the bubble's.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		type asked struct {
			at  time.Duration
			err error
		}
		const ms = time.Millisecond
		script := []asked{
			{0, io.EOF},
			{0, nil},
			{31_000 * ms, syscall.ECONNREFUSED},
			{31_250 * ms, io.EOF},
			{31_250 * ms, io.EOF},
			{31_750 * ms, context.DeadlineExceeded},
			{32_750 * ms, context.Canceled},
			{34_750 * ms, context.DeadlineExceeded},
			{36_750 * ms, nil},
			{37_750 * ms, nil}, // the suspicion below
			{68_750 * ms, nil},
		}
		var got []asked
		var told []Cause
		m := newMonitor(time.Now).hooks()
		w := startWatch(m.monitor, func(ctx context.Context) error {
			if len(got) == len(script) {
				<-ctx.Done()
				return ctx.Err()
			}
			err := script[len(got)].err
			got = append(got, asked{time.Since(start), err})
			return err
		}, func(h Health) { told = append(told, h.Cause) })

		time.Sleep(37 * time.Second)
		m.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, syscall.ECONNREFUSED)
		time.Sleep(time.Minute)
		w.close()
		if !slices.Equal(got, script) {
			t.Errorf("asked at\n%v, want\n%v", got, script)
		}
		if want := []Cause{"", CauseRefused, CauseOther, CauseTimeout, "", CauseClosed}; !slices.Equal(told, want) {
			t.Errorf("told of %q, want %q", told, want)
		}
	})
}

// What happens while a change is told of is told in one, after it.
func TestSlowTelling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Cause
		m := newMonitor(time.Now).hooks()
		goOn := make(chan struct{})
		w := startWatch(m.monitor, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			func(h Health) { told = append(told, h.Cause); <-goOn })
		for _, cause := range []Cause{CauseRefused, CauseDNS, CauseTimeout} {
			m.beginPing()
			m.conclude(fault{cause, io.EOF})
			synctest.Wait()
		}
		close(goOn)
		synctest.Wait()
		if want := []Cause{CauseRefused, CauseTimeout}; !slices.Equal(told, want) {
			t.Errorf("told of %q, want %q", told, want)
		}
		w.close()
	})
}
