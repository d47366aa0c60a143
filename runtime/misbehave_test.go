package onex_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// guest is code of the program's that does in every position what one should not do
// there.
type guest struct {
	pub    atomic.Pointer[onex.Publisher]
	calls  atomic.Int64
	does   func(g *guest)
	goOn   chan struct{} // closed when what hangs may return
	events atomic.Int64  // that it has published itself
}

func (g *guest) act() {
	g.calls.Add(1)
	g.does(g)
}

// publish publishes from inside, a few times.
func (g *guest) publish(opts ...onex.EventOption) error {
	pub := g.pub.Load()
	if pub == nil || g.events.Add(1) > 5 {
		return nil
	}
	return onex.MetricRecorded(context.Background(), onex.NewNode(pub, "inner", onex.NodeSpec{Type: "effect", Service: "inner"}), "m", 1, "u", opts...)
}

// bad is a panic's value that panics itself.
type bad struct{}

func (bad) Error() string { panic("again") }

// What it does. What hangs does so where the publisher has promised not to wait.
var doings = map[string]func(g *guest){
	"panics": func(g *guest) {
		if g.calls.Load()%2 == 0 {
			panic(bad{})
		}
		panic("boom")
	},
	"hangs": func(g *guest) { <-g.goOn },
	"publishes": func(g *guest) {
		_ = g.publish()
		_ = g.publish(onex.WithMetadata(map[string]any{"k": "unfit"}))
		_ = g.publish(onex.Durable())
	},
	"asks": func(g *guest) {
		_, _, _ = g.pub.Load().Ledger(), g.pub.Load().Health(), g.pub.Load().Topics()
		_ = onex.NewNode(g.pub.Load(), "n", onex.NodeSpec{Type: "effect", Service: "new"})
	},
	"flushes": func(g *guest) { _ = g.pub.Load().Flush(context.Background()) },
	"closes":  func(g *guest) { _ = g.pub.Load().Close(context.Background()) },
}

// position is where the guest is.
type position struct {
	mayHang bool
	put     func(g *guest, cfg *onex.Config, opts *[]kgo.Opt)
}

type guestHandler struct {
	slog.Handler
	g       *guest
	enabled bool
}

func (h guestHandler) Enabled(context.Context, slog.Level) bool {
	if h.enabled {
		h.g.act()
	}
	return true
}

func (h guestHandler) Handle(context.Context, slog.Record) error {
	if !h.enabled {
		h.g.act()
	}
	return nil
}

type guestHooks struct {
	g  *guest
	on string
}

func (h guestHooks) at(where string) {
	if where == h.on {
		h.g.act()
	}
}

func (h guestHooks) OnNewClient(*kgo.Client) {
	if h.g.pub.Load() != nil {
		h.at("new client")
	}
}
func (h guestHooks) OnClientClosed(*kgo.Client)                   { h.at("client closed") }
func (h guestHooks) OnProduceRecordBuffered(*kgo.Record)          { h.at("record buffered") }
func (h guestHooks) OnProduceRecordUnbuffered(*kgo.Record, error) { h.at("record unbuffered") }
func (h guestHooks) OnBrokerConnect(kgo.BrokerMetadata, time.Duration, net.Conn, error) {
	h.at("connect")
}

func (h guestHooks) OnBrokerWrite(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	h.at("write")
}

func hook(on string) position {
	return position{put: func(g *guest, _ *onex.Config, opts *[]kgo.Opt) {
		*opts = append(*opts, kgo.WithHooks(guestHooks{g, on}))
	}}
}

type guestPartitioner struct {
	kgo.Partitioner
	g *guest
}

func (p guestPartitioner) ForTopic(topic string) kgo.TopicPartitioner {
	if topic == lossy {
		p.g.act()
	}
	return p.Partitioner.ForTopic(topic)
}

type guestLogger struct{ g *guest }

func (l guestLogger) Level() kgo.LogLevel              { return kgo.LogLevelDebug }
func (l guestLogger) Log(kgo.LogLevel, string, ...any) { l.g.act() }

type guestSpool struct {
	onex.Spool
	g *guest
}

func (s guestSpool) Append(events []onex.Spooled) ([]onex.Spooled, error) {
	s.g.act()
	return s.Spool.Append(events)
}

// guestError is an error of which one method is the guest.
type guestError struct {
	g  *guest
	in string
}

func (e guestError) at(in string) {
	if e.in == in {
		e.g.act()
	}
}

