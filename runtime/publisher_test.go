package onex_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// With Kafka away from the beginning, operations run, memory stays bounded,
// and Close says of every event that it did not make it.
func TestBrokerAbsent(t *testing.T) {
	var lost losses
	pub := newPublisher(t, onex.Config{MaxInFlight: 100, OnLoss: lost.add}, noKafka(t))
	op := operation(pub, "effect", "x")
	ran := 0
	for range 200 {
		err := onex.RunBare(testContext(t), op, func(context.Context) error { ran++; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	if ran != 200 {
		t.Errorf("%d operations ran, want 200", ran)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 100, InFlight: 100, Rejected: 300}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	if err := op.Started(testContext(t), id, onex.None{}); !errors.Is(err, onex.ErrQueueFull) {
		t.Errorf("publishing into a full queue: %v", err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := pub.Close(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "100 events were lost") {
		t.Errorf("Close: %v", err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 100, Lost: 100, Rejected: 301}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	ids := map[uuid.UUID]bool{}
	for _, l := range lost.list() {
		ids[l.EventID] = true
		if l.Reason != onex.LossClosed || l.Err == nil || !strings.HasPrefix(l.EventType, "effect.x.") || l.Topic != "dev.a."+l.EventType+".v1" || uuid.Validate(l.CorrelationID) != nil {
			t.Errorf("loss %+v", l)
		}
	}
	if len(ids) != 100 || ids[uuid.Nil] {
		t.Errorf("%d different events were reported, want 100", len(ids))
	}
}

// The bounds hold with many goroutines, in events and in bytes.
func TestBoundsHold(t *testing.T) {
	const maxBytes = 20_000
	for name, cfg := range map[string]onex.Config{
		"events": {MaxInFlight: 50},
		"bytes":  {MaxInFlightBytes: maxBytes},
	} {
		t.Run(name, func(t *testing.T) {
			var lost losses
			var sizes int
			cfg.OnLoss = lost.add
			pub := newPublisher(t, cfg, noKafka(t), kgo.WithHooks(sizeHook(func(n int) { sizes += n })))
			op := operation(pub, "effect", "x")
			var wg sync.WaitGroup
			for range 64 {
				wg.Go(func() {
					for range 20 {
						if err := op.Started(context.Background(), id, onex.None{}); err != nil && !errors.Is(err, onex.ErrQueueFull) {
							t.Error(err)
						}
						checkLedger(t, pub.Ledger())
					}
				})
			}
			wg.Wait()
			l := pub.Ledger()
			if l.Accepted+l.Rejected != 64*20 || l.Rejected == 0 || l.Accepted != l.InFlight {
				t.Errorf("ledger %+v", l)
			}
			if cfg.MaxInFlight > 0 && l.InFlight != int64(cfg.MaxInFlight) {
				t.Errorf("%d in flight, want %d", l.InFlight, cfg.MaxInFlight)
			}
			_ = pub.Close(closed(context.Background()))
			if cfg.MaxInFlightBytes > 0 && sizes > maxBytes {
				t.Errorf("%d bytes were in flight, want at most %d", sizes, maxBytes)
			}
			if got := len(lost.list()); int64(got) != l.InFlight {
				t.Errorf("%d losses, want %d", got, l.InFlight)
			}
		})
	}
}

// sizeHook is told the size of every record that the client gets. The client
// gets them from one goroutine.
type sizeHook func(int)

func (h sizeHook) OnProduceRecordBuffered(r *kgo.Record) { h(len(r.Value)) }

// At every moment each accepted event is in one place.
func TestLedgerAddsUpAtEveryMoment(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{MaxInFlight: 500}, broker)
	op := operation(pub, "effect", "x")
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				checkLedger(t, pub.Ledger())
			}
		}
	})
	var accepted [8]int64
	for i := range accepted {
		writers.Go(func() {
			for range 500 {
				if op.Started(context.Background(), id, onex.None{}) == nil {
					accepted[i]++
				}
			}
		})
	}
	writers.Wait()
	if err := pub.Close(testContext(t)); err != nil {
		t.Error(err)
	}
	close(stop)
	readers.Wait()
	var sum int64
	for _, n := range accepted {
		sum += n
	}
	if l := pub.Ledger(); l.Accepted != sum || l.Delivered != sum || l.InFlight != 0 || l.Lost != 0 {
		t.Errorf("ledger %+v, want %d delivered", l, sum)
	}
	seen := map[uuid.UUID]bool{}
	for _, r := range consume(t, broker, int(sum)) {
		seen[r.env.EventID] = true
	}
	if int64(len(seen)) != sum {
		t.Errorf("%d different events arrived, want %d", len(seen), sum)
	}
}

// Events with one key arrive in the order in which they were published.
func TestOrderPerKey(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	const each = 200
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range each {
				err := onex.MetricRecorded(context.Background(), node, "m", float64(i), "u", onex.WithPartitionKey(fmt.Sprint(g)))
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	next := map[string]int{}
	for _, r := range consume(t, broker, 4*each) {
		if want := fmt.Sprintf(`"metric_value":%d.0`, next[string(r.Key)]); !strings.Contains(string(r.Value), want) {
			t.Fatalf("key %s: %s comes in place of %s", r.Key, r.Value, want)
		}
		next[string(r.Key)]++
	}
}

// Losses are reported at WARN with all that identifies the event; deliveries
// at DEBUG; payloads never.
func TestLog(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	pub := newPublisher(t, onex.Config{Logger: logger}, startKafka(t))
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	secret := onex.WithMetadata(map[string]any{"k": "confidential"})
	if err := onex.MetricRecorded(onex.ContextWithCorrelation(testContext(t), id), node, "m", 1, "u", secret); err != nil {
		t.Fatal(err)
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"level=DEBUG", `msg="event delivered"`, "event_id=", "event_type=effect.metric.recorded", "correlation_id=" + id.String(), "topic=dev.a.effect.metric.recorded.v1", "partition=", "offset=0"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log of a delivery lacks %q:\n%s", want, &log)
		}
	}

	lost := newPublisher(t, onex.Config{Logger: logger}, noKafka(t))
	node = onex.NewNode(lost, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	if err := onex.StateChanged(testContext(t), node, id, "a", "b", "r", secret); err != nil {
		t.Fatal(err)
	}
	if err := lost.Close(closed(context.Background())); err == nil {
		t.Error("Close does not report the loss")
	}
	for _, want := range []string{"level=WARN", `msg="event lost"`, "event_id=", "event_type=effect.state.changed", "correlation_id=" + id.String(), "reason=closed", "error="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log of a loss lacks %q:\n%s", want, &log)
		}
	}
	if strings.Contains(log.String(), "confidential") {
		t.Errorf("the log tells what the events say:\n%s", &log)
	}
}

// A callback that panics or ends its goroutine costs neither the process nor
// the ledger, and a handler of the log that panics neither.
func TestReportsOfLossesFail(t *testing.T) {
	for name, cfg := range map[string]onex.Config{
		"panic":  {OnLoss: func(onex.Loss) { panic("boom") }},
		"goexit": {OnLoss: func(onex.Loss) { runtime.Goexit() }},
		"log":    {Logger: slog.New(panicking{})},
	} {
		t.Run(name, func(t *testing.T) {
			pub := newPublisher(t, cfg, noKafka(t))
			for range 3 {
				if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}); err != nil {
					t.Fatal(err)
				}
			}
			_ = pub.Close(closed(context.Background()))
			if got, want := pub.Ledger(), (onex.Ledger{Accepted: 3, Lost: 3}); got != want {
				t.Errorf("ledger %+v, want %+v", got, want)
			}
		})
	}
}

