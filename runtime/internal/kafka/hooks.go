package kafka

import (
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// guardedHooks are the program's hooks, with one client. The client ends when their
// calls have returned, and calls none after that.
type guardedHooks struct {
	guard
	client *client
	of     []kgo.Hook
}

// all returns hooks that call the program's. Those of a client that reads are left
// out, since the publisher's does not.
func (g guardedHooks) all() []kgo.Hook {
	hooks := []kgo.Hook{life{g}}
	hooks = addHook(hooks, g, func(e each[kgo.HookBrokerConnect]) kgo.Hook { return brokerConnect{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookBrokerDisconnect]) kgo.Hook { return brokerDisconnect{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookBrokerWrite]) kgo.Hook { return brokerWrite{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookBrokerRead]) kgo.Hook { return brokerRead{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookBrokerE2E]) kgo.Hook { return brokerE2E{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookBrokerThrottle]) kgo.Hook { return brokerThrottle{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookProduceBatchWritten]) kgo.Hook { return batchWritten{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookProduceRecordBuffered]) kgo.Hook { return recordBuffered{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookProduceRecordPartitioned]) kgo.Hook { return recordPartitioned{e} })
	hooks = addHook(hooks, g, func(e each[kgo.HookProduceRecordUnbuffered]) kgo.Hook { return recordUnbuffered{e} })
	return hooks
}

// addHook adds a hook of one kind, if the program has any of it.
func addHook[H any](hooks []kgo.Hook, g guardedHooks, hook func(each[H]) kgo.Hook) []kgo.Hook {
	e := each[H]{guardedHooks: g}
	for _, h := range g.of {
		if h, ok := h.(H); ok {
			e.hooks = append(e.hooks, h)
		}
	}
	if len(e.hooks) == 0 {
		return hooks
	}
	return append(hooks, hook(e))
}

// each are the program's hooks of one kind.
type each[H any] struct {
	guardedHooks
	hooks []H
}

func (e each[H]) do(f func(H)) {
	if !e.client.due(1) {
		return // the next client may be alive
	}
	defer e.client.came(1)
	for _, h := range e.hooks {
		func() {
			defer e.took("WithHooks")
			f(h)
		}()
	}
}

// life tells the program's hooks of the beginning of a client. One that panics then
// keeps the client from being made; those that have been told of it before are told of
// its end. Else they are told of that when no other call of theirs goes on.
type life struct{ guardedHooks }

func (l life) OnNewClient(c *kgo.Client) {
	told := 0
	defer func() {
		if told < len(l.of) {
			l.closed(c, l.of[:told])
		}
	}()
	for _, h := range l.of {
		if h, ok := h.(kgo.HookNewClient); ok {
			h.OnNewClient(c)
		}
		told++
	}
}

// closed tells hooks of the client's end.
func (g guardedHooks) closed(c *kgo.Client, of []kgo.Hook) {
	for _, h := range of {
		h, ok := h.(kgo.HookClientClosed)
		if !ok {
			continue
		}
		if failure := guarded(func() { h.OnClientClosed(c) }); failure != nil {
			g.warn("what the program gave its Kafka client does not return", "what", "OnClientClosed", "error", failure)
		}
	}
}

type brokerConnect struct{ each[kgo.HookBrokerConnect] }

func (h brokerConnect) OnBrokerConnect(broker kgo.BrokerMetadata, took time.Duration, conn net.Conn, err error) {
	h.do(func(h kgo.HookBrokerConnect) { h.OnBrokerConnect(broker, took, conn, err) })
}

type brokerDisconnect struct{ each[kgo.HookBrokerDisconnect] }

func (h brokerDisconnect) OnBrokerDisconnect(broker kgo.BrokerMetadata, conn net.Conn) {
	h.do(func(h kgo.HookBrokerDisconnect) { h.OnBrokerDisconnect(broker, conn) })
}

type brokerWrite struct{ each[kgo.HookBrokerWrite] }

func (h brokerWrite) OnBrokerWrite(broker kgo.BrokerMetadata, key int16, n int, wait, took time.Duration, err error) {
	h.do(func(h kgo.HookBrokerWrite) { h.OnBrokerWrite(broker, key, n, wait, took, err) })
}

type brokerRead struct{ each[kgo.HookBrokerRead] }

func (h brokerRead) OnBrokerRead(broker kgo.BrokerMetadata, key int16, n int, wait, took time.Duration, err error) {
	h.do(func(h kgo.HookBrokerRead) { h.OnBrokerRead(broker, key, n, wait, took, err) })
}

type brokerE2E struct{ each[kgo.HookBrokerE2E] }

func (h brokerE2E) OnBrokerE2E(broker kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	h.do(func(h kgo.HookBrokerE2E) { h.OnBrokerE2E(broker, key, e2e) })
}

type brokerThrottle struct{ each[kgo.HookBrokerThrottle] }

func (h brokerThrottle) OnBrokerThrottle(broker kgo.BrokerMetadata, wait time.Duration, after bool) {
	h.do(func(h kgo.HookBrokerThrottle) { h.OnBrokerThrottle(broker, wait, after) })
}

type batchWritten struct {
	each[kgo.HookProduceBatchWritten]
}

func (h batchWritten) OnProduceBatchWritten(broker kgo.BrokerMetadata, topic string, partition int32, metrics kgo.ProduceBatchMetrics) {
	h.do(func(h kgo.HookProduceBatchWritten) { h.OnProduceBatchWritten(broker, topic, partition, metrics) })
}

type recordBuffered struct {
	each[kgo.HookProduceRecordBuffered]
}

func (h recordBuffered) OnProduceRecordBuffered(rec *kgo.Record) {
	h.do(func(h kgo.HookProduceRecordBuffered) { h.OnProduceRecordBuffered(rec) })
}

type recordPartitioned struct {
	each[kgo.HookProduceRecordPartitioned]
}

func (h recordPartitioned) OnProduceRecordPartitioned(rec *kgo.Record, broker int32) {
	h.do(func(h kgo.HookProduceRecordPartitioned) { h.OnProduceRecordPartitioned(rec, broker) })
}

type recordUnbuffered struct {
	each[kgo.HookProduceRecordUnbuffered]
}

func (h recordUnbuffered) OnProduceRecordUnbuffered(rec *kgo.Record, err error) {
	h.do(func(h kgo.HookProduceRecordUnbuffered) { h.OnProduceRecordUnbuffered(rec, err) })
}
