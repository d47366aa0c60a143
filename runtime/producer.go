package onex

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// producer has the Kafka client, which has to be replaced at times: one fatal
// answer poisons a client for ever, and a client does not give back what it
// waits to deliver except by its end.
type producer struct {
	opts []kgo.Opt
	warn func(message string, attrs ...any)

	gate    gate
	monitor *monitor
	hooks   *clientHooks // of the current client; the dispatcher's alone

	current  atomic.Pointer[kgo.Client]
	answered atomic.Int64   // when Kafka last acknowledged an event, in Unix nanoseconds
	busy     sync.WaitGroup // what is done aside
	hasHooks bool
}

// linger is how long the client keeps what it was not told to send. What a
// group takes longer for is left for the next one.
const linger = 25 * time.Millisecond

// What a batch and a record in it take beyond key and value, at the most.
const (
	batchOverhead  = 128
	recordOverhead = 64
)

func newProducer(opts []kgo.Opt, m *monitor, warn func(message string, attrs ...any)) (*producer, error) {
	p := &producer{opts: opts, monitor: m, warn: warn}
	client, hooks, err := p.newClient()
	if err != nil {
		return nil, err
	}
	p.hasHooks = hasHooks(client)
	p.hooks = hooks
	p.current.Store(client)
	return p, nil
}

// newClient makes a client that tells the monitor what it sees.
func (p *producer) newClient() (*kgo.Client, *clientHooks, error) {
	hooks := p.monitor.hooks()
	client, err := newClient(p.warn, append(slices.Clip(p.opts), kgo.WithHooks(hooks, &p.gate)))
	return client, hooks, err
}

// produce gives a record to the client, as of now. promise is called once, maybe before
// produce returns.
func (p *producer) produce(topic string, e *event, now time.Time, ctx context.Context, promise func(*kgo.Record, error)) {
	if ctx == nil {
		ctx = context.Background()
	} else {
		// The end of one context would fail the records of others in the same
		// batch; and a cancelled operation has to be reported too.
		ctx = context.WithoutCancel(ctx)
	}
	p.current.Load().TryProduce(ctx, &kgo.Record{Topic: topic, Key: e.key(), Value: e.value(), Timestamp: now}, promise)
}

// deliver gives a record to the client and waits for what becomes of it: the end
// of the client at the latest.
func (p *producer) deliver(topic string, e *event) error {
	answered := make(chan error, 1)
	p.produce(topic, e, time.Now(), nil, func(_ *kgo.Record, err error) { answered <- err })
	return <-answered
}

// replace makes a new client, and ends the old one, which then gives back what
// it has not delivered.
func (p *producer) replace() error {
	client, hooks, err := p.newClient()
	if err != nil {
		return err
	}
	p.hooks.retire()
	p.hooks = hooks
	old := p.current.Swap(client)
	p.aside(old.Close)
	return nil
}

// forget makes the client look for a topic as if it had never heard of it.
// done is called when it has.
func (p *producer) forget(topic string, done func()) {
	p.aside(func() {
		p.purge(topic)
		done()
	})
}

// purge is forget for somebody who may wait.
func (p *producer) purge(topic string) { p.current.Load().PurgeTopicsFromProducing(topic) }

// aside does what the dispatcher must not wait for. close waits for it.
func (p *producer) aside(f func()) { p.busy.Go(f) }

// ping asks the brokers until one answers.
func (p *producer) ping(ctx context.Context) error { return p.current.Load().Ping(ctx) }

// progress notes that Kafka has acknowledged an event now.
func (p *producer) progress(now time.Time) { p.answered.Store(now.UnixNano()) }

// lastProgress returns when Kafka last acknowledged an event.
func (p *producer) lastProgress() time.Time { return time.Unix(0, p.answered.Load()) }

// kick makes the client send what it has been given. Until then it waits,
// because events that are on their way when their predecessors are refused
// would overtake them (see lane and gate); it sends by itself what it did not
// know the partitions of, and what it has when it sends anything else.
func (p *producer) kick() {
	ended, end := context.WithCancel(context.Background())
	end()
	_ = p.current.Load().Flush(ended) // which sends, and does not wait
}

// room returns how many bytes of records one batch takes for sure.
func (p *producer) room() int64 {
	limit, _ := p.current.Load().OptValue(kgo.ProducerBatchMaxBytes).(int32)
	return int64(limit) - batchOverhead
}

// close ends the client, which gives back what it has not delivered.
func (p *producer) close() {
	p.hooks.retire()
	p.current.Load().Close()
	p.busy.Wait()
}
