package onex

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/health"
	"github.com/omninode-ai/onexevents/runtime/internal/kafka"
)

// shell carries out what the machine decides: one lock is held around each call
// of the machine, and one goroutine loops over what it says is to be done.
// Whatever may take time is done on another, and answered from there.
type shell struct {
	cfg      *Config
	client   *kafka.Client
	health   *health.Monitor
	reporter *reporter
	disk     *disk // nil without a spool
	begun    time.Time
	latency  latency

	mu        sync.Mutex
	machine   *delivery.Machine
	rejected  int64
	isAwake   bool      // the loop is about to ask what is to be done
	letters   []*letter // that can be sent; the loop's to take
	inherited bool      // all has been said of what an earlier process has left

	deadLetters map[string]int64 // by the code of their reasons

	settled sync.Cond // of mu: the ledger has come to something that is waited for

	// There are operations that durable events have begun; it may be asked without
	// the lock.
	hasOperations atomic.Bool

	forDisk []delivery.Effect // what the disk is yet to do; the loop's

	groups sync.Pool     // those that have been answered for
	woken  chan struct{} // has room for one
	busy   sync.WaitGroup
	ending context.Context // ends with the loop
	end    context.CancelFunc
	ended  chan struct{}
}

func newShell(cfg *Config, m *delivery.Machine, h *health.Monitor) *shell {
	s := &shell{cfg: cfg, health: h, machine: m, begun: time.Now(), deadLetters: map[string]int64{}, woken: make(chan struct{}, 1), ended: make(chan struct{})}
	s.settled.L = &s.mu
	s.ending, s.end = context.WithCancel(context.Background())
	s.reporter = newReporter(s)
	return s
}

// now is the machine's time. It never jumps, whatever the clock on the wall does.
func (s *shell) now() delivery.Time { return time.Since(s.begun) + 1 }

// tell calls the machine, and wakes the loop if there is something to do.
func (s *shell) tell(call func(m *delivery.Machine, now delivery.Time)) {
	s.mu.Lock()
	call(s.machine, s.now())
	s.hasOperations.Store(s.machine.Operations() > 0)
	if s.machine.Settled() {
		s.settled.Broadcast()
	}
	wake := s.hasWorkLocked()
	s.mu.Unlock()
	if wake {
		s.wake()
	}
}

// hasWorkLocked tells whether the loop has to be woken, for something that it does
// not know of.
func (s *shell) hasWorkLocked() bool {
	if s.isAwake || !s.machine.HasWork() && len(s.letters) == 0 {
		return false
	}
	s.isAwake = true
	return true
}

func (s *shell) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// accept is tell for a publish method, which has no time to lose.
func (s *shell) accept(t *delivery.Topic, e *delivery.Event) error {
	s.mu.Lock()
	err := s.machine.Accept(t, e)
	wake := s.hasWorkLocked()
	if e.Extra != nil {
		s.hasOperations.Store(s.machine.Operations() > 0)
	}
	s.mu.Unlock()
	if wake {
		s.wake()
	}
	switch err {
	case delivery.ErrFull:
		return ErrQueueFull
	case delivery.ErrLarge:
		return fmt.Errorf("%w: %d bytes with its key, and half of Config.MaxInFlightBytes is %d, which is all that a topic may have that cannot be written to",
			ErrTooLarge, len(e.Record), s.cfg.MaxInFlightBytes/2)
	case delivery.ErrClosed:
		return ErrClosed
	}
	return err
}

// reject counts an event that was refused.
func (s *shell) reject() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected++
}

// topic returns the topic of a name, which is made when it is first asked for.
func (s *shell) topic(name string) *delivery.Topic {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.Topic(name)
}

func (s *shell) ledger() Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledgerLocked()
}

func (s *shell) ledgerLocked() Ledger {
	l := s.machine.Ledger()
	return Ledger{
		Accepted: l.Accepted, Delivered: l.Delivered, DeadLettered: l.DeadLettered,
		Spooled: l.Spooled, InFlight: l.InFlight, Lost: l.Lost, Rejected: s.rejected,
	}
}

// wait blocks until done, which is asked with the lock held, or until ctx ends,
// whose error it returns then.
func (s *shell) wait(ctx context.Context, done func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.settled.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.settled.Wait()
	}
	return nil
}

// flush waits until nothing is in flight of what has been accepted so far.
func (s *shell) flush(ctx context.Context) error {
	s.mu.Lock()
	seq := s.machine.Flush()
	s.mu.Unlock()
	return s.wait(ctx, func() bool { return s.machine.IsFlushed(seq) })
}

// stop ends the loop, and waits for all that it has begun.
func (s *shell) stop() {
	s.end()
	<-s.ended
	s.busy.Wait()
}

// run does what the machine says, until the end.
func (s *shell) run() {
	defer close(s.ended)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var flush spacing
	for {
		effects, letters, again := s.next()
		sent := len(letters)
		for _, l := range letters {
			s.sendLetter(l)
		}
		for _, x := range effects {
			sent += s.carryOut(x)
		}
		if sent > 0 && !flush.do(s.client.Flush, sent, s.ending) {
			return
		}
		timer.Reset(again)
		if !s.rest(timer.C) {
			return
		}
	}
}

