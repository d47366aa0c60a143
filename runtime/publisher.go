package onex

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
	"github.com/omninode-ai/onexevents/runtime/internal/health"
	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
	"github.com/omninode-ai/onexevents/runtime/internal/standin"
)

// Publisher gets events to Kafka. It is made by [NewPublisher], used by any
// number of goroutines and nodes at once, and has to be closed. A nil Publisher
// takes no events; closing it does nothing.
type Publisher struct {
	cfg       Config
	shell     *shell
	watch     func()       // ends it
	asked     guest.Nested // Config.Headers and OnRun, which may publish
	producers sync.Map     // of Profile2: the service that has its topics
	isClosing atomic.Bool
	standIn   *standin.Sink // if not nil, it has the events in place of the shell, which is nil
	closed    chan struct{} // closed when Close has ended
	closeErr  error         // set before closed is closed
}

// NewPublisher starts a publisher. It does not wait for Kafka, which may be
// away then and later: events wait in the bounded queue for it, or in the
// spool, and [Publisher.Health] says why. It takes over what an earlier publisher has left in the spool.
//
// The options are those of a franz-go client: brokers, TLS, SASL, hooks and so
// on. The publisher makes its own clients from them, with all acknowledgements
// and idempotence, compresses nothing unless the options say so, and allows brokers to
// create topics. Options with which it could not keep its promises are an error that
// says why.
//
// The spool is the publisher's alone: one that another publisher has is an error. If
// NewPublisher fails otherwise, it closes the spool, so that it can be opened again.
func NewPublisher(cfg Config, opts ...kgo.Opt) (_ *Publisher, err error) {
	if err := claim(cfg.Spool); err != nil {
		return nil, fmt.Errorf("onex: config: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, letGo(cfg.Spool))
		}
	}()
	cfg, err = cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("onex: config: %w", err)
	}
	if cfg.Disabled {
		return newStandIn(cfg, &standin.Sink{}), nil
	}
	h := health.New(health.Config{
		SpoolAfter: cfg.SpoolAfter,
		IsLetters:  func(topic string) bool { return !cfg.NoDeadLetters && cfg.letters().Are(topic) },
		Closed:     ErrClosed,
	})
	m := delivery.New(delivery.Config{
		MaxEvents: cfg.MaxInFlight, MaxBytes: int64(cfg.MaxInFlightBytes), DropOldest: cfg.QueueFull == DropOldest,
		GroupEvents: groupEvents, LoadEvents: loadedEvents,
		HasDisk: cfg.Spool != nil, NoLetters: cfg.NoDeadLetters, SpoolAfter: cfg.SpoolAfter,
		Rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
	})
	p := &Publisher{cfg: cfg, closed: make(chan struct{})}
	s := newShell(&p.cfg, m, h)
	s.client, err = kafka.New(kafka.Config{Options: opts, Health: h, Warn: s.reporter.warn})
	if err != nil {
		return nil, fmt.Errorf("onex: make a Kafka client: %w", err)
	}
	m.Batch(s.client.BatchBytes())
	p.shell = s
	if cfg.Spool != nil {
		s.disk = newDisk(cfg.Spool, s, p.cfg.checkSpooled)
		if err := p.takeOver(cfg.Spool); err != nil {
			s.client.Close(context.Background())
			return nil, fmt.Errorf("onex: take over the spool: %w", err)
		}
		go s.disk.run()
	}
	p.watch = h.Watch(s.client.Ping, func(h health.Snapshot) { s.tellHealth(s.healthOf(h)) })
	go s.reporter.run()
	go s.run()
	return p, nil
}

func init() {
	standin.NewPublisher = func(cfg any, s *standin.Sink) (any, error) {
		full, err := cfg.(Config).withDefaults()
		if err != nil {
			return nil, fmt.Errorf("onex: config: %w", err)
		}
		return newStandIn(full, s), nil
	}
}

func newStandIn(cfg Config, s *standin.Sink) *Publisher {
	return &Publisher{cfg: cfg, standIn: s, closed: make(chan struct{})}
}

// isOff tells whether nobody wants the publisher's events.
func (p *Publisher) isOff() bool { return p != nil && p.standIn != nil && p.standIn.Take == nil }

// topic returns the topic of a name.
func (p *Publisher) topic(name string) *delivery.Topic {
	if p.standIn != nil {
		return p.standIn.Topic(name)
	}
	return p.shell.topic(name)
}

// reject counts an event that was refused.
func (p *Publisher) reject() {
	if p.standIn != nil {
		p.standIn.Reject()
		return
	}
	p.shell.reject()
}

// complain tells the log, at WARN, what a caller is not told.
func (p *Publisher) complain(message string, attrs ...any) {
	if p.standIn == nil {
		p.shell.reporter.complain(message, attrs)
		return
	}
	_ = guest.Safely(func() { p.cfg.Logger.Warn(message, p.cfg.told(attrs)...) })
}

// How much goes to the client at a time, and how much of what is on disk may be
// in memory, of all topics.
const (
	groupEvents  = 2000
	loadedEvents = 5000
)

