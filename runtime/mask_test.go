package onex_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// secretive is an error with a secret in its text and in its type.
type secretive struct{}

func (secretive) Error() string     { return "password=hunter2 is wrong" }
func (secretive) ErrorType() string { return "password=hunter2" }

// masks are what a program can have for its texts, and how a text looks then.
var masks = map[string]struct {
	mask func(string) string
	text func(before, after string) string // around a secret
}{
	"MaskSecrets": {nil, func(before, after string) string { return before + "password=***" + after }},
	"its own": {
		func(s string) string { return "(" + strings.ReplaceAll(s, "hunter2", "#") + ")" },
		func(before, after string) string { return "(" + before + "password=#" + after + ")" },
	},
	"one that panics":             {func(string) string { panic("no") }, func(string, string) string { return "***" }},
	"one that ends its goroutine": {func(string) string { runtime.Goexit(); return "" }, func(string, string) string { return "***" }},
}

// What a program puts into an event for people has no secrets, in each of its
// places; what it puts there as data has what it was given.
func TestEventsAreMasked(t *testing.T) {
	for name, tt := range masks {
		t.Run(name, func(t *testing.T) {
			broker := startKafka(t)
			pub := newPublisher(t, onex.Config{Mask: tt.mask}, broker)
			node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
			ctx := testContext(t)
			data := onex.WithMetadata(map[string]any{"password": "hunter2"})
			if err := errors.Join(
				onex.NewOperation[onex.None, onex.None](node, "x").Failed(ctx, id, secretive{}, 0, data),
				onex.StateChanged(ctx, node, id, "password=hunter2 a", "password=hunter2 b", "since password=hunter2"),
				onex.MetricRecorded(ctx, node, "password=hunter2 m", 1, "password=hunter2 u"),
			); err != nil {
				t.Fatal(err)
			}
			got := byType(t, consume(t, broker, 3))
			failed := got["effect.x.failed"].payload.(envelope.OperationFailed)
			state := got["effect.state.changed"].payload.(envelope.StateChanged)
			metric := got["effect.metric.recorded"].payload.(envelope.MetricRecorded)
			for place, is := range map[string][2]string{
				"error text": {failed.ErrorMessage, tt.text("", " is wrong")},
				"error type": {failed.ErrorType, tt.text("", "")},
				"old state":  {state.OldState, tt.text("", " a")},
				"new state":  {state.NewState, tt.text("", " b")},
				"reason":     {state.TransitionReason, tt.text("since ", "")},
				"metric":     {metric.MetricName, tt.text("", " m")},
				"unit":       {metric.MetricUnit, tt.text("", " u")},
			} {
				if is[0] != is[1] {
					t.Errorf("%s: %q, want %q", place, is[0], is[1])
				}
			}
			if !strings.Contains(string(failed.Metadata), "hunter2") {
				t.Errorf("metadata is masked: %s", failed.Metadata)
			}
		})
	}
}

// Log lines, Health and what it tells have no secrets either.
func TestWhatIsToldIsMasked(t *testing.T) {
	var log bytes.Buffer
	told := make(chan onex.Health, 100)
	failure := errors.New("password=hunter2 is wrong")
	pub := newPublisher(t, onex.Config{
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
		TopicName: func(_, _, eventType string) string {
			return strings.ReplaceAll(eventType, "hidden", "password=hunter2")
		},
		OnLoss: func(onex.Loss) { panic("password=hunter2") },
		OnHealth: func(h onex.Health) {
			select {
			case told <- h:
			default:
			}
			panic("password=hunter2")
		},
	}, "127.0.0.1:1", kgo.Dialer(func(context.Context, string, string) (net.Conn, error) { return nil, failure }))
	if err := onex.RunBare(testContext(t), operation(pub, "effect", "hidden"), func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	h := <-told
	for h.Cause != onex.CauseOther {
		h = <-told
	}
	page := httptest.NewRecorder()
	pub.HealthHandler().ServeHTTP(page, nil)
	if text := h.Err.Error() + pub.Health().Err.Error() + page.Body.String(); strings.Contains(text, "hunter2") || strings.Count(text, "password=***") != 3 || !errors.Is(h.Err, failure) {
		t.Errorf("health says %s", text)
	}
	_ = pub.Close(closed(context.Background()))
	for _, line := range []string{"event not published", "OnLoss panicked", "OnHealth panicked", "health changed"} {
		if at := strings.Index(log.String(), line); at < 0 || !strings.Contains(strings.SplitN(log.String()[at:], "\n", 2)[0], "password=***") {
			t.Errorf("no %q with a masked text in the log", line)
		}
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Errorf("the log:\n%s", &log)
	}
}

// A dead letter's reason is masked by the program's own mask.
func TestDeadLettersAreMasked(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	cfg := l.config(nil)
	cfg.Mask = func(s string) string { return strings.ReplaceAll(s, kerr.InvalidRecord.Message, "#") }
	pub := newPublisher(t, cfg, k.addr(), append(quick(), uncompressed)...)
	l.use(pub)
	refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
	if err := onex.MetricRecorded(testContext(t), l.node, "m", 1, "u", onex.WithMetadata(map[string]any{"k": "unfit"})); err != nil {
		t.Fatal(err)
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	letters := readAll(t, k.addr(), l.topic+".dlq")
	if len(letters) != 1 {
		t.Fatalf("%d dead letters", len(letters))
	}
	letter, err := envelope.DecodeDeadLetter(letters[0].Value)
	if err != nil || !strings.HasPrefix(letter.FailureReason, "#") {
		t.Errorf("%q, %v", letter.FailureReason, err)
	}
}
