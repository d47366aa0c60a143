package onex

import (
	"encoding/json"
	"net/http"
	"time"
)

// HealthHandler returns a handler that answers every request with the
// publisher's present health, as JSON with the keys up, cause, since (RFC
// 3339), error (masked by Config.Mask) and topics (name to cause); those that
// say nothing are left out:
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
}

func (p *Publisher) healthPage() healthPage {
	h := p.Health()
	page := healthPage{Up: h.Up, Cause: h.Cause, Since: h.Since.UTC(), Topics: h.Topics}
	switch {
	case h.Err == nil:
	case p == nil:
		page.Error = h.Err.Error()
	default:
		_, page.Error = p.cfg.describe(h.Err)
	}
	return page
}
