package onex

import (
	"context"
	"fmt"
	"log/slog"

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
	return healthOf(p.shell.health.Snapshot())
}

func healthOf(h health.Snapshot) Health {
	public := Health{Up: h.Up, Cause: Cause(h.Cause), Since: h.Since, Err: h.Err}
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

// tellHealth tells the program of a change: the log, and OnHealth.
func (cfg *Config) tellHealth(h Health) {
	apart(func() { cfg.logHealth(h) })
	if cause := apart(func() { cfg.OnHealth(h) }); cause != nil {
		apart(func() { cfg.Logger.Error("OnHealth panicked", "panic", fmt.Sprint(cause)) })
	}
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
