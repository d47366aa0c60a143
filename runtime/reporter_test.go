package onex

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// Messages do not pile up while the program takes its time over one: those that
// are too many are counted.
func TestMessagesAreBounded(t *testing.T) {
	var log bytes.Buffer
	cfg, err := Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	r := newReporter(newIntake(bounds{}), cfg)
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
