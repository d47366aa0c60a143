package onex

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// clientHooks are what one client tells the monitor, which relies on this: an
// attempt to connect to a broker sends the requests ApiVersions, SASLHandshake
// and SASLAuthenticate, of which OnBrokerE2E is told one after the other, and
// then OnBrokerConnect of how all of it ended. OnProduceBatchWritten follows
// OnBrokerE2E if Kafka has acknowledged what a produce request brought.
type clientHooks struct {
	*monitor

	// Under the monitor's lock.
	inSASL  map[int32]bool // by broker: the connection being made has come as far as SASL
	retired bool
}

var _ = []kgo.Hook{kgo.HookBrokerConnect((*clientHooks)(nil)), kgo.HookBrokerE2E((*clientHooks)(nil)), kgo.HookProduceBatchWritten((*clientHooks)(nil))}

// hooks returns the hooks for a client that is to be made.
func (m *monitor) hooks() *clientHooks {
	return &clientHooks{monitor: m, inSASL: map[int32]bool{}}
}

// retire ends the client's word, before it is closed: a client that closes
// lets its connections time out.
func (h *clientHooks) retire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.retired = true
	h.clients++
}

var (
	keyProduce      = kmsg.Produce.Int16()
	keyApiVersions  = kmsg.ApiVersions.Int16()
	keyHandshake    = kmsg.SASLHandshake.Int16()
	keyAuthenticate = kmsg.SASLAuthenticate.Int16()
)

// OnBrokerConnect is for the client.
func (h *clientHooks) OnBrokerConnect(broker kgo.BrokerMetadata, _ time.Duration, conn net.Conn, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.retired {
		return
	}
	inSASL := h.inSASL[broker.NodeID]
	delete(h.inSASL, broker.NodeID)
	h.connect = fault{}
	cause, ok := causeOf(err)
	if !ok {
		return
	}
	h.connect = fault{cause, err}
	switch {
	case inSASL && cause == CauseOther && isCutOff(err):
		h.connect = fault{CauseAuthentication, fmt.Errorf("the broker closed the connection instead of accepting the credentials: %w", err)}
	case inSASL && cause == CauseOther: // of the mechanism's own, such as a token that cannot be had
		h.connect.cause = CauseAuthentication
	case !h.answered && conn == nil && cause == CauseOther && isCutOff(err): // by a dialer that reads
		h.connect = fault{CauseTLS, fmt.Errorf("the broker closed the connection during the TLS handshake; its port may be one without TLS: %w", err)}
	case h.answered && is[*kgo.ErrFirstReadEOF](err):
		h.connect.cause = CauseOther // a broker on its way down; one side without TLS has been so from the beginning
	}
	if cause == CauseTimeout && h.connection.cause == CauseConnecting {
		h.connection = h.connect // to ask the others may take as long for each
		h.recompose()
	}
	wake(h.suspicious)
}

// OnBrokerE2E is for the client.
func (h *clientHooks) OnBrokerE2E(broker kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.retired {
		return
	}
	err := e2e.Err()
	switch key {
	case keyApiVersions:
		delete(h.inSASL, broker.NodeID)
		return
	case keyHandshake, keyAuthenticate:
		h.inSASL[broker.NodeID] = true
		return
	case keyProduce:
		h.produced(h.clock().Add(-e2e.DurationE2E()), err)
	}
	if err == nil {
		h.hear()
	} else if _, ok := causeOf(err); ok {
		wake(h.suspicious)
	}
}

// OnProduceBatchWritten is for the client.
func (h *clientHooks) OnProduceBatchWritten(broker kgo.BrokerMetadata, topic string, _ int32, _ kgo.ProduceBatchMetrics) {
	h.acknowledged(topic, broker.NodeID)
}

// hear takes an answer that needs a connection on which all is well.
func (m *monitor) hear() {
	m.answered, m.heard = true, true
	if m.connection.cause != "" {
		m.connection = fault{}
		m.recompose()
	}
	m.endThrottle()
}

// produced is told of a produce request that has ended, before it is known
// whether the answer, if there is one, acknowledges anything. While others are
// acknowledged, one that is not proves nothing.
func (m *monitor) produced(sent time.Time, err error) {
	if m.settled.After(sent) {
		return
	}
	if m.unsettled.IsZero() {
		m.unsettled = sent
	}
	waited := m.clock().Sub(m.unsettled)
	switch {
	case err != nil && isTimeout(err):
		m.producing = fault{CauseTimeout, fmt.Errorf("no answer to a produce request: %w", err)}
	case m.producing.cause == "" && waited > stall:
		m.producing = fault{CauseTimeout, errors.Join(fmt.Errorf("brokers have acknowledged nothing for %v", waited.Round(time.Second)), err)}
	default:
		return
	}
	m.recompose()
}

// isCutOff tells whether the other side has ended the connection.
func isCutOff(err error) bool {
	return isAny(err, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE)
}
