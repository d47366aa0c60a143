package onex

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Publisher gets events to Kafka. It is made by [NewPublisher], used by any
// number of goroutines and nodes at once, and has to be closed. A nil Publisher
// takes no events; closing it does nothing.
type Publisher struct {
	cfg       Config
	client    *kgo.Client
	hasHooks  bool // that may want to see the callers' contexts
	intake    *intake
	reporter  *reporter
	monitor   *monitor
	hooks     *clientHooks
	watch     *watch
	ended     chan struct{} // closed when the dispatcher has ended
	isClosing atomic.Bool
	closed    chan struct{} // closed when Close has ended
	closeErr  error         // set before closed is closed
}

// NewPublisher starts a publisher. It does not wait for Kafka, which may be
// away then and later: events wait in the bounded queue for it, and
// [Publisher.Health] says why.
//
// The options are those of a franz-go client: brokers, TLS, SASL, hooks and so
// on. The publisher makes its own client from them, with all acknowledgements
// and idempotence, and allows brokers to create topics. Options with which it
// could not keep its promises are an error that says why.
func NewPublisher(cfg Config, opts ...kgo.Opt) (*Publisher, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("onex: config: %w", err)
	}
	m := newMonitor(time.Now)
	hooks := m.hooks()
	client, err := newClient(cfg, append(slices.Clip(opts), kgo.WithHooks(hooks)))
	if err != nil {
		return nil, fmt.Errorf("onex: make a Kafka client: %w", err)
	}
	in := newIntake(cfg.MaxInFlight, cfg.MaxInFlightBytes)
	p := &Publisher{
		cfg:      cfg,
		client:   client,
		hasHooks: hasHooks(client),
		intake:   in,
		reporter: newReporter(in, cfg),
		monitor:  m,
		hooks:    hooks,
		watch:    startWatch(m, client.Ping, cfg.tellHealth),
		ended:    make(chan struct{}),
		closed:   make(chan struct{}),
	}
	go p.dispatch()
	go p.reporter.run()
	return p, nil
}

// accept puts an event into the queue, or says why not.
func (p *Publisher) accept(ctx context.Context, it item) error {
	if p.hasHooks {
		it.ctx = ctx // else it would only keep what is in it from being freed
	}
	return p.intake.accept(it)
}

// dispatch gives the queue's events to the client, in order, until the end.
func (p *Publisher) dispatch() {
	defer close(p.ended)
	var items []item
	for {
		items = p.intake.take(items)
		if len(items) == 0 {
			return
		}
		var debug bool
		safely(func() { debug = p.cfg.Logger.Enabled(context.Background(), slog.LevelDebug) })
		for _, it := range items {
			p.produce(it, debug)
		}
		clear(items)
	}
}

// produce gives one event to the client, whose promise must not block: it
// settles the event, or leaves it to the reporter.
func (p *Publisher) produce(it item, debug bool) {
	ctx := context.Background()
	if it.ctx != nil {
		// The end of one context would fail the records of others in the same
		// batch; and a cancelled operation has to be reported too.
		ctx = context.WithoutCancel(it.ctx)
		it.ctx = nil
	}
	rec := &kgo.Record{Topic: it.topic, Key: []byte(it.key), Value: it.value}
	p.client.TryProduce(ctx, rec, func(rec *kgo.Record, err error) {
		if err == nil && !debug {
			p.intake.settle(it, delivered)
			return
		}
		p.monitor.observe(rec.Topic, err)
		p.reporter.put(outcome{it, rec, err})
	})
}

// Ledger returns what has become of the events so far.
func (p *Publisher) Ledger() Ledger {
	if p == nil {
		return Ledger{}
	}
	return p.intake.snapshot()
}

// Flush sends what is in flight without waiting for batches to fill, and
// blocks until none of the events that were accepted before it is in flight
// any more, or until ctx ends, which is an error then. Flush says nothing of
// losses: see [Config.OnLoss] and [Publisher.Ledger].
func (p *Publisher) Flush(ctx context.Context) error {
	if p == nil {
		return nil
	}
	if err := p.flush(ctx); err != nil {
		return fmt.Errorf("onex: flush: %w with %d events in flight", err, p.Ledger().InFlight)
	}
	return nil
}

func (p *Publisher) flush(ctx context.Context) error {
	handed, done := p.intake.beginFlush()
	if err := handed(ctx); err != nil {
		return err
	}
	// The client's Flush waits for later events too. It is only asked to send
	// without delay for as long as ours lasts.
	clientCtx, stop := context.WithCancel(ctx)
	var client sync.WaitGroup
	client.Go(func() { _ = p.client.Flush(clientCtx) })
	defer client.Wait()
	defer stop()
	return done(ctx)
}

// Close refuses further events, delivers what is in flight until ctx ends,
// reports the rest as lost and ends the publisher's goroutines. It returns an
// error if any event was lost meanwhile. It returns after Config.OnLoss and
// Config.OnHealth have returned from their last calls, even if ctx has ended
// before. Every call of Close after the first waits for the first and returns
// the same.
func (p *Publisher) Close(ctx context.Context) error {
	if p == nil {
		return nil
	}
	if p.isClosing.CompareAndSwap(false, true) {
		p.closeErr = p.shutDown(ctx)
		close(p.closed)
		return p.closeErr
	}
	select {
	case <-p.closed:
	case <-ctx.Done():
		select {
		case <-p.closed: // both: the answer is known
		default:
			return fmt.Errorf("onex: close: %w while another call closes the publisher", ctx.Err())
		}
	}
	return p.closeErr
}

func (p *Publisher) shutDown(ctx context.Context) error {
	before := p.Ledger()
	p.intake.close()
	flushErr := p.flush(ctx)
	// The client's buffer is never full, so the dispatcher gets to its end
	// whatever Kafka does.
	<-p.ended
	// The client does not wait for its promises; the ledger does.
	p.hooks.retire()
	p.client.Close()
	_, done := p.intake.beginFlush()
	if err := done(context.Background()); err != nil {
		return err
	}
	p.reporter.close()
	p.watch.close()

	lost := p.Ledger().Lost - before.Lost
	switch {
	case lost == 0:
		return nil
	case flushErr != nil:
		return fmt.Errorf("onex: close: %w, and %d events were lost", flushErr, lost)
	default:
		return fmt.Errorf("onex: close: %d events were lost", lost)
	}
}
