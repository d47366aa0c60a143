package health

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Hooks are what one client tells the Monitor, which relies on this: an attempt
// to connect to a broker sends the requests ApiVersions, SASLHandshake and
// SASLAuthenticate, of which OnBrokerE2E is told one after the other, and then
// OnBrokerConnect of how all of it ended. OnProduceBatchWritten follows
// OnBrokerE2E if Kafka has acknowledged what a produce request brought, and
// OnBrokerThrottle comes in between.
type Hooks struct {
	*Monitor

	inSASL  map[int32]bool // by broker: the connection being made has come as far as SASL; under the Monitor's lock
	retired atomic.Bool
}

var _ = []kgo.Hook{
	kgo.HookBrokerConnect((*Hooks)(nil)), kgo.HookBrokerE2E((*Hooks)(nil)),
	kgo.HookProduceBatchWritten((*Hooks)(nil)), kgo.HookBrokerThrottle((*Hooks)(nil)),
}

// Hooks returns the hooks for a client that is to be made.
func (m *Monitor) Hooks() *Hooks {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.born = m.elapsed()
	return &Hooks{Monitor: m, inSASL: map[int32]bool{}}
}

// Retire ends the client's word, before it is closed: a client that closes lets
// its connections time out.
func (h *Hooks) Retire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.retired.Store(true)
	h.clients++
	// Its successor has connections of its own, on which nobody has to wait.
	h.throttle = throttle{}
	h.recomposeLocked()
}

var (
	keyProduce      = kmsg.Produce.Int16()
	keyApiVersions  = kmsg.ApiVersions.Int16()
	keyHandshake    = kmsg.SASLHandshake.Int16()
	keyAuthenticate = kmsg.SASLAuthenticate.Int16()
)

// isSeed tells whether a broker is one of those that the program names, and
// whose own address is not known yet.
func isSeed(node int32) bool { return node < 0 }

// nobody is no node, as far as is known.
const nobody = -1

// trouble is a fault of a connection to one broker.
type trouble struct {
	fault
	node int32
}

