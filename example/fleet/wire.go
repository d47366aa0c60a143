package main

import (
	"bytes"
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// wire counts what the Kafka clients of all publishers send, as their hooks are
// told of it.
type wire struct {
	connections, mostConnections atomic.Int64
	produceRequests, metadata    atomic.Int64
	batches, records             atomic.Int64
	sent, metadataRead           atomic.Int64 // bytes
	delivery                     latencies    // from an event's timestamp to its acknowledgement
}

var _ = []kgo.Hook{
	kgo.HookBrokerConnect((*wire)(nil)), kgo.HookBrokerDisconnect((*wire)(nil)), kgo.HookBrokerE2E((*wire)(nil)),
	kgo.HookProduceBatchWritten((*wire)(nil)), kgo.HookProduceRecordUnbuffered((*wire)(nil)),
}

// reset forgets what has been sent, but not which connections there are.
func (w *wire) reset() {
	for _, n := range []*atomic.Int64{&w.produceRequests, &w.metadata, &w.batches, &w.records, &w.sent, &w.metadataRead} {
		n.Store(0)
	}
	w.delivery.reset()
}

// OnBrokerConnect is for the client.
func (w *wire) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		return
	}
	now := w.connections.Add(1)
	for most := w.mostConnections.Load(); now > most && !w.mostConnections.CompareAndSwap(most, now); most = w.mostConnections.Load() {
	}
}

// OnBrokerDisconnect is for the client.
func (w *wire) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) { w.connections.Add(-1) }

// OnBrokerE2E is for the client.
func (w *wire) OnBrokerE2E(_ kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	w.sent.Add(int64(e2e.BytesWritten))
	switch key {
	case kmsg.Produce.Int16():
		w.produceRequests.Add(1)
	case kmsg.Metadata.Int16():
		w.metadata.Add(1)
		w.metadataRead.Add(int64(e2e.BytesRead))
	}
}

// OnProduceBatchWritten is for the client.
func (w *wire) OnProduceBatchWritten(_ kgo.BrokerMetadata, _ string, _ int32, m kgo.ProduceBatchMetrics) {
	w.batches.Add(1)
	w.records.Add(int64(m.NumRecords))
}

// OnProduceRecordUnbuffered is for the client.
func (w *wire) OnProduceRecordUnbuffered(r *kgo.Record, err error) {
	if err != nil {
		return
	}
	if at, ok := timestampOf(r.Value); ok {
		w.delivery.add(time.Since(at))
	}
}

// timestampOf reads an event's timestamp off its envelope. To decode all of that
// would cost more than to publish it.
func timestampOf(value []byte) (time.Time, bool) {
	_, rest, ok := bytes.Cut(value, []byte(`"event_timestamp":"`))
	text, _, closed := bytes.Cut(rest, []byte(`"`))
	at, err := time.Parse(time.RFC3339Nano, string(text))
	return at, ok && closed && err == nil
}
