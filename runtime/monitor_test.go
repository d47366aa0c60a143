package onex

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The monitor by itself: what a broker cannot be made to show.

// testClock is a clock that a test moves on.
type testClock struct{ at time.Time }

func (c *testClock) now() time.Time { return c.at }

func (c *testClock) pass(d time.Duration) { c.at = c.at.Add(d) }

// connected returns the monitor of a client that has heard of a broker.
func connected(clock *testClock) *clientHooks {
	clock.at = time.Unix(1000, 0)
	m := newMonitor(clock.now).hooks()
	m.OnBrokerE2E(kgo.BrokerMetadata{}, keyMetadata, kgo.BrokerE2E{})
	return m
}

const keyMetadata = 3

func expect(t *testing.T, m *clientHooks, up bool, cause Cause, errs ...error) {
	t.Helper()
	h, _ := m.snapshot()
	if h.Up != up || h.Cause != cause || (h.Err == nil) != (len(errs) == 0) {
		t.Errorf("health %+v, want up %t, cause %q, errors %v", h, up, cause, errs)
	}
	for _, err := range errs {
		if !errors.Is(h.Err, err) {
			t.Errorf("error %v lacks %v", h.Err, err)
		}
	}
}

// A full disk ends being up, and if Kafka is away as well, both are told.
func TestDiskFull(t *testing.T) {
	m := connected(new(testClock))
	expect(t, m, true, "")
	full := &os.PathError{Op: "write", Path: "spool", Err: syscall.ENOSPC}
	m.disk(full)
	expect(t, m, false, CauseDiskFull, syscall.ENOSPC)
	m.conclude(fault{CauseRefused, syscall.ECONNREFUSED})
	expect(t, m, false, CauseDiskFull, syscall.ENOSPC) // a broker has been heard since it was asked
	m.beginPing()
	m.conclude(fault{CauseRefused, syscall.ECONNREFUSED})
	expect(t, m, false, CauseRefused, syscall.ECONNREFUSED, syscall.ENOSPC)
	m.disk(nil)
	expect(t, m, false, CauseRefused, syscall.ECONNREFUSED)
	m.conclude(fault{})
	expect(t, m, true, "")
	m.disk(os.ErrPermission)
	expect(t, m, false, CauseOther, os.ErrPermission)
	m.disk(context.Canceled)
	expect(t, m, false, CauseOther, os.ErrPermission)
}

// Brokers that answer and acknowledge nothing are not up for ever.
func TestNothingAcknowledged(t *testing.T) {
	var clock testClock
	m := connected(&clock)
	answer := kgo.BrokerE2E{TimeToRead: time.Millisecond}
	for range 5 {
		m.OnBrokerE2E(kgo.BrokerMetadata{}, keyProduce, answer)
		expect(t, m, true, "")
		clock.pass(time.Second)
	}
	m.OnBrokerE2E(kgo.BrokerMetadata{}, keyProduce, kgo.BrokerE2E{TimeToRead: time.Millisecond, ReadErr: io.EOF})
	expect(t, m, false, CauseTimeout, io.EOF)
	clock.pass(time.Second)
	m.OnProduceBatchWritten(kgo.BrokerMetadata{}, "t", 0, kgo.ProduceBatchMetrics{})
	expect(t, m, true, "")
	if h, _ := m.snapshot(); !h.Since.Equal(clock.at) {
		t.Errorf("up since %v, want %v", h.Since, clock.at)
	}

	// A request that is not answered, while others are acknowledged.
	lost := kgo.BrokerE2E{ReadWait: 10 * time.Second, ReadErr: os.ErrDeadlineExceeded}
	clock.pass(time.Second)
	m.OnBrokerE2E(kgo.BrokerMetadata{}, keyProduce, lost)
	expect(t, m, true, "")
	clock.pass(time.Minute)
	m.OnBrokerE2E(kgo.BrokerMetadata{}, keyProduce, lost)
	expect(t, m, false, CauseTimeout, os.ErrDeadlineExceeded)

	m.observe("t", nil)
	expect(t, m, true, "")

	// To refuse records for their own sake is not to be silent.
	for range 10 {
		clock.pass(time.Second)
		m.OnBrokerE2E(kgo.BrokerMetadata{}, keyProduce, answer)
		m.observe("t", kerr.MessageTooLarge)
	}
	expect(t, m, true, "")
}