// rest waits for the time or a wake, and gives the disk what it is to do, if it
// has time. It returns false at the end.
func (s *shell) rest(until <-chan time.Time) (goOn bool) {
	for {
		var todo chan<- []delivery.Effect // nil, into which nothing goes
		if len(s.forDisk) > 0 {
			todo = s.disk.todo
		}
		select {
		case todo <- s.forDisk:
			s.forDisk = nil
		case <-s.woken:
			return true
		case <-until:
			return true
		case <-s.ending.Done():
			return false
		}
	}
}

// next asks the machine what is to be done, and how long it may be left alone if
// nothing happens.
func (s *shell) next() (effects []delivery.Effect, letters []*letter, again time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isAwake = false
	letters, s.letters = s.letters, nil
	now := s.now()
	effects, at := s.machine.Next(now)
	if s.machine.Settled() {
		s.settled.Broadcast()
	}
	if at == 0 {
		return effects, letters, time.Hour
	}
	return effects, letters, max(at-now, 0)
}

// carryOut does what the machine says, and tells how many groups the client has been
// given, which has to be flushed then.
func (s *shell) carryOut(x delivery.Effect) (sent int) {
	switch x := x.(type) {
	case delivery.Send:
		s.send(x.Group)
		return 1
	case delivery.Bury:
		go s.bury(x.Letter) // Mask may never return
	case delivery.Store, delivery.Load, delivery.Remove, delivery.Finish:
		s.forDisk = append(s.forDisk, x)
	case delivery.Forget:
		s.busy.Go(func() { s.forget(x) })
	case delivery.Renew:
		s.busy.Go(func() { s.renew(x) })
	case delivery.Lose:
		s.reporter.put(report{loss: &x})
	case delivery.Confirm:
		attachedTo(x.Event).durable <- x.Err
	case delivery.Notice:
		s.notice(x)
	}
	return 0
}

func (s *shell) forget(x delivery.Forget) {
	topic := x.Topic.Name
	if x.Letters {
		topic = s.cfg.letters().Of(topic)
	}
	s.client.Forget(s.ending, topic)
	s.tell(func(m *delivery.Machine, _ delivery.Time) { m.Forgot(x) })
}

// renewPatience is how long a client may take to end.
const renewPatience = 30 * time.Second

func (s *shell) renew(x delivery.Renew) {
	s.reporter.warn("the Kafka client has failed and is replaced", "error", x.Err)
	ctx, cancel := context.WithTimeout(s.ending, renewPatience)
	defer cancel()
	err := s.client.Renew(ctx)
	if err != nil {
		s.reporter.warn("a new Kafka client cannot be made", "error", err)
	}
	s.tell(func(m *delivery.Machine, now delivery.Time) {
		m.Batch(s.client.BatchBytes())
		m.Renewed(err, now)
	})
}

// notice logs what the machine has noticed.
func (s *shell) notice(n delivery.Notice) {
	switch n.What {
	case delivery.NotePaused:
		s.reporter.warn("Kafka takes no events for a topic", "topic", n.Topic.Name, "again_in", n.For, "error", n.Err)
	case delivery.NoteStalled:
		s.health.Stalled(n.Topic.Name)
		s.reporter.warn("Kafka acknowledges no events for a topic, while it does for others", "topic", n.Topic.Name)
	case delivery.NoteDown:
		if s.disk != nil {
			s.reporter.warn("Kafka does not answer; events go to the spool", "for", n.For.Round(time.Millisecond))
		}
	case delivery.NoteBroken:
		s.reporter.warn("the publisher has made a mistake; please report it", "error", n.Err)
	}
}

// topics returns the names of all topics, sorted.
func (s *shell) topics() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.machine.Topics() {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return names
}

// spacing is the pause behind something that costs the more, the more topics
// there are, so that with thousands of them it takes a ninth of the time at the
// most.
type spacing struct{ last time.Duration }

const (
	// cheap is what may be done again at once: it costs that with hundreds of
	// topics.
	cheap = 200 * time.Microsecond

	// perGroup is about what the client and a broker have to do for a group with one
	// event. If many topics have few events each, it is better to wait for more.
	perGroup = 20 * time.Microsecond

	longestSpacing = 25 * time.Millisecond
)

// do does it for so many groups, and then waits until it may be done again; or until
// ctx ends, which it says. What takes long only once has been interrupted by
// something else.
func (p *spacing) do(f func(), groups int, ctx context.Context) (goOn bool) {
	begun := time.Now()
	f()
	last := p.last
	p.last = time.Since(begun)
	cost := min(last, p.last) + time.Duration(groups)*perGroup
	if cost <= cheap {
		return true
	}
	select {
	case <-time.After(min(8*cost, longestSpacing)):
		return true
	case <-ctx.Done():
		return false
	}
}
