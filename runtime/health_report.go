package onex

import (
	"context"
	"fmt"
	"log/slog"
)

// Health returns whether events get to Kafka, and if not, why. It does not
// block. While events are published it is current within the client's
// timeouts; without any, an outage is noticed within half a minute and the
// end of one within seconds. A nil Publisher is not up.
func (p *Publisher) Health() Health {
	if p == nil {
		return Health{Cause: CauseOther, Err: ErrNoPublisher}
	}
	h, _ := p.monitor.snapshot()
	return h
}

// tellHealth tells the program of a change: the log, and OnHealth.
func (cfg *Config) tellHealth(h Health) {
	apart(func() { cfg.logHealth(h) })
	if cause := apart(func() { cfg.OnHealth(h) }); cause != nil {
		apart(func() { cfg.Logger.Error("OnHealth panicked", "panic", fmt.Sprint(cause)) })
	}
}

func (cfg *Config) logHealth(h Health) {
	level, attrs := slog.LevelInfo, []any{"up", h.Up}
	if !h.Up {
		_, text := cfg.describe(h.Err)
		attrs = append(attrs, "cause", h.Cause, "error", text)
	}
	if len(h.Topics) > 0 {
		attrs = append(attrs, "topics", h.Topics)
	}
	if h.Cause != CauseClosed && (!h.Up || len(h.Topics) > 0) {
		level = slog.LevelWarn
	}
	cfg.Logger.Log(context.Background(), level, "health changed", attrs...)
}