// What promises say is about one topic, about all of them, or about nothing.
func TestObserve(t *testing.T) {
	m := connected(new(testClock))
	m.observe("a", kerr.UnknownTopicOrPartition)
	m.observe("b", kerr.TopicAuthorizationFailed)
	m.observe("c", kerr.OutOfOrderSequenceNumber)
	m.observe("d", kgo.ErrClientClosed)
	m.observe("e", kerr.MessageTooLarge)
	m.observe("f", os.ErrDeadlineExceeded)
	want := Health{Up: true, Topics: map[string]Cause{"a": CauseTopicMissing, "b": CauseAuthorization, "c": CauseOther}}
	if h, _ := m.snapshot(); !h.sameAs(want) {
		t.Errorf("health %+v, want %+v", h, want)
	}
	m.observe("a", kerr.ClusterAuthorizationFailed)
	expect(t, m, false, CauseAuthorization, kerr.ClusterAuthorizationFailed)
	for _, topic := range []string{"a", "b", "c"} {
		m.observe(topic, nil)
	}
	if h, _ := m.snapshot(); !h.sameAs(Health{Up: true}) {
		t.Errorf("health %+v", h)
	}
}

// Once a broker has answered, one that cuts a connection off is on its way
// down, and nothing is wrong with TLS or the credentials.
func TestNoGuessesLater(t *testing.T) {
	cutOff := &kgo.ErrFirstReadEOF{}
	m := newMonitor(time.Now).hooks()
	for _, want := range []struct{ made, ready Cause }{{CauseTLS, CauseAuthentication}, {CauseOther, CauseOther}} {
		clients := m.beginPing()
		m.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, cutOff)
		if f := m.explain(clients, cutOff); f.cause != want.made {
			t.Errorf("cut off while the connection was made: %v, want %s", f, want.made)
		}
		m.beginPing()
		m.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, nil)
		if f := m.explain(clients, cutOff); f.cause != want.ready {
			t.Errorf("cut off when the connection was ready: %v, want %s", f, want.ready)
		}
		m.conclude(fault{})
	}
}

// A client that is replaced lets its connections time out, of which nothing
// follows, nor from a ping by it; its successor is believed.
func TestRetiredClient(t *testing.T) {
	var clock testClock
	old := connected(&clock)
	timeout := kgo.BrokerE2E{ReadErr: os.ErrDeadlineExceeded}
	clients := old.beginPing()
	clock.pass(time.Second)
	old.retire()
	old.OnBrokerE2E(kgo.BrokerMetadata{}, keyProduce, timeout)
	old.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, os.ErrDeadlineExceeded)
	old.conclude(old.explain(clients, os.ErrDeadlineExceeded))
	expect(t, old, true, "")
	if len(old.suspicious) > 0 {
		t.Error("a retired client has made its successor suspicious")
	}
	next := old.hooks()
	next.OnBrokerE2E(kgo.BrokerMetadata{}, keyProduce, timeout)
	expect(t, next, false, CauseTimeout, os.ErrDeadlineExceeded)
}

// Before the first answer, one broker that does not answer is enough, because
// asking the others takes long too. One that refuses is not.
func TestConnecting(t *testing.T) {
	m := newMonitor(time.Now).hooks()
	expect(t, m, false, CauseConnecting, errConnecting)
	m.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, syscall.ECONNREFUSED)
	expect(t, m, false, CauseConnecting, errConnecting)
	m.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, os.ErrDeadlineExceeded)
	expect(t, m, false, CauseTimeout, os.ErrDeadlineExceeded)
}

// A single broker that fails is a reason to ask, and no more; an answer is a
// reason not to.
func TestSuspicion(t *testing.T) {
	m := connected(new(testClock))
	m.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, kgo.ErrClientClosed)
	m.OnBrokerE2E(kgo.BrokerMetadata{}, keyMetadata, kgo.BrokerE2E{ReadErr: context.Canceled})
	if len(m.suspicious) > 0 {
		t.Error("what the client has ended itself is suspicious")
	}
	for name, fail := range map[string]func(){
		"connect": func() { m.OnBrokerConnect(kgo.BrokerMetadata{}, 0, nil, syscall.ECONNREFUSED) },
		"request": func() { m.OnBrokerE2E(kgo.BrokerMetadata{}, keyMetadata, kgo.BrokerE2E{WriteErr: syscall.EPIPE}) },
	} {
		fail()
		if len(m.suspicious) == 0 {
			t.Errorf("%s: a fault is not suspicious", name)
		}
		expect(t, m, true, "")
		m.conclude(fault{})
		if len(m.suspicious) > 0 {
			t.Errorf("%s: the suspicion is left after an answer", name)
		}
	}
}

// sameAs tells whether two say the same to somebody who has to act on it.
func (h Health) sameAs(other Health) bool {
	return h.Up == other.Up && h.Cause == other.Cause && maps.Equal(h.Topics, other.Topics)
}

// What a topic costs that suffers does not depend on how many do:
//
//	go test ./runtime -run '^$' -bench SufferingTopics
func BenchmarkSufferingTopics(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := connected(new(testClock))
			topics := make([]string, n)
			for i := range topics {
				topics[i] = fmt.Sprint("t", i)
				m.observe(topics[i], kerr.UnknownTopicOrPartition)
			}
			for i := 0; b.Loop(); i++ {
				topic := topics[i%n]
				m.observe(topic, nil)
				m.observe(topic, kerr.UnknownTopicOrPartition)
			}
		})
	}
}
