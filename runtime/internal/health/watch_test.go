package health

import (
	"context"
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
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
		h := New(Config{}).Hooks()
		end := h.Watch(func(ctx context.Context) error {
			if len(got) == len(script) {
				<-ctx.Done()
				return ctx.Err()
			}
			err := script[len(got)].err
			got = append(got, asked{time.Since(start), err})
			return err
		}, func(s Snapshot) { told = append(told, s.Cause) })

		time.Sleep(37 * time.Second)
		h.OnBrokerConnect(broker(1), 0, nil, syscall.ECONNREFUSED)
		time.Sleep(time.Minute)
		end()
		if !slices.Equal(got, script) {
			t.Errorf("asked at\n%v, want\n%v", got, script)
		}
		if want := []Cause{"", Refused, Other, Timeout, "", Closed}; !slices.Equal(told, want) {
			t.Errorf("told of %q, want %q", told, want)
		}
	})
}

func never(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// What happens while a change is told of is told in one, after it.
func TestSlowTelling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Cause
		m := New(Config{})
		goOn := make(chan struct{})
		end := m.Watch(never, func(s Snapshot) { told = append(told, s.Cause); <-goOn })
		for _, cause := range []Cause{Refused, DNS, Timeout} {
			m.beginPing()
			m.conclude(fault{cause, io.EOF})
			synctest.Wait()
		}
		close(goOn)
		synctest.Wait()
		if want := []Cause{Refused, Timeout}; !slices.Equal(told, want) {
			t.Errorf("told of %q, want %q", told, want)
		}
		end()
	})
}

// Topics that come to suffer one after the other are told of together.
func TestTopicsAreToldTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []int
		h := New(Config{}).Hooks()
		end := h.Watch(never, func(s Snapshot) { told = append(told, len(s.Topics)) })
		h.OnBrokerE2E(broker(1), keyMetadata, kgo.BrokerE2E{})
		h.acknowledged("well", nobody)
		synctest.Wait()
		for i := range 300 {
			h.Failed(fmt.Sprint(i), kerr.UnknownTopicOrPartition)
			if i%30 == 0 {
				synctest.Wait()
			}
		}
		time.Sleep(time.Second)
		end()
		if want := []int{0, 300, 300}; !slices.Equal(told, want) {
			t.Errorf("told of so many topics: %v, want %v", told, want)
		}
	})
}

// A disk that hangs shows although nobody says anything.
func TestTimePasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Cause
		h := New(Config{SpoolAfter: time.Second}).Hooks()
		end := h.Watch(never, func(s Snapshot) { told = append(told, s.Cause) })
		h.OnBrokerE2E(broker(1), keyMetadata, kgo.BrokerE2E{})
		synctest.Wait()
		h.Disk("a write to the spool", true)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if want := []Cause{"", DiskHangs}; !slices.Equal(told, want) {
			t.Errorf("told of %q, want %q", told, want)
		}
		end()
	})
}