// accept has an event taken, or says why not. If the event is to be durable, it
// waits until it is on disk.
func (p *Publisher) accept(t *delivery.Topic, e *delivery.Event) error {
	if p.standIn != nil {
		if p.isClosing.Load() {
			return ErrClosed
		}
		return p.standIn.Accept(t, e)
	}
	isDurable := e.Durable // the event is the machine's then
	if isDurable && guest.Inside() {
		return fmt.Errorf("the event is not durable: %w", errInside)
	}
	if err := p.shell.accept(t, e); err != nil || !isDurable {
		return err
	}
	if err := <-attachedTo(e).durable; err != nil {
		return fmt.Errorf("the event is not durable: %w", err)
	}
	return nil
}

// Ledger returns what has become of the events so far.
func (p *Publisher) Ledger() Ledger {
	if p == nil {
		return Ledger{}
	}
	if p.standIn != nil {
		accepted, rejected := p.standIn.Counts()
		return Ledger{Accepted: accepted, Delivered: accepted, Rejected: rejected}
	}
	return p.shell.ledger()
}

// Flush blocks until none of the events that were accepted before it is in
// flight any more, or until ctx ends, which is an error then. What is in the
// spool is not in flight. Flush says nothing of losses: see [Config.OnLoss] and
// [Publisher.Ledger].
//
// A nil ctx never ends. Within a hook or another function that the publisher's own
// work waits for, Flush is an error: see [Config].
func (p *Publisher) Flush(ctx context.Context) error {
	if p == nil || p.standIn != nil {
		return nil
	}
	if guest.Inside() {
		return fmt.Errorf("onex: flush: %w", errInside)
	}
	ctx = orBackground(ctx)
	if err := p.shell.flush(ctx); err != nil {
		return fmt.Errorf("onex: flush: %w with %d events in flight", err, p.Ledger().InFlight)
	}
	return nil
}

// Close refuses further events and delivers what is in flight or in the spool
// until ctx ends; a nil ctx never does. What is left then goes to the spool, for
// the next publisher; what cannot go there is reported as lost. Close ends the
// publisher's goroutines and closes the spool, after Config.OnLoss,
// Config.OnDeadLetter and Config.OnHealth have returned from their last calls, even
// if ctx has ended before; it does not wait for one that takes longer than two
// seconds. If it has not delivered everything,
// or has lost an event meanwhile, its error wraps a [*CloseError]. Every call of
// Close after the first waits for the first and returns the same.
//
// Within a hook or another function that the publisher's own work waits for, Close
// does not wait: it begins to close the publisher, and returns an error that says
// so.
func (p *Publisher) Close(ctx context.Context) error {
	if p == nil {
		return nil
	}
	ctx = orBackground(ctx)
	if p.standIn == nil && guest.Inside() {
		p.shell.tell(func(m *delivery.Machine, _ delivery.Time) { m.Close() })
		go func() { _ = p.Close(ctx) }()
		return fmt.Errorf("onex: close: the publisher is being closed; %w", errInside)
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
	if p.standIn != nil {
		if p.cfg.Spool == nil {
			return nil
		}
		return p.cfg.Spool.Close()
	}
	s := p.shell
	before := p.Ledger()
	s.tell(func(m *delivery.Machine, _ delivery.Time) { m.Close() })
	cause := s.wait(ctx, func() bool {
		l := s.machine.Ledger()
		return l.InFlight+l.Spooled == 0 && (s.disk == nil || s.inherited)
	})
	if s.disk != nil {
		s.disk.hurry()
	}
	ending, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	_ = s.client.Close(ending) // what it does not give back, the machine takes
	s.tell(func(m *delivery.Machine, now delivery.Time) { m.End(now) })
	_ = s.wait(context.Background(), s.machine.IsDone)
	s.stop()
	var spoolErr error
	if s.disk != nil {
		s.disk.end()
	}
	s.reporter.close()
	p.watch()
	if s.disk != nil {
		if spoolErr = s.disk.close(); !errors.Is(spoolErr, delivery.ErrHangs) {
			unclaim(p.cfg.Spool)
		}
	}
	l := p.Ledger()
	rest := &CloseError{Spooled: l.Spooled, Lost: l.Lost - before.Lost, Cause: cause}
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

// closePatience is how long the client may take to end when the publisher does: only the
// program's own code, such as a hook, can take long then.
const closePatience = 5 * time.Second

// errInside: the publisher's own work waits for the caller.
var errInside = errors.New("the publisher itself waits for what called it, such as a hook, and so it cannot wait; call it on another goroutine")

// CloseError is what a publisher had not delivered when it was closed.
type CloseError struct {
	Spooled int64 // events in the spool, which the next publisher delivers
	Lost    int64 // events that were lost while it was being closed
	Cause   error // why it did not go on: the end of Close's context, or nil
}

func (e *CloseError) Error() string {
	text := fmt.Sprintf("%d events were lost", e.Lost)
	if e.Spooled > 0 {
		text = fmt.Sprintf("%d events stay in the spool and %s", e.Spooled, text)
	}
	if e.Cause != nil {
		text = e.Cause.Error() + ", and " + text
	}
	return text
}

// Unwrap returns the cause.
func (e *CloseError) Unwrap() error { return e.Cause }
