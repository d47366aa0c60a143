package onex

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// outcome is what the client says of a record in the end.
type outcome struct {
	record *kgo.Record
	err    error // nil if it was delivered
}

// settler writes the outcomes into the ledger and reports the losses. The
// client calls promises one after the other, and its progress waits for them:
// so a promise only puts its outcome here, and the settler's goroutine does
// what may take time.
type settler struct {
	intake *intake
	logger *slog.Logger
	onLoss func(Loss)

	mu       sync.Mutex
	outcomes []outcome
	closed   bool
	arrived  sync.Cond
	done     chan struct{}
}

func newSettler(in *intake, cfg Config) *settler {
	s := &settler{intake: in, logger: cfg.Logger, onLoss: cfg.OnLoss, done: make(chan struct{})}
	s.arrived.L = &s.mu
	return s
}

// promise is the client's callback for every record. What it keeps is bounded
// by what may be in flight: an event stays in flight until it is settled.
func (s *settler) promise(rec *kgo.Record, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes = append(s.outcomes, outcome{rec, err})
	s.arrived.Signal()
}

func (s *settler) run() {
	defer close(s.done)
	var spare []outcome
	for {
		batch := s.take(spare)
		if len(batch) == 0 {
			return
		}
		s.settle(batch)
		clear(batch)
		spare = batch
	}
}

// take waits for outcomes and returns all that there are; none at the end.
func (s *settler) take(spare []outcome) []outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.outcomes) == 0 && !s.closed {
		s.arrived.Wait()
	}
	batch := s.outcomes
	s.outcomes = spare[:0]
	return batch
}

// settle counts the delivered events of a batch together, and each lost one
// once it has been reported.
func (s *settler) settle(batch []outcome) {
	var delivered, bytes int64
	debug := s.logger.Enabled(context.Background(), slog.LevelDebug)
	for _, o := range batch {
		if o.err != nil {
			s.report(o)
			s.intake.settle(0, 1, int64(len(o.record.Value)))
			continue
		}
		if debug {
			id, eventType, correlationID := identity(o.record)
			s.logger.Debug("event delivered", append(attrs(id, eventType, correlationID, o.record.Topic),
				"partition", o.record.Partition, "offset", o.record.Offset)...)
		}
		delivered++
		bytes += int64(len(o.record.Value))
	}
	if delivered > 0 {
		s.intake.settle(delivered, 0, bytes)
	}
}

func (s *settler) report(o outcome) {
	id, eventType, correlationID := identity(o.record)
	loss := Loss{EventID: id, EventType: eventType, CorrelationID: correlationID, Topic: o.record.Topic, Reason: reasonOf(o.err), Err: o.err}
	s.logger.Warn("event lost", append(attrs(id, eventType, correlationID, loss.Topic), "reason", loss.Reason, "error", loss.Err)...)
	defer func() {
		if cause := recover(); cause != nil {
			s.logger.Error("OnLoss panicked", "event_id", id, "panic", fmt.Sprint(cause))
		}
	}()
	s.onLoss(loss)
}

// close ends the settler's goroutine once it has settled what it has.
func (s *settler) close() {
	s.mu.Lock()
	s.closed = true
	s.arrived.Signal()
	s.mu.Unlock()
	<-s.done
}
