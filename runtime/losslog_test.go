package onex_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Of losses that come in masses the log gets some lines, and says how many it
// did not get; OnLoss gets every one.
func TestLossesAreRateLimited(t *testing.T) {
	const n = 5000
	var log bytes.Buffer
	var lost losses
	pub := newPublisher(t, onex.Config{OnLoss: lost.add, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}, noKafka(t))
	op := operation(pub, "effect", "x")
	for range n {
		if err := op.Started(context.Background(), id, onex.None{}); err != nil {
			t.Fatal(err)
		}
	}
	_ = pub.Close(closed(context.Background()))
	if got := len(lost.list()); got != n {
		t.Errorf("OnLoss was called %d times, want %d", got, n)
	}
	lines := strings.Count(log.String(), `msg="event lost"`)
	if held := heldBack(t, log.String()); lines+held != n || lines > n/10 {
		t.Errorf("%d lines, and %d held back, of %d losses", lines, held, n)
	}
}

// heldBack returns how many lines a log says that it did not get.
func heldBack(t *testing.T, log string) (held int) {
	t.Helper()
	for _, m := range regexp.MustCompile(`held_back=(\d+)`).FindAllStringSubmatch(log, -1) {
		count, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		held += count
	}
	return held
}

// What Kafka or a spool says may have secrets in it. They reach neither the log
// nor a dead letter.
func TestLogIsMasked(t *testing.T) {
	var log bytes.Buffer
	k := newKafka(t).start()
	l, spool := newLoad(t), &memSpool{}
	spool.set(func([]onex.Spooled) error { return errors.New("dial postgres://user:hunter2@db: refused") })
	cfg := l.config(spool)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	cfg.NoDeadLetters = true
	pub := newPublisher(t, cfg, k.addr(), append(quick(), uncompressed)...)
	l.use(pub)
	refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
	if err := onex.MetricRecorded(testContext(t), l.node, "m", 1, "u", onex.WithMetadata(map[string]any{"k": "unfit"})); err != nil {
		t.Fatal(err)
	}
	if err := l.publish("k", onex.Durable()); err == nil || !strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the caller is not told the whole error: %v", err)
	}
	_ = pub.Close(testContext(t))
	if text := log.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "postgres://***@db") || !strings.Contains(text, "reason=refused") || strings.Contains(text, "unfit") {
		t.Errorf("the log:\n%s", text)
	}
}