// OnBrokerConnect is for the client.
func (h *Hooks) OnBrokerConnect(broker kgo.BrokerMetadata, _ time.Duration, conn net.Conn, err error) {
	cause, ok := CauseOf(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.retired.Load() {
		return
	}
	inSASL := h.inSASL[broker.NodeID]
	delete(h.inSASL, broker.NodeID)
	h.ping.connect = fault{}
	if err == nil && h.trouble.node == broker.NodeID {
		h.trouble = trouble{}
	}
	if !ok {
		return
	}
	f := fault{cause, err}
	switch {
	case inSASL && cause == Other && isCutOff(err):
		f = fault{Authentication, fmt.Errorf("the broker closed the connection instead of accepting the credentials: %w", err)}
	case inSASL && cause == Other: // of the mechanism's own, such as a token that cannot be had
		f.cause = Authentication
	case !h.answered && conn == nil && cause == Other && isCutOff(err): // by a dialer that reads
		f = fault{TLS, fmt.Errorf("the broker closed the connection during the TLS handshake; its port may be one without TLS: %w", err)}
	case h.answered && is[*kgo.ErrFirstReadEOF](err):
		f.cause = Other // a broker on its way down; one side without TLS has been so from the beginning
	}
	h.ping.connect = f
	if !isSeed(broker.NodeID) {
		h.ping.advertised = f
	}
	if h.trouble.isNone() || isSeed(h.trouble.node) || !isSeed(broker.NodeID) {
		h.trouble = trouble{f, broker.NodeID}
		h.calm.Store(false)
	}
	if cause == Timeout && h.connection.cause == Connecting {
		h.connection = f // to ask the others may take as long for each
		h.recomposeLocked()
	}
	wake(h.suspicious)
}

// OnBrokerE2E is for the client.
func (h *Hooks) OnBrokerE2E(broker kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	err := e2e.Err()
	if h.retired.Load() {
		return
	}
	if err == nil {
		h.latency.Store(int64(e2e.DurationE2E()))
	}
	if err == nil && h.calm.Load() && key != keyApiVersions && key != keyHandshake && key != keyAuthenticate {
		h.noteHeard(broker.NodeID)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch key {
	case keyApiVersions:
		delete(h.inSASL, broker.NodeID)
		return
	case keyHandshake, keyAuthenticate:
		h.inSASL[broker.NodeID] = true
		return
	case keyProduce:
		h.producedLocked(broker.NodeID, e2e.DurationE2E(), err)
	}
	if err == nil {
		h.hearLocked(broker.NodeID)
	} else if _, ok := CauseOf(err); ok {
		wake(h.suspicious)
	}
}

// OnProduceBatchWritten is for the client.
func (h *Hooks) OnProduceBatchWritten(broker kgo.BrokerMetadata, topic string, _ int32, _ kgo.ProduceBatchMetrics) {
	h.acknowledged(topic, broker.NodeID)
}

// OnBrokerThrottle is for the client.
func (h *Hooks) OnBrokerThrottle(broker kgo.BrokerMetadata, wait time.Duration, _ bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.retired.Load() || wait < Throttled.after() {
		return // which costs time and nothing else
	}
	h.throttle = throttle{
		fault: fault{Throttled, fmt.Errorf("a broker makes the publisher wait for %v, as its quota is used up", wait.Round(time.Second))},
		node:  broker.NodeID,
		until: h.elapsed() + min(wait, longestThrottle),
	}
	h.recomposeLocked()
}

// hearLocked takes an answer that needs a connection on which all is well.
func (m *Monitor) hearLocked(node int32) {
	m.noteHeard(node)
	m.answered = true
	m.throttle.end(m.elapsed())
	m.connection = fault{}
	if !isSeed(node) {
		m.advertised = fault{}
	}
	m.recomposeLocked()
}

func (m *Monitor) noteHeard(node int32) {
	m.heard.Store(true)
	if !isSeed(node) {
		m.heardNode.Store(true)
	}
}

// producedLocked is told of a produce request that has ended, before it is known
// whether the answer, if there is one, acknowledges anything. While others are
// acknowledged, one that is not proves nothing.
func (m *Monitor) producedLocked(node int32, took time.Duration, err error) {
	now := m.elapsed()
	switch {
	case err == nil && m.throttle.node == node:
		m.throttle.answers++
	case err != nil && isTimeout(err) && time.Duration(m.settled.Load()) <= now-took && m.silence.isNone():
		m.silence, m.silentAt = fault{Timeout, fmt.Errorf("no answer to a produce request: %w", err)}, now
		m.recomposeLocked()
	}
}

// isCutOff tells whether the other side has ended the connection.
func isCutOff(err error) bool {
	return isAny(err, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE)
}

// throttle is how long a broker makes the publisher wait that has used up its
// quota. The client sends nothing on the connection on which it was told so.
type throttle struct {
	fault
	node    int32
	until   time.Duration // stays when it is over
	answers int           // to produce requests since then
}

// longestThrottle is how long a client waits at the most, whatever it is told: a
// connection on which nothing happens is given up, and nobody has to wait on the
// next one.
const longestThrottle = time.Minute

// came tells whether an acknowledgement of a node has come together with the
// order to wait, and says nothing about its end.
func (t throttle) came(node int32) bool { return t.cause != "" && node == t.node && t.answers == 0 }

// end ends it when its time is over, without waiting for an acknowledgement, as
// there may be no further events.
func (t *throttle) end(now time.Duration) {
	if t.cause != "" && now >= t.until {
		t.fault = fault{}
	}
}

// ping is what a ping of all brokers consists of.
type ping struct {
	connect    fault // of the last attempt to connect to any broker
	advertised fault // of the last one to a broker at the address that it gives itself
}

// Explain pings, and says why that fails and what to do about it; nil if it does
// not fail.
func (m *Monitor) Explain(ping func() error) error {
	clients := m.beginPing()
	f := m.explain(clients, ping())
	return Told(f.cause, f.err)
}

// Told returns an error with its cause, and what to do about it.
func Told(cause Cause, err error) error {
	switch remedy := cause.Remedy(); {
	case cause == "":
		return err
	case remedy == "":
		return fmt.Errorf("%s: %w", cause, err)
	default:
		return fmt.Errorf("%s: %w; %s", cause, err, remedy)
	}
}

// beginPing and explain stand around a ping; explain returns what is wrong if
// it has failed with err: a fault without cause if that says nothing, as when
// its client was retired meanwhile. The attempts to connect that the ping
// consists of know more than its error says.
func (m *Monitor) beginPing() (clients int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ping = ping{}
	m.heard.Store(false)
	m.heardNode.Store(false)
	return m.clients
}

func (m *Monitor) explain(clients int, err error) fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	cause, ok := CauseOf(err)
	switch {
	case err != nil && (!ok || clients != m.clients):
		return fault{err: err}
	case m.ping.connect.err != nil && errors.Is(m.ping.connect.err, err):
		return m.ping.connect
	case is[*kgo.ErrFirstReadEOF](err) && m.answered:
		return fault{Other, err}
	case is[*kgo.ErrFirstReadEOF](err):
		return fault{Authentication, fmt.Errorf("the broker closed the connection instead of answering; it may want credentials: %w", err)}
	}
	return fault{cause, err}
}

// conclude takes what is wrong with all brokers, and tells whether nothing is. If
// one has been heard meanwhile, what was wrong is so no longer.
func (m *Monitor) conclude(f fault) (up bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !f.isNone() {
		if f.cause != "" && !m.heard.Load() {
			m.connection = f
			m.recomposeLocked()
		}
		return false
	}
	m.hearLocked(nobody)
	m.advertised = fault{}
	if a := m.ping.advertised; a.cause != "" && !m.heardNode.Load() {
		m.advertised = fault{a.cause, fmt.Errorf("a broker answers at the address that the program has, and none at those that the brokers give themselves (advertised.listeners): %w", a.err)}
	}
	m.unsuspect()
	m.recomposeLocked()
	return m.advertised.isNone()
}

// unsuspect drops a suspicion that an answer has cleared up.
func (m *Monitor) unsuspect() {
	select {
	case <-m.suspicious:
	default:
	}
}

// wasHeard tells whether a broker has answered since the last time.
func (m *Monitor) wasHeard() bool { return m.heard.Swap(false) }
