package onex

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// throttle is how long a broker makes the publisher wait that has used up its
// quota. The broker takes nothing of it before, and the client sends nothing.
type throttle struct {
	node  int32
	until time.Time
}

// nobody is no node, as far as is known.
const nobody = -1

var _ kgo.HookBrokerThrottle = (*clientHooks)(nil)

// OnBrokerThrottle is for the client.
func (h *clientHooks) OnBrokerThrottle(broker kgo.BrokerMetadata, wait time.Duration, _ bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.retired || wait < stall {
		return // which costs time and nothing else
	}
	h.throttle = throttle{broker.NodeID, h.clock().Add(wait)}
	h.producing = fault{CauseThrottled, fmt.Errorf("a broker makes the publisher wait for %v, as its quota is used up", wait.Round(time.Second))}
	h.recompose()
}

// isThrottled tells whether a node still makes the publisher wait. It is called
// with the lock held.
func (m *monitor) isThrottled(node int32) bool {
	return m.producing.cause == CauseThrottled && node == m.throttle.node && m.clock().Before(m.throttle.until)
}

// endThrottle ends it when its time is over, without waiting for an
// acknowledgement, as there may be no further events.
func (m *monitor) endThrottle() {
	if m.producing.cause == CauseThrottled && !m.isThrottled(m.throttle.node) {
		m.producing = fault{}
		m.recompose()
	}
}
