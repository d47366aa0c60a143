package kafka

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// theirHooks call the program's hooks, with one client. The client ends when their calls
// have returned, or one has not for long, and calls none after that. Those of a client
// that reads are left out, since the publisher's does not.
type theirHooks struct {
	guard
	calls pending
	over  *atomic.Bool // further calls are too late
	of    []kgo.Hook
}

// hookPatience is how long a client's end waits for a hook.
const hookPatience = 30 * time.Second

var _ = []kgo.Hook{
	kgo.HookNewClient(theirHooks{}),
	kgo.HookBrokerConnect(theirHooks{}), kgo.HookBrokerDisconnect(theirHooks{}), kgo.HookBrokerThrottle(theirHooks{}),
	kgo.HookBrokerWrite(theirHooks{}), kgo.HookBrokerRead(theirHooks{}), kgo.HookBrokerE2E(theirHooks{}),
	kgo.HookProduceBatchWritten(theirHooks{}), kgo.HookProduceRecordBuffered(theirHooks{}),
	kgo.HookProduceRecordPartitioned(theirHooks{}), kgo.HookProduceRecordUnbuffered(theirHooks{}),
}

// tell calls the hooks of one kind.
func tell[H any](t theirHooks, call func(H)) {
	for _, h := range t.of {
		h, ok := h.(H)
		if !ok {
			continue
		}
		if t.over.Load() || !t.calls.begin(1) {
			return // the next client may be alive
		}
		func() {
			defer t.calls.end(1)
			t.call("WithHooks", func() { call(h) })
		}()
	}
}

// OnNewClient tells the hooks of a client that is about to be made. One that panics then
// keeps it from that; those that have been told of it before are told of its end.
func (t theirHooks) OnNewClient(c *kgo.Client) {
	told := 0
	defer func() {
		if told < len(t.of) {
			t.closed(c, t.of[:told])
		}
	}()
	for _, h := range t.of {
		if h, ok := h.(kgo.HookNewClient); ok {
			h.OnNewClient(c)
		}
		told++
	}
}

// end waits for the calls that go on, and then tells the hooks of the client's end. That is
// not for kgo to do, which does not wait.
func (t theirHooks) end(c *kgo.Client) {
	t.calls.end(1)
	patience := time.NewTimer(hookPatience)
	defer patience.Stop()
	select {
	case <-t.calls.none:
	case <-patience.C:
		t.warn("what the program gave its Kafka client does not return", "what", "WithHooks", "for", hookPatience)
	}
	t.over.Store(true)
	t.closed(c, t.of)
}

// closed tells hooks of the client's end.
func (t theirHooks) closed(c *kgo.Client, of []kgo.Hook) {
	for _, h := range of {
		h, ok := h.(kgo.HookClientClosed)
		if !ok {
			continue
		}
		if failure := guarded(func() { h.OnClientClosed(c) }); failure != nil {
			t.warn("what the program gave its Kafka client does not return", "what", "OnClientClosed", "error", failure)
		}
	}
}

func (t theirHooks) OnBrokerConnect(broker kgo.BrokerMetadata, took time.Duration, conn net.Conn, err error) {
	tell(t, func(h kgo.HookBrokerConnect) { h.OnBrokerConnect(broker, took, conn, err) })
}

func (t theirHooks) OnBrokerDisconnect(broker kgo.BrokerMetadata, conn net.Conn) {
	tell(t, func(h kgo.HookBrokerDisconnect) { h.OnBrokerDisconnect(broker, conn) })
}

func (t theirHooks) OnBrokerThrottle(broker kgo.BrokerMetadata, wait time.Duration, after bool) {
	tell(t, func(h kgo.HookBrokerThrottle) { h.OnBrokerThrottle(broker, wait, after) })
}

func (t theirHooks) OnBrokerWrite(broker kgo.BrokerMetadata, key int16, n int, wait, took time.Duration, err error) {
	tell(t, func(h kgo.HookBrokerWrite) { h.OnBrokerWrite(broker, key, n, wait, took, err) })
}

func (t theirHooks) OnBrokerRead(broker kgo.BrokerMetadata, key int16, n int, wait, took time.Duration, err error) {
	tell(t, func(h kgo.HookBrokerRead) { h.OnBrokerRead(broker, key, n, wait, took, err) })
}

func (t theirHooks) OnBrokerE2E(broker kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	tell(t, func(h kgo.HookBrokerE2E) { h.OnBrokerE2E(broker, key, e2e) })
}

func (t theirHooks) OnProduceBatchWritten(broker kgo.BrokerMetadata, topic string, partition int32, metrics kgo.ProduceBatchMetrics) {
	tell(t, func(h kgo.HookProduceBatchWritten) { h.OnProduceBatchWritten(broker, topic, partition, metrics) })
}

func (t theirHooks) OnProduceRecordBuffered(rec *kgo.Record) {
	tell(t, func(h kgo.HookProduceRecordBuffered) { h.OnProduceRecordBuffered(rec) })
}

func (t theirHooks) OnProduceRecordPartitioned(rec *kgo.Record, broker int32) {
	tell(t, func(h kgo.HookProduceRecordPartitioned) { h.OnProduceRecordPartitioned(rec, broker) })
}

func (t theirHooks) OnProduceRecordUnbuffered(rec *kgo.Record, err error) {
	tell(t, func(h kgo.HookProduceRecordUnbuffered) { h.OnProduceRecordUnbuffered(rec, err) })
}