func (e guestError) Error() string                { e.at("Error"); return "an error" }
func (e guestError) ErrorType() string            { e.at("ErrorType"); return "" }
func (e guestError) Unwrap() error                { e.at("Unwrap"); return nil }
func (e guestError) Is(error) bool                { e.at("Is"); return false }
func (e guestError) As(any) bool                  { e.at("As"); return false }
func (e guestError) Timeout() bool                { e.at("Timeout"); return true }
func (e guestError) String() string               { e.at("String"); return "state" }
func (e guestError) MarshalJSON() ([]byte, error) { e.at("MarshalJSON"); return []byte("1"), nil }

func dialError(in string) position {
	return position{put: func(g *guest, _ *onex.Config, opts *[]kgo.Opt) {
		var dial func(context.Context, string, string) (net.Conn, error)
		*opts = append(*opts, wrapDialer(opts, func(ctx context.Context, network, addr string) (net.Conn, error) {
			if g.calls.Load() == 0 {
				return nil, guestError{g, in}
			}
			return dial(ctx, network, addr)
		}, &dial))
	}}
}

// wrapDialer takes the bench's dialer, which is the last of the options, out.
func wrapDialer(opts *[]kgo.Opt, dial func(context.Context, string, string) (net.Conn, error), inner *func(context.Context, string, string) (net.Conn, error)) kgo.Opt {
	client, err := kgo.NewClient((*opts)[len(*opts)-1])
	if err != nil {
		panic(err)
	}
	defer client.Close()
	*inner = client.OptValue(kgo.Dialer).(func(context.Context, string, string) (net.Conn, error))
	*opts = (*opts)[:len(*opts)-1]
	return kgo.Dialer(dial)
}

type wrapping struct{ err error }

func (w wrapping) Error() string { return "wrapping" }
func (w wrapping) Unwrap() error { return w.err }

// asking says of itself only what it is asked for.
type asking struct{ guestError }

func (a asking) ErrorType(int) {} // another method of that name

// lossy is a topic that takes nothing, nor do its dead letters.
const lossy = "dev.lossy.effect.metric.recorded.v1"

var positions = map[string]position{
	"OnLoss":       {mayHang: true, put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) { cfg.OnLoss = func(onex.Loss) { g.act() } }},
	"OnDeadLetter": {mayHang: true, put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) { cfg.OnDeadLetter = func(onex.DeadLetter) { g.act() } }},
	"OnHealth":     {mayHang: true, put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) { cfg.OnHealth = func(onex.Health) { g.act() } }},
	"Logger": {mayHang: true, put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) {
		cfg.Logger = slog.New(guestHandler{slog.DiscardHandler, g, false})
	}},
	"Enabled": {mayHang: true, put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) {
		cfg.Logger = slog.New(guestHandler{slog.DiscardHandler, g, true})
	}},
	"Mask of a dead letter": {mayHang: true, put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) {
		cfg.Mask = func(s string) string {
			if strings.Contains(s, "INVALID_RECORD") {
				g.act()
			}
			return s
		}
	}},
	"Mask": {put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) {
		cfg.Mask = func(s string) string {
			if strings.Contains(s, "an error") {
				g.act()
			}
			return s
		}
	}},
	"Now": {put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) {
		cfg.Now = func() time.Time { g.act(); return time.Now() }
	}},
	"NewID": {put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) {
		cfg.NewID = func() uuid.UUID { g.act(); return uuid.New() }
	}},
	"TopicName": {put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) {
		cfg.TopicName = func(namespace, service, eventType string) string {
			if service == "lossy" {
				g.act()
			}
			return strings.Join([]string{namespace, service, eventType, "v1"}, ".")
		}
	}},
	"dialer": {mayHang: true, put: func(g *guest, _ *onex.Config, opts *[]kgo.Opt) {
		var dial func(context.Context, string, string) (net.Conn, error)
		*opts = append(*opts, wrapDialer(opts, func(ctx context.Context, network, addr string) (net.Conn, error) {
			if g.pub.Load() == nil || g.calls.Load() < 2 {
				g.act()
			}
			return dial(ctx, network, addr)
		}, &dial))
	}},
	"partitioner": {put: func(g *guest, _ *onex.Config, opts *[]kgo.Opt) {
		*opts = append(*opts, kgo.RecordPartitioner(guestPartitioner{kgo.StickyKeyPartitioner(nil), g}))
	}},
	"kgo.Logger":             {put: func(g *guest, _ *onex.Config, opts *[]kgo.Opt) { *opts = append(*opts, kgo.WithLogger(guestLogger{g})) }},
	"Spool":                  {put: func(g *guest, cfg *onex.Config, _ *[]kgo.Opt) { cfg.Spool = guestSpool{&memSpool{}, g} }},
	"hook new client":        hook("new client"),
	"hook client closed":     hook("client closed"),
	"hook record buffered":   hook("record buffered"),
	"hook record unbuffered": hook("record unbuffered"),
	"hook connect":           hook("connect"),
	"hook write":             hook("write"),
	"dial error's Error":     dialError("Error"),
	"dial error's Unwrap":    dialError("Unwrap"),
	"dial error's Timeout":   dialError("Timeout"),
	"Error":                  {}, "ErrorType": {}, "Unwrap": {}, "Is": {}, "As": {}, "String": {}, "MarshalJSON": {},
}

