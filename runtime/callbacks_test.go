package onex_test

import (
	"crypto/tls"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A spool that panics, or ends the goroutine that it is called on, is like one
// that fails: the events wait in memory, and go on when it does better.
func TestSpoolMisbehaves(t *testing.T) {
	for name, mood := range map[string]mood{
		"panic":  func() error { panic("moody") },
		"Goexit": func() error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKafka(t)
			l, spool := newLoad(t), &moody{Spool: &memSpool{}}
			pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
			l.use(pub)
			spool.change(func() { spool.append, spool.read, spool.remove = mood, mood, mood })
			l.some(100)
			if err := l.publish("k0", onex.Durable()); err == nil {
				t.Error("an event is durable that no spool has taken")
			}
			spool.change(func() { spool.append = nil })
			until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 100 })
			spool.calm()
			k.start()
			l.some(10)
			if err := pub.Close(testContext(t)); err != nil {
				t.Fatal(err)
			}
			l.check(k.addr(), pub, true)
		})
	}
}

// A spool that misbehaves from the beginning is an error, and no more.
func TestSpoolMisbehavesAtOnce(t *testing.T) {
	for want, mood := range map[string]mood{
		"panic: moody": func() error { panic("moody") },
		"Goexit":       func() error { runtime.Goexit(); return nil },
		"no":           func() error { return errors.New("no") },
	} {
		if _, err := onex.NewPublisher(onex.Config{Spool: locked{&memSpool{}, mood}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// locked is a spool that does not say what it has.
type locked struct {
	onex.Spool
	mood mood
}

func (s locked) Backlog() (onex.Backlog, error) { return onex.Backlog{}, s.mood() }

// What a TLS configuration calls may panic: the connection is not made then, and
// tried again.
func TestTLSCallbackMayPanic(t *testing.T) {
	ours := newAuthority(t)
	cluster := startCluster(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{*ours.sign(t, "127.0.0.1", time.Now().Add(time.Hour))}}))
	var calls atomic.Int32
	pub := newPublisher(t, onex.Config{}, cluster.ListenAddrs()[0], append(quick(), kgo.DialTLSConfig(&tls.Config{
		RootCAs: ours.pool,
		VerifyConnection: func(tls.ConnectionState) error {
			if calls.Add(1) < 4 {
				panic("boom")
			}
			return nil
		},
	}))...)
	if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 1 })
	// EnsureTopics has clients of its own.
	calls.Store(0)
	_, err := onex.PlanTopics(testContext(t), []string{"t"}, onex.TopicSettings{}, kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DialTLSConfig(&tls.Config{
		RootCAs: ours.pool, VerifyConnection: func(tls.ConnectionState) error { panic("boom") },
	}))
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("the plan: %v", err)
	}
}

// A Mask that panics, ends its goroutine or takes its time costs neither the
// dead letter nor anything else.
func TestMaskMisbehaves(t *testing.T) {
	release := make(chan struct{})
	for name, mask := range map[string]func(string) string{
		"panic":  func(string) string { panic("no") },
		"Goexit": func(string) string { runtime.Goexit(); return "" },
		"block":  func(string) string { <-release; return "" },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKafka(t).start()
			l := newLoad(t)
			cfg := l.config(nil)
			cfg.Mask = func(s string) string {
				if !strings.Contains(s, kerr.InvalidRecord.Message) {
					return s
				}
				return mask(s)
			}
			pub := newPublisher(t, cfg, k.addr(), append(quick(), uncompressed)...)
			l.use(pub)
			refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
			if err := onex.MetricRecorded(testContext(t), l.node, "m", -1, "u", onex.WithMetadata(map[string]any{"k": "unfit"})); err != nil {
				t.Fatal(err)
			}
			other := operation(pub, "effect", "x")
			until(t, pub, "flowing past", func(g onex.Ledger) bool {
				_ = other.Started(testContext(t), id, onex.None{})
				return g.Delivered > 50
			})
			if name == "block" {
				close(release)
			}
			if err := pub.Close(testContext(t)); err != nil {
				t.Fatal(err)
			}
			if got := pub.Ledger(); got.DeadLettered != 1 || got.Delivered != got.Accepted-1 {
				t.Errorf("ledger %+v", got)
			}
		})
	}
}