// While OnLoss takes its time, other events are delivered and counted.
func TestSlowOnLoss(t *testing.T) {
	called, goOn := make(chan struct{}), make(chan struct{})
	pub := newPublisher(t, onex.Config{
		MaxInFlight:   10,
		MaxEventBytes: 1 << 20,
		OnLoss:        func(onex.Loss) { close(called); <-goOn },
	}, startKafka(t), kgo.ProducerBatchMaxBytes(10_000))
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	ctx := testContext(t)
	tooLarge := onex.WithMetadata(map[string]any{"k": strings.Repeat("x", 20_000)})
	if err := onex.MetricRecorded(ctx, node, "m", 1, "u", tooLarge); err != nil {
		t.Fatal(err)
	}
	<-called
	for sent := 0; sent < 100; {
		switch err := onex.MetricRecorded(ctx, node, "m", 1, "u"); {
		case err == nil:
			sent++
		case !errors.Is(err, onex.ErrQueueFull) || ctx.Err() != nil:
			t.Fatalf("after %d events: %v", sent, errors.Join(err, ctx.Err()))
		default:
			runtime.Gosched()
		}
	}
	for l := pub.Ledger(); l.Delivered < 100; l = pub.Ledger() {
		if ctx.Err() != nil {
			t.Fatalf("ledger %+v", l)
		}
		runtime.Gosched()
	}
	if got := pub.Ledger().InFlight; got != 1 {
		t.Errorf("%d events are in flight, want the one that is being reported", got)
	}
	close(goOn)
	_ = pub.Close(ctx)
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 101, Delivered: 100, Lost: 1, Rejected: pub.Ledger().Rejected}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}

// What waits for Kafka keeps nothing of its caller's alive.
func TestContextsAreNotKept(t *testing.T) {
	pub := newPublisher(t, onex.Config{}, noKafka(t))
	type key struct{}
	value := new([1 << 20]byte)
	kept := weak.Make(value)
	if err := operation(pub, "effect", "x").Started(context.WithValue(context.Background(), key{}, value), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	value = nil
	for ctx := testContext(t); kept.Value() != nil; runtime.GC() {
		if ctx.Err() != nil {
			t.Fatal("the context is still there")
		}
	}
	if l := pub.Ledger(); l.InFlight != 1 {
		t.Errorf("ledger %+v", l)
	}
}