// In every position it may do all of that, and nothing is hurt but what it was called
// for: events of others arrive, nothing goes unaccounted for, and Close returns.
func TestGuestsMisbehave(t *testing.T) {
	for where, p := range positions {
		for what, does := range doings {
			if what == "hangs" && !p.mayHang {
				continue
			}
			t.Run(where+" "+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					misbehave(t, where, p, &guest{does: does, goOn: make(chan struct{})})
				})
			})
		}
	}
}

func misbehave(t *testing.T, where string, p position, g *guest) {
	defer synctest.Wait()
	defer close(g.goOn)
	k := newBubbleKafka(t).start()
	cfg, opts := onex.Config{Logger: slog.New(slog.DiscardHandler)}, []kgo.Opt{uncompressed, kgo.UnknownTopicRetries(1)}
	opts = append(opts, kgo.SeedBrokers(k.addr()))
	opts = append(opts, k.client...)
	if p.put != nil {
		p.put(g, &cfg, &opts)
	}
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	g.pub.Store(pub)
	for _, topic := range []string{lossy, lossy + ".dlq"} {
		refuse(k.cluster, topic, "", kerr.InvalidRecord)
	}
	refuse(k.cluster, "dev.letters.effect.metric.recorded.v1", "unfit", kerr.InvalidRecord)

	node := func(service string) *onex.Node {
		return onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: service})
	}
	ctx := context.Background()
	witness, letters, failing := node("witness"), node("letters"), node("failing")
	op := onex.NewOperation[onex.None, onex.None](failing, "x")
	unfit := onex.WithMetadata(map[string]any{"k": "unfit"})
	odd := guestError{g, where}
	var accepted int64
	for range 3 {
		if err := onex.MetricRecorded(ctx, witness, "m", 1, "u"); err == nil {
			accepted++
		} else if !errors.Is(err, onex.ErrClosed) {
			t.Errorf("an event of others: %v", err)
		}
		for _, f := range []func() error{
			func() error { return onex.MetricRecorded(ctx, letters, "m", 1, "u", unfit) },
			func() error { return onex.MetricRecorded(ctx, node("lossy"), "m", 1, "u") },
			func() error { return op.Failed(ctx, id, odd, 0) },
			func() error { return op.Failed(ctx, id, wrapping{odd}, 0) },
			func() error { return op.Failed(ctx, id, asking{odd}, 0) },
			func() error { return op.Failed(ctx, id, struct{ guestError }{odd}, 0) }, // whose type has no name
			func() error { return onex.StateChanged(ctx, failing, id, odd, odd, "r") },
			func() error {
				return onex.MetricRecorded(ctx, failing, "m", 1, "u", onex.WithMetadata(map[string]any{"k": odd}))
			},
			func() error {
				return onex.MetricRecorded(ctx, failing, strings.Repeat("m", 2000), 1, "u") // refused
			},
		} {
			_ = f()
		}
		if err := onex.RunBare(ctx, op, func(context.Context) error { return odd }); err != odd {
			t.Errorf("Run returns %v", err)
		}
		time.Sleep(time.Second) // of the bubble's
	}
	if where == "Spool" || where == "hook new client" {
		k.kill()
		_ = onex.MetricRecorded(ctx, witness, "m", 1, "u")
		time.Sleep(10 * time.Minute)
		k.start()
		time.Sleep(time.Minute)
	}
	begun := time.Now()
	closing, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_ = pub.Close(closing)
	if took := time.Since(begun); took > 2*time.Minute {
		t.Errorf("Close took %v", took)
	}
	if g.calls.Load() == 0 {
		t.Error("it was not called")
	}
	l := pub.Ledger()
	checkLedger(t, l)
	if l.InFlight != 0 || l.Delivered < accepted {
		t.Errorf("%d events of others were accepted; ledger %+v", accepted, l)
	}
}
