package onex

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Publisher gets events to Kafka. It is made by [NewPublisher], used by any
// number of goroutines and nodes at once, and has to be closed.
type Publisher struct {
	cfg     Config
	client  *kgo.Client
	intake  *intake
	settler *settler

	dispatched chan struct{} // closed when the dispatcher has ended
	closing    atomic.Bool
	closed     chan struct{} // closed when Close has ended
	closeErr   error         // set before closed is closed
}

// NewPublisher starts a publisher. It does not connect to Kafka, which may be
// away then and later: events wait in the bounded queue for it.
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
	client, err := newClient(cfg, opts)
	if err != nil {
		return nil, fmt.Errorf("onex: make a Kafka client: %w", err)
	}
	in := newIntake(cfg.MaxInFlight, cfg.MaxInFlightBytes)
	p := &Publisher{
		cfg:        cfg,
		client:     client,
		intake:     in,
		settler:    newSettler(in, cfg),
		dispatched: make(chan struct{}),
		closed:     make(chan struct{}),
	}
	go p.dispatch()
	go p.settler.run()
	return p, nil
}

// dispatch gives the queue's events to the client, in order, until the end.
func (p *Publisher) dispatch() {
	defer close(p.dispatched)
	var items []item
	for {
		items = p.intake.take(items)
		if len(items) == 0 {
			return
		}
		for _, it := range items {
			// The end of one context would fail the records of others in the
			// same batch; and a cancelled operation has to be reported too.
			ctx := context.WithoutCancel(it.ctx)
			p.client.TryProduce(ctx, &kgo.Record{Topic: it.topic, Key: []byte(it.key), Value: it.value}, p.settler.promise)
		}
		clear(items)
	}
}

// Ledger returns what has become of the events so far.
func (p *Publisher) Ledger() Ledger { return p.intake.snapshot() }

// Flush sends what is in flight without waiting for batches to fill, and
// blocks until nothing is in flight any more or ctx ends, which is an error
// then. Events that other goroutines publish meanwhile are waited for too.
// Flush says nothing of losses: see [Config.OnLoss] and [Publisher.Ledger].
func (p *Publisher) Flush(ctx context.Context) error {
	if err := p.flush(ctx); err != nil {
		return fmt.Errorf("onex: flush: %w with %d events in flight", err, p.Ledger().InFlight)
	}
	return nil
}

func (p *Publisher) flush(ctx context.Context) error {
	if err := p.intake.waitHanded(ctx); err != nil {
		return err
	}
	if err := p.client.Flush(ctx); err != nil {
		return err
	}
	return p.intake.waitIdle(ctx)
}

// Close refuses further events, delivers what is in flight until ctx ends,
// reports the rest as lost (Config.OnLoss, log) and ends the publisher's
// goroutines. It returns an error if any event was lost meanwhile. Every call
// after the first waits for the first and returns the same.
func (p *Publisher) Close(ctx context.Context) error {
	if p.closing.CompareAndSwap(false, true) {
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
	<-p.dispatched
	// The client does not wait for its promises; the ledger does.
	p.client.Close()
	if err := p.intake.waitIdle(context.Background()); err != nil {
		return err
	}
	p.settler.close()

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
