package onex_test

import (
	"context"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// This file is what the tests of health share.

// healths collects what OnHealth is called with.
type healths chan onex.Health

func newHealths() healths { return make(healths, 1000) }

func (h healths) add(health onex.Health) { h <- health }

// next waits for the next change.
func (h healths) next(t testing.TB) onex.Health {
	t.Helper()
	select {
	case health := <-h:
		return health
	case <-testContext(t).Done():
		t.Fatal("the health does not change")
		panic("unreachable")
	}
}

// down waits for the next change, which has to be to cause.
func (h healths) down(t testing.TB, cause onex.Cause) onex.Health {
	t.Helper()
	health := h.next(t)
	if health.Up || health.Cause != cause || health.Err == nil || health.Since.IsZero() {
		t.Fatalf("health %+v, want it down for %s", health, cause)
	}
	return health
}

// up waits until all is well, whatever comes before that.
func (h healths) up(t testing.TB) onex.Health {
	t.Helper()
	for {
		health := h.next(t)
		if health.Up && health.Topics == nil {
			if health.Cause != "" || health.Err != nil {
				t.Fatalf("health %+v is up for a reason", health)
			}
			return health
		}
	}
}

// watched returns a publisher whose brokers are given up soon, and its changes
// of health.
func watched(t testing.TB, broker string, opts ...kgo.Opt) (*onex.Publisher, healths) {
	t.Helper()
	changes := newHealths()
	pub := newPublisher(t, onex.Config{OnHealth: changes.add}, broker, append([]kgo.Opt{
		kgo.DialTimeout(5 * time.Second),
		kgo.RequestTimeoutOverhead(200 * time.Millisecond),
		kgo.ProduceRequestTimeout(100 * time.Millisecond),
		kgo.MetadataMinAge(10 * time.Millisecond),
		kgo.UnknownTopicRetries(1),
	}, opts...)...)
	return pub, changes
}

// startKafkaAt starts a broker at an address that is free.
func startKafkaAt(t testing.TB, addr string, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return startCluster(t, append([]kfake.Opt{kfake.Ports(n)}, opts...)...)
}

// startCluster returns a cluster of one broker that lives as long as the test.
func startCluster(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	opts = append([]kfake.Opt{kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation()}, opts...)
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// publish publishes one event of an operation.
func publish(t testing.TB, pub *onex.Publisher, op string) {
	t.Helper()
	if err := operation(pub, "effect", op).Started(context.Background(), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
}

// silent is a broker that takes connections and never answers.
type silent struct {
	addr     string
	accepted chan struct{} // has room for one, and something in it when there is a connection
	end      func()        // ends it with all of its connections
}

func silence(t testing.TB) silent {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := silent{addr: l.Addr().String(), accepted: make(chan struct{}, 1)}
	var conns []net.Conn
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
			select {
			case s.accepted <- struct{}{}:
			default:
			}
		}
	})
	s.end = sync.OnceFunc(func() {
		l.Close()
		accepting.Wait()
		for _, conn := range conns {
			conn.Close()
		}
	})
	t.Cleanup(s.end)
	return s
}
