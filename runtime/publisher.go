package onex

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Publisher gets events to Kafka. It is made by [NewPublisher], used by any
// number of goroutines and nodes at once, and has to be closed. A nil Publisher
// takes no events; closing it does nothing.
type Publisher struct {
	cfg        Config
	intake     *intake
	dispatcher *dispatcher
	producer   *producer
	reporter   *reporter
	spooler    *spooler // nil without a spool
	monitor    *monitor
	watch      *watch
	isClosing  atomic.Bool
	closed     chan struct{} // closed when Close has ended
	closeErr   error         // set before closed is closed
}

// NewPublisher starts a publisher. It does not wait for Kafka, which may be
// away then and later: events wait in the bounded queue for it, or in the
// spool, and [Publisher.Health] says why. It takes over what an earlier publisher has left in the spool.
//
// The options are those of a franz-go client: brokers, TLS, SASL, hooks and so
// on. The publisher makes its own clients from them, with all acknowledgements
// and idempotence, and allows brokers to create topics. Options with which it
// could not keep its promises are an error that says why.
func NewPublisher(cfg Config, opts ...kgo.Opt) (*Publisher, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("onex: config: %w", err)
	}
	m := newMonitor(time.Now)
	in := newIntake(bounds{cfg.MaxInFlight, int64(cfg.MaxInFlightBytes), cfg.QueueFull})
	rep := newReporter(in, cfg)
	prod, err := newProducer(opts, m, rep.warn)
	if err != nil {
		return nil, fmt.Errorf("onex: make a Kafka client: %w", err)
	}
	p := &Publisher{
		cfg:      cfg,
		intake:   in,
		producer: prod,
		reporter: rep,
		monitor:  m,
		closed:   make(chan struct{}),
	}
	if cfg.Spool != nil {
		p.spooler = newSpooler(cfg.Spool, in, rep, m)
		if err := p.takeOver(cfg.Spool); err != nil {
			prod.close()
			return nil, fmt.Errorf("onex: take over the spool: %w", err)
		}
		go p.spooler.run()
	}
	p.dispatcher = &dispatcher{
		cfg: cfg, intake: in, producer: prod, spooler: p.spooler, reporter: rep, monitor: m,
		ending: make(chan struct{}), ended: make(chan struct{}),
	}
	p.watch = startWatch(m, prod.ping, cfg.tellHealth)
	go rep.run()
	go p.dispatcher.run()
	return p, nil
}

// accept puts an event into the queue, or says why not. If the event is to be
// durable, it waits until it is on disk.
func (p *Publisher) accept(l *lane, e *event, x extra) error {
	dropped, err := p.intake.accept(l, e, x)
	for _, d := range dropped {
		p.reporter.put(report{lane: d.lane, event: d.event, reason: LossDropped, err: errMadeRoom, settled: true, dropped: true})
	}
	if err != nil || x.durable == nil {
		return err
	}
	if err := <-x.durable; err != nil {
		return fmt.Errorf("the event is not durable: %w", err)
	}
	return nil
}

// Ledger returns what has become of the events so far.
func (p *Publisher) Ledger() Ledger {
	if p == nil {
		return Ledger{}
	}
	return p.intake.snapshot()
}

// Flush blocks until none of the events that were accepted before it is in
// flight any more, or until ctx ends, which is an error then. What is in the
// spool is not in flight. Flush says nothing of losses: see [Config.OnLoss] and
// [Publisher.Ledger].
func (p *Publisher) Flush(ctx context.Context) error {
	if p == nil {
		return nil
	}
	done := p.intake.beginFlush()
	if err := p.intake.wait(ctx, done); err != nil {
		return fmt.Errorf("onex: flush: %w with %d events in flight", err, p.Ledger().InFlight)
	}
	return nil
}

// Close refuses further events and delivers what is in flight or in the spool
// until ctx ends. What is left then goes to the spool, for the next publisher;
// what cannot go there is reported as lost. Close ends the publisher's
// goroutines and closes the spool, after Config.OnLoss and Config.OnHealth have
// returned from their last calls, even if ctx has ended before. If it has not delivered everything,
// or has lost an event meanwhile, its error wraps a [*Remainder]. Every call of
// Close after the first waits for the first and returns the same.
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
	cause := p.intake.wait(ctx, func() bool { return p.intake.ledger.InFlight+p.intake.ledger.Spooled == 0 })
	close(p.dispatcher.ending)
	<-p.dispatcher.ended
	var spoolErr error
	if p.spooler != nil {
		p.spooler.close() // it may have something to report
	}
	p.intake.waitForReports()
	p.reporter.close()
	p.watch.close()
	if p.spooler != nil {
		spoolErr = p.spooler.try("close the spool", p.cfg.Spool.Close)
	}
	l := p.Ledger()
	rest := &Remainder{Spooled: l.Spooled, Lost: l.Lost - before.Lost, Cause: cause}
	if rest.Spooled+rest.Lost == 0 {
		rest = nil
	}
	switch {
	case rest != nil:
		return fmt.Errorf("onex: close: %w", errors.Join(rest, spoolErr))
	case spoolErr != nil:
		return fmt.Errorf("onex: %w", spoolErr)
	default:
		return nil
	}
}

// Remainder is what a publisher had not delivered when it was closed.
type Remainder struct {
	Spooled int64 // events in the spool, which the next publisher delivers
	Lost    int64 // events that were lost while it was being closed
	Cause   error // why it did not go on: the end of Close's context, or nil
}

func (r *Remainder) Error() string {
	text := fmt.Sprintf("%d events were lost", r.Lost)
	if r.Spooled > 0 {
		text = fmt.Sprintf("%d events stay in the spool and %s", r.Spooled, text)
	}
	if r.Cause != nil {
		text = r.Cause.Error() + ", and " + text
	}
	return text
}

// Unwrap returns the cause.
func (r *Remainder) Unwrap() error { return r.Cause }
