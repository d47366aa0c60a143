package onex_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Without a fault a publisher is connecting, and then up, without any event.
func TestHealthUp(t *testing.T) {
	pub, changes := watched(t, startCluster(t).ListenAddrs()[0])
	health := changes.next(t)
	if !health.Up || health.Cause != "" || health.Err != nil || health.Topics != nil {
		t.Errorf("health %+v", health)
	}
	if got := pub.Health(); !got.Up || !got.Since.Equal(health.Since) {
		t.Errorf("Health() says %+v, and OnHealth was told %+v", got, health)
	}
}

func TestHealthRefused(t *testing.T) {
	addr := noKafka(t)
	pub, changes := watched(t, addr)
	if h := pub.Health(); h.Up || h.Cause != onex.CauseConnecting && h.Cause != onex.CauseRefused {
		t.Errorf("at the start: %+v", h)
	}
	down := changes.down(t, onex.CauseRefused)
	if !errors.Is(down.Err, syscall.ECONNREFUSED) {
		t.Errorf("error %v", down.Err)
	}
	startKafkaAt(t, addr)
	if up := changes.up(t); up.Since.Before(down.Since) {
		t.Errorf("up since %v, and down since %v", up.Since, down.Since)
	}
}

// Kafka goes away in the middle, and comes back.
func TestHealthOfAnOutage(t *testing.T) {
	cluster := startCluster(t)
	addr := cluster.ListenAddrs()[0]
	pub, changes := watched(t, addr)
	changes.up(t)
	publish(t, pub, "x")
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	cluster.Close()
	publish(t, pub, "x")
	changes.down(t, onex.CauseRefused)
	startKafkaAt(t, addr)
	changes.up(t)
}

// A name that is not resolved, by a resolver whose server is away.
func TestHealthDNS(t *testing.T) {
	broker := startCluster(t).ListenAddrs()[0]
	var resolves atomic.Bool
	dialer := &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no way to the name server")
	}}}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if resolves.Load() {
			addr = broker
		}
		return dialer.DialContext(ctx, network, addr)
	}
	_, changes := watched(t, "kafka.invalid:9092", kgo.Dialer(dial))
	down := changes.down(t, onex.CauseDNS)
	var fault *net.DNSError
	if !errors.As(down.Err, &fault) || fault.Name != "kafka.invalid" {
		t.Errorf("error %v", down.Err)
	}
	resolves.Store(true)
	changes.up(t)
}

// A broker that takes connections and never answers.
func TestHealthTimeout(t *testing.T) {
	broker := silence(t)
	_, changes := watched(t, broker.addr)
	changes.down(t, onex.CauseTimeout)
	broker.end()
	startKafkaAt(t, broker.addr)
	changes.up(t)
}

// A broker that answers all but the events.
func TestHealthTimeoutOfEvents(t *testing.T) {
	cluster := startCluster(t)
	goOn := make(chan struct{})
	cluster.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		cluster.SleepControl(func() { <-goOn })
		return nil, nil, false
	})
	t.Cleanup(func() {
		select {
		case <-goOn:
		default:
			close(goOn)
		}
	})
	pub, changes := watched(t, cluster.ListenAddrs()[0])
	changes.up(t)
	publish(t, pub, "x")
	down := changes.down(t, onex.CauseTimeout)
	if !strings.Contains(down.Err.Error(), "no answer to a produce request") {
		t.Errorf("error %v", down.Err)
	}
	close(goOn)
	changes.up(t)
}

// A seed that is away is no outage while others are there.
func TestHealthWithOneBrokerAway(t *testing.T) {
	changes := newHealths()
	pub, err := onex.NewPublisher(onex.Config{OnHealth: changes.add, Logger: slog.New(slog.DiscardHandler)},
		kgo.SeedBrokers(noKafka(t), noKafka(t), startCluster(t).ListenAddrs()[0]))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pub.Close(closed(context.Background())) })
	if health := changes.next(t); !health.Up {
		t.Errorf("health %+v", health)
	}
}

