package onex_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// A nil context is one that never ends.
func TestNilContexts(t *testing.T) {
	k := newKafka(t).start()
	pub := newPublisher(t, onex.Config{}, k.addr(), quick()...)
	op := operation(pub, "effect", "x")
	var none context.Context
	for _, err := range []error{
		op.Started(none, id, onex.None{}),
		onex.RunBare(none, op, func(ctx context.Context) error { return ctx.Err() }),
		pub.Flush(none),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if l := pub.Ledger(); l.Delivered != 3 {
		t.Errorf("Flush has not waited: %+v", l)
	}
	if plan, err := pub.EnsureTopics(none, onex.TopicSettings{}); err != nil {
		t.Errorf("%v, %v", plan, err)
	}
	for range 2 {
		if err := pub.Close(none); err != nil {
			t.Error(err)
		}
	}
	var nobody *onex.Publisher
	if err := errors.Join(nobody.Flush(none), nobody.Close(none)); err != nil {
		t.Error(err)
	}
}

// Of events that Run methods cannot publish the log gets some lines, and says how
// many it did not get; so it is without a publisher, and after its end.
func TestRefusalsAreRateLimited(t *testing.T) {
	const n = 2500
	full := func(pub *onex.Publisher) { // so that every event is refused
		for operation(pub, "effect", "y").Started(context.Background(), id, onex.None{}) == nil {
		}
	}
	for name, pub := range map[string]func(onex.Config) *onex.Publisher{
		"full": func(cfg onex.Config) *onex.Publisher { p := newPublisher(t, cfg, noKafka(t)); full(p); return p },
		"closed": func(cfg onex.Config) *onex.Publisher {
			p := newPublisher(t, cfg, noKafka(t))
			_ = p.Close(context.Background())
			return p
		},
		"no publisher": func(onex.Config) *onex.Publisher { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
			before := slog.Default()
			slog.SetDefault(logger)
			defer slog.SetDefault(before)
			p := pub(onex.Config{MaxInFlight: 1, Logger: logger, OnLoss: func(onex.Loss) {}})
			op := operation(p, "effect", "x")
			begun := time.Now()
			for range n {
				if err := onex.RunBare(context.Background(), op, func(context.Context) error { return nil }); err != nil {
					t.Fatal(err)
				}
			}
			seconds := int(time.Since(begun)/time.Second) + 2
			_ = p.Close(closed(context.Background()))
			lines := strings.Count(log.String(), `msg="event not published"`)
			if lines == 0 || lines > 100*seconds {
				t.Errorf("%d lines in %d s", lines, seconds)
			}
			if held := heldBack(t, log.String()); name == "full" && lines+held != 2*n {
				t.Errorf("%d lines and %d held back of %d", lines, held, 2*n)
			}
			if !strings.Contains(log.String(), "node_id=n1 operation=x") {
				t.Errorf("the log does not say whose events these are: %.300s", log.String())
			}
		})
	}
}

// An event that could never be in flight is refused for that, and not because there
// is no room at the moment.
func TestEventsThatNeverFit(t *testing.T) {
	k := newKafka(t).start()
	const most = 20_000
	pub := newPublisher(t, onex.Config{MaxInFlightBytes: most}, k.addr(), append(quick(), uncompressed)...)
	op := operation(pub, "effect", "x")
	with := func(n int) onex.EventOption { return onex.WithMetadata(map[string]any{"k": strings.Repeat("x", n)}) }
	if err := op.Started(testContext(t), id, onex.None{}, with(most)); !errors.Is(err, onex.ErrTooLarge) || !strings.Contains(err.Error(), "Config.MaxInFlightBytes is 20000") {
		t.Errorf("an event of more than %d bytes: %v", most, err)
	}
	// So is one that its topic could not have beside others, but only then.
	if err := errors.Join(op.Started(testContext(t), id, onex.None{}, with(most*3/4)), pub.Flush(testContext(t))); err != nil {
		t.Fatal(err)
	}
	handle := k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "dev.a.effect.x.started.v1", Err: kerr.TopicAuthorizationFailed, Count: -1})
	if err := op.Started(testContext(t), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	for ctx := testContext(t); pub.Health().Topics == nil; pause(ctx) {
		if ctx.Err() != nil {
			t.Fatalf("health %+v", pub.Health())
		}
	}
	size := most
	for ; size > 0; size-- {
		err := op.Started(testContext(t), id, onex.None{}, with(size))
		if errors.Is(err, onex.ErrQueueFull) {
			break // there is room for it when the other one has left
		}
		if !errors.Is(err, onex.ErrTooLarge) {
			t.Fatalf("metadata of %d bytes: %v", size, err)
		}
	}
	if size > most/2 || size < most/3 {
		t.Errorf("the largest that might have room has %d bytes of metadata", size)
	}
	if err := op.Completed(testContext(t), id, onex.None{}, 0, with(size-500)); err != nil {
		t.Errorf("another topic: %v", err)
	}
	handle.Remove()
	if err := pub.Flush(testContext(t)); err != nil {
		t.Error(err)
	}
}

// A map with too many keys costs its event nothing: its summary says that it lacks
// some.
func TestSummaryIsCut(t *testing.T) {
	k := newKafka(t).start()
	pub := newPublisher(t, onex.Config{}, k.addr(), quick()...)
	small := newPublisher(t, onex.Config{MaxEventBytes: 3000}, k.addr(), quick()...)
	many, typed := map[string]any{}, map[string]int{}
	for i := range 100_000 {
		many[fmt.Sprint("key", i)], typed[fmt.Sprint("key", i)] = i, i
	}
	for _, p := range []*onex.Publisher{pub, small} {
		node := onex.NewNode(p, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
		for _, err := range []error{
			onex.NewOperation[map[string]any, onex.None](node, "x").Started(testContext(t), id, many),
			onex.NewOperation[onex.None, map[string]int](node, "x").Completed(testContext(t), id, typed, 0),
		} {
			if err != nil {
				t.Error(err)
			}
		}
	}
	for _, r := range consume(t, k.addr(), 4) {
		var payload struct {
			Input  map[string]string `json:"input_summary"`
			Result map[string]string `json:"result_summary"`
		}
		if err := json.Unmarshal(r.env.Payload, &payload); err != nil {
			t.Fatal(err)
		}
		s := payload.Input
		if s == nil || len(payload.Result) > 0 {
			s = payload.Result
		}
		if n := len(s); n < 50 || n > envelope.MaxSummaryKeys+1 || s[envelope.SummaryCut] != fmt.Sprintf("%d more", 100_000-n+1) {
			t.Errorf("%d keys, %q", n, s[envelope.SummaryCut])
		}
	}
}

// The reason of a state change that is too long is cut as error text is.
func TestReasonIsCut(t *testing.T) {
	k := newKafka(t).start()
	pub := newPublisher(t, onex.Config{MaxErrorBytes: 100}, k.addr(), quick()...)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	if err := onex.StateChanged(testContext(t), node, id, "a", "b", strings.Repeat("ü", 5000)); err != nil {
		t.Fatal(err)
	}
	payload, ok := byType(t, consume(t, k.addr(), 1))["effect.state.changed"].payload.(envelope.StateChanged)
	if reason := payload.TransitionReason; !ok || len(reason) > 100 || !strings.HasSuffix(reason, "ü…") || !utf8.ValidString(reason) {
		t.Errorf("reason %q", reason)
	}
}
