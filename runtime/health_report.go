package onex

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/health"
)

// Health returns whether events get to Kafka, and if not, why. It does not
// block. While events are published it is current within the client's
// timeouts; without any, an outage is noticed within half a minute and the
// end of one within seconds. A nil Publisher is not up.
func (p *Publisher) Health() Health {
	if p == nil {
		return Health{Cause: CauseOther, Err: ErrNoPublisher}
	}
	switch {
	case p.standIn != nil && p.isClosing.Load():
		return Health{Cause: CauseClosed, Err: ErrClosed}
	case p.standIn != nil:
		return Health{Up: true}
	}
	return p.shell.healthOf(p.shell.health.Snapshot())
}

func (s *shell) healthOf(h health.Snapshot) Health {
	public := Health{Up: h.Up, Cause: Cause(h.Cause), Since: h.Since, Err: s.cfg.shown(h.Err), DeadLetters: s.deadLettered()}
	for topic, cause := range h.Topics {
		if public.Topics == nil {
			public.Topics = make(map[string]Cause, len(h.Topics))
		}
		public.Topics[topic] = Cause(cause)
	}
	return public
}

// CauseOf returns the cause that an error of the Kafka client tells of, in the
// words of [Health]; "" if it tells of none: a record was refused for its own
// sake, or somebody's context has ended. [Publisher.Health] knows more, because
// it sees how connections fail.
func CauseOf(err error) Cause {
	cause, _ := health.CauseOf(err)
	return Cause(cause)
}

// Remedy returns what to do about the cause, as a clause for people; "" for a
// cause that says nothing of that.
func (c Cause) Remedy() string { return health.Cause(c).Remedy() }

// tellHealth tells the program of a change.
func (s *shell) tellHealth(h Health) {
	s.reporter.health(func() { s.cfg.logHealth(h) }, func() { s.cfg.OnHealth(h) })
}

// topicsText says which topics suffer, in a line that stays short.
func topicsText(topics map[string]Cause) string {
	internal := make(map[string]health.Cause, len(topics))
	for topic, cause := range topics {
		internal[topic] = health.Cause(cause)
	}
	return health.TopicsText(internal)
}

func (cfg *Config) logHealth(h Health) {
	level, attrs := slog.LevelInfo, []any{"up", h.Up}
	if !h.Up {
		_, text := cfg.describe(h.Err)
		attrs = append(attrs, "cause", h.Cause, "error", text)
	}
	if len(h.Topics) > 0 {
		attrs = append(attrs, "topics", topicsText(h.Topics))
	}
	if h.Cause != CauseClosed && (!h.Up || len(h.Topics) > 0) {
		level = slog.LevelWarn
	}
	cfg.Logger.Log(context.Background(), level, "health changed", attrs...)
}

// HealthHandler returns a handler that answers every request with the
// publisher's present health, as JSON with the keys up, cause, since (RFC
// 3339), error (masked by Config.Mask), topics (name to cause) and dead_letters
// (code to number); those that say nothing are left out:
//
//	{"up":false,"cause":"refused","since":"2026-01-02T03:04:05Z","error":"dial tcp …: connection refused"}
//
// The status is 200 also while Kafka is away. Operations go on without Kafka,
// and the events wait for it; a probe that failed would end or cut off a
// process that works, and with it the events that wait. What is to react to
// Kafka reads "up". The handler of a nil Publisher works too.
func (p *Publisher) HealthHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(p.healthPage()) // who is not there any more needs no answer
	})
}

type healthPage struct {
	Up     bool             `json:"up"`
	Cause  Cause            `json:"cause,omitzero"`
	Since  time.Time        `json:"since,omitzero"`
	Error  string           `json:"error,omitzero"`
	Topics map[string]Cause `json:"topics,omitempty"`

	DeadLetters map[string]int64 `json:"dead_letters,omitempty"`
}

func (p *Publisher) healthPage() healthPage {
	h := p.Health()
	page := healthPage{Up: h.Up, Cause: h.Cause, Since: h.Since.UTC(), Topics: h.Topics, DeadLetters: h.DeadLetters}
	switch {
	case h.Err == nil:
	case p == nil:
		page.Error = h.Err.Error()
	default:
		_, page.Error = p.cfg.describe(h.Err)
	}
	return page
}

// Stats returns what there is to measure. It does not block, not even if the
// spool's disk hangs, and is meant to be called every few seconds. Those of a nil
// Publisher have its health and nothing else.
func (p *Publisher) Stats() Stats {
	s := Stats{Health: p.Health()}
	if p == nil {
		return s
	}
	s.MaxInFlight, s.MaxInFlightBytes = int64(p.cfg.MaxInFlight), int64(p.cfg.MaxInFlightBytes)
	if p.standIn != nil {
		s.Ledger = p.Ledger()
		return s
	}
	p.shell.measure(&s)
	return s
}

func (s *shell) measure(to *Stats) {
	s.mu.Lock()
	to.Ledger, to.InFlightBytes = s.ledgerLocked(), s.machine.HeldBytes()
	lost := s.machine.Lost()
	s.mu.Unlock()
	if to.Ledger.Lost > 0 {
		to.Lost = map[LossReason]int64{}
	}
	for reason, n := range lost {
		if n > 0 {
			to.Lost[lossReasons[delivery.Loss(reason)].reason] = n
		}
	}
	to.Latency = s.latency.read()
	if s.disk == nil {
		return
	}
	held := s.disk.holds.Load()
	to.SpoolBytes = held.Bytes
	for _, t := range held.Topics {
		if to.SpoolOldest.IsZero() || t.Oldest.Before(to.SpoolOldest) {
			to.SpoolOldest = t.Oldest
		}
	}
	if to.Ledger.Spooled == 0 { // by now
		to.SpoolOldest = time.Time{}
	}
}