// What one topic suffers from is said of that topic alone, and only until an
// event is acknowledged there.
func TestHealthTopicMissing(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.SeedTopics(1, topicOf("there")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	pub, changes := watched(t, cluster.ListenAddrs()[0])
	changes.up(t)
	publish(t, pub, "there")
	publish(t, pub, "missing")
	health := changes.next(t)
	if !health.Up || len(health.Topics) != 1 || health.Topics[topicOf("missing")] != onex.CauseTopicMissing {
		t.Fatalf("health %+v", health)
	}
	health.Topics["mine"] = onex.CauseOther
	if got := pub.Health(); len(got.Topics) != 1 {
		t.Errorf("the caller's map is the publisher's: %+v", got)
	}
	if err := cluster.CreateTopic(topicOf("missing"), 1, nil); err != nil {
		t.Fatal(err)
	}
	// Until the client has asked for the topic anew, it is missing all the same.
	for before := pub.Ledger(); pub.Ledger().Delivered == before.Delivered; {
		publish(t, pub, "missing")
		if err := pub.Flush(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	changes.up(t)
}

func topicOf(op string) string { return "dev.a.effect." + op + ".started.v1" }

// A producer that may not write idempotently cannot write at all.
func TestHealthNotAuthorized(t *testing.T) {
	cluster := startCluster(t)
	cluster.ControlKey(kmsg.InitProducerID.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		resp := req.ResponseKind().(*kmsg.InitProducerIDResponse)
		resp.ErrorCode = kerr.ClusterAuthorizationFailed.Code
		return resp, nil, true
	})
	pub, changes := watched(t, cluster.ListenAddrs()[0])
	changes.up(t)
	publish(t, pub, "x")
	down := changes.down(t, onex.CauseAuthorization)
	if !errors.Is(down.Err, kerr.ClusterAuthorizationFailed) || down.Topics != nil {
		t.Errorf("health %+v", down)
	}
}

// Close is the last change, also with a silent broker, and leaves no
// goroutine.
func TestHealthAfterClose(t *testing.T) {
	broker := silence(t)
	for name, tt := range map[string]struct {
		addr  string
		begun func(healths)
	}{
		"up":      {startCluster(t).ListenAddrs()[0], func(changes healths) { changes.up(t) }},
		"refused": {noKafka(t), func(changes healths) { changes.down(t, onex.CauseRefused) }},
		"silent":  {broker.addr, func(healths) { <-broker.accepted }},
	} {
		t.Run(name, func(t *testing.T) {
			changes := newHealths()
			pub := newPublisher(t, onex.Config{OnHealth: changes.add}, tt.addr, kgo.RequestTimeoutOverhead(10*time.Minute))
			tt.begun(changes)
			ended := make(chan error)
			go func() { ended <- pub.Close(testContext(t)) }()
			select {
			case err := <-ended:
				if err != nil {
					t.Fatal(err)
				}
			case <-testContext(t).Done():
				t.Fatal("Close waits for a broker that does not answer")
			}
			down := changes.down(t, onex.CauseClosed)
			if !errors.Is(down.Err, onex.ErrClosed) || !errors.Is(pub.Health().Err, onex.ErrClosed) {
				t.Errorf("health %+v", down)
			}
			if len(changes) > 0 {
				t.Errorf("after the end: %+v", <-changes)
			}
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			if strings.Contains(string(stacks), "(*watch)") {
				t.Errorf("a goroutine is left:\n%s", stacks)
			}
		})
	}
}

// A callback that panics, or ends its goroutine, is called the next time too.
func TestOnHealthFails(t *testing.T) {
	for name, fail := range map[string]func(){
		"panic":  func() { panic("boom") },
		"goexit": func() { runtime.Goexit() },
	} {
		t.Run(name, func(t *testing.T) {
			changes := newHealths()
			addr := noKafka(t)
			pub := newPublisher(t, onex.Config{OnHealth: func(h onex.Health) { changes.add(h); fail() }}, addr)
			changes.down(t, onex.CauseRefused)
			startKafkaAt(t, addr)
			changes.up(t)
			if err := pub.Close(testContext(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// While OnHealth takes its time, events are delivered, and Health is current.
func TestSlowOnHealth(t *testing.T) {
	called, goOn := make(chan struct{}, 10), make(chan struct{})
	addr := noKafka(t)
	pub := newPublisher(t, onex.Config{OnHealth: func(onex.Health) { called <- struct{}{}; <-goOn }}, addr)
	<-called
	startKafkaAt(t, addr)
	publish(t, pub, "x")
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if h := pub.Health(); !h.Up {
		t.Errorf("health %+v", h)
	}
	if len(called) > 0 {
		t.Error("OnHealth was called while it had not returned")
	}
	close(goOn)
	<-called
}
