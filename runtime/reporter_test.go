package onex

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/health"
)

// A log that does not answer keeps nothing from Kafka: the client's goroutines
// do not call it, not even for its level.
func TestLogDoesNotAnswer(t *testing.T) {
	h := &hanging{Handler: slog.DiscardHandler, goOn: make(chan struct{})}
	defer close(h.goOn)
	cfg, err := Config{Logger: slog.New(h)}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	r := newShell(&cfg, delivery.New(delivery.Config{}), health.New(health.Config{})).reporter
	h.hangs.Store(true)
	go r.run()
	t.Cleanup(r.close)
	r.warn("it hangs")
	for range 1000 {
		r.asked.Store(-int64(time.Hour))
		if r.debugs() {
			t.Fatal("the level is not the one that there was")
		}
	}
}

// hanging is a log that does not answer.
type hanging struct {
	slog.Handler
	hangs atomic.Bool
	goOn  chan struct{}
}

func (h *hanging) Enabled(context.Context, slog.Level) bool {
	if h.hangs.Load() {
		<-h.goOn
	}
	return false
}

// Messages do not pile up while the program takes its time over one: those that
// are too many are counted.
func TestMessagesAreBounded(t *testing.T) {
	var log bytes.Buffer
	cfg, err := Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	r := newShell(&cfg, delivery.New(delivery.Config{}), health.New(health.Config{})).reporter
	for range 1000 {
		r.warn("a topic suffers")
	}
	if n := len(r.reports); n != 100 {
		t.Errorf("%d messages wait", n)
	}
	for _, p := range r.take(nil) {
		r.report(p)
	}
	r.warn("the last one")
	go r.run()
	r.close()
	if text := log.String(); strings.Count(text, "\n") != 101 || !strings.Contains(text, `msg="the last one" held_back=900`) {
		t.Errorf("log: %s", text)
	}
}
