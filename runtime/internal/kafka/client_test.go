package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/health"
)

// bench is a client and a double of Kafka in a bubble, in which time passes only
// while nobody works.
type bench struct {
	t       *testing.T
	dir     string // of a Kafka that keeps what it has
	network kfake.VirtualNetwork
	cluster *kfake.Cluster
	health  *health.Monitor
	client  *Client

	mu      sync.Mutex
	answers []answer
	warned  []string
}

// answer is what has become of a record.
type answer struct {
	topic string
	value string
	v     delivery.Verdict
	err   error
}

// inBubble runs a test with a broker that has the topics t and u.
func inBubble(t *testing.T, f func(b *bench)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, health: health.New(health.Config{SpoolAfter: 5 * time.Second})}
		b.startKafka()
		defer func() { b.cluster.Close() }()
		f(b)
		if b.client != nil {
			if err := b.client.Close(b.t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func (b *bench) startKafka() {
	b.t.Helper()
	opts := []kfake.Opt{kfake.Ports(9092), kfake.NumBrokers(1), kfake.SeedTopics(1, "t", "u"), kfake.ListenFn(b.network.Listen)}
	if b.dir != "" {
		opts = append(opts, kfake.DataDir(b.dir))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.cluster = cluster
}

// keepKafka makes Kafka one that is the same when it is started again.
func (b *bench) keepKafka() {
	b.t.Helper()
	b.cluster.Close()
	b.dir = b.t.TempDir()
	b.startKafka()
}

func (b *bench) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := b.network.DialContext(ctx, network, addr)
	if err != nil && ctx.Err() == nil {
		err = &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	return conn, err
}

func (b *bench) config(opts ...kgo.Opt) Config {
	return Config{
		Options: append([]kgo.Opt{kgo.SeedBrokers("127.0.0.1:9092"), kgo.Dialer(b.dial)}, opts...),
		Health:  b.health,
		Warn: func(message string, attrs ...any) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.warned = append(b.warned, fmt.Sprint(message, attrs))
		},
	}
}

func (b *bench) start(opts ...kgo.Opt) *Client {
	b.t.Helper()
	client, err := New(b.config(opts...))
	if err != nil {
		b.t.Fatal(err)
	}
	b.client = client
	return client
}

// group is a group of records with these values.
func (b *bench) group(topic string, values ...string) *Group {
	g := &Group{Topic: topic, Records: make([]kgo.Record, len(values))}
	for i, v := range values {
		g.Records[i].Value = []byte(v)
	}
	g.Answer = func(i int, rec *kgo.Record, v delivery.Verdict, err error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if &g.Records[i] != rec || (v == delivery.Delivered) != (err == nil) {
			b.t.Errorf("answer %d is for %s: %v, %v", i, rec.Value, v, err)
		}
		b.answers = append(b.answers, answer{topic, string(rec.Value), v, err})
	}
	return g
}

func (b *bench) send(topic string, values ...string) (taken int) {
	taken = b.client.Send(b.group(topic, values...))
	b.client.Flush()
	return taken
}

// wait waits for so many answers, and forgets them.
func (b *bench) wait(n int) []answer {
	b.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		b.mu.Lock()
		if len(b.answers) >= n {
			got := b.answers
			b.answers = nil
			b.mu.Unlock()
			if len(got) > n {
				b.t.Fatalf("more than %d answers: %v", n, got)
			}
			return got
		}
		got := slices.Clone(b.answers)
		b.mu.Unlock()
		if time.Now().After(end) {
			b.t.Fatalf("%d of %d answers: %v; health %+v", len(got), n, got, b.health.Snapshot())
		}
	}
}

// delivered waits for so many deliveries.
func (b *bench) delivered(n int) {
	b.t.Helper()
	for _, a := range b.wait(n) {
		if a.v != delivery.Delivered {
			b.t.Errorf("%+v", a)
		}
	}
}

// log is what is in a topic, in its order.
func (b *bench) log(topic string) (values []string) {
	b.t.Helper()
	reader, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:9092"), kgo.Dialer(b.dial), kgo.ConsumeTopics(topic), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		b.t.Fatal(err)
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(b.t.Context(), 2*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		for _, rec := range reader.PollFetches(ctx).Records() {
			values = append(values, string(rec.Value))
		}
	}
	return values
}

func (b *bench) fault(f kfake.Fault) *kfake.FaultHandle {
	if f.Count == 0 {
		f.Count = -1
	}
	return b.cluster.Fault(f)
}

// What is sent arrives, in groups, and comes back as delivered.
func TestSend(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		if n := b.send("t", "0", "1"); n != 1 {
			t.Errorf("%d records were taken by a client without a producer id", n)
		}
		b.delivered(1)
		if n := b.send("t", "1", "2", "3"); n != 1 && n != 3 {
			t.Errorf("%d taken", n)
		} else if n == 1 { // it has just learned of the topic
			time.Sleep(time.Second)
			n = b.send("t", "2", "3")
			if n != 2 {
				t.Errorf("%d taken", n)
			}
		}
		b.delivered(3)
		if got, want := b.log("t"), []string{"0", "1", "2", "3"}; !slices.Equal(got, want) {
			t.Errorf("arrived: %v", got)
		}
		if s := b.health.Snapshot(); !s.Up {
			t.Errorf("%+v", s)
		}
	})
}

// Records wait for their client, and come back when it ends.
func TestNothingIsKeptBack(t *testing.T) {
	for name, end := range map[string]func(*bench) error{
		"Renew": func(b *bench) error { return b.client.Renew(b.t.Context()) },
		"Close": func(b *bench) error { return b.client.Close(b.t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.start()
				b.cluster.Close()
				b.send("t", "0")
				b.send("u", "1")
				time.Sleep(time.Minute)
				if err := end(b); err != nil {
					t.Fatal(err)
				}
				for _, a := range b.wait(2) {
					if a.v != delivery.Again {
						t.Errorf("%+v", a)
					}
				}
				b.startKafka()
			})
		})
	}
}

// A client that has delivered comes back with all that it has, and the next one
// delivers it. Answers that come after Renew are the next one's.
func TestRenew(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		b.send("t", "0")
		b.delivered(1)
		time.Sleep(time.Second)
		fault := b.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas})
		if n := b.send("t", "1", "2"); n != 2 {
			t.Fatalf("%d taken", n)
		}
		b.send("u", "a")
		time.Sleep(10 * time.Second)
		if err := b.client.Renew(b.t.Context()); err != nil {
			t.Fatal(err)
		}
		b.mu.Lock()
		if len(b.answers) != 3 {
			t.Errorf("%d answers when Renew returned", len(b.answers))
		}
		b.mu.Unlock()
		for _, a := range b.wait(3) {
			if a.v != delivery.Again {
				t.Errorf("%+v", a)
			}
		}
		fault.Remove()
		b.send("t", "1")
		b.send("u", "a")
		b.delivered(2)
	})
}

// hooks are a program's that take one client at a time, as those of metrics do.
type hooks struct {
	mu    sync.Mutex
	alive int
	made  int
	slow  time.Duration
}

func (h *hooks) OnNewClient(*kgo.Client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.made++
	if h.alive++; h.alive > 1 {
		panic("two clients")
	}
}

func (h *hooks) OnClientClosed(*kgo.Client) {
	time.Sleep(h.slow)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.alive--
}

// One client is alive at a time, through renewals and refusals of the producer id,
// and however long its hooks take.
func TestOneClientAtATime(t *testing.T) {
	inBubble(t, func(b *bench) {
		h := &hooks{}
		b.start(kgo.WithHooks(h))
		fault := b.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.InitProducerID}, TopLevel: true, Err: kerr.ClusterAuthorizationFailed})
		b.send("t", "0")
		time.Sleep(10 * time.Second)
		if s := b.health.Snapshot(); s.Cause != health.Authorization {
			t.Errorf("%+v", s)
		}
		fault.Remove()
		b.delivered(1)
		if s := b.health.Snapshot(); !s.Up {
			t.Errorf("%+v", s)
		}
		made := h.made
		if made < 3 || made > 10 {
			t.Errorf("%d clients were made in 10 s", made)
		}
		h.slow = 10 * time.Second
		soon, cancel := context.WithTimeout(b.t.Context(), time.Second)
		defer cancel()
		if err := b.client.Renew(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Renew: %v", err)
		}
		b.send("t", "1") // waits for the next one
		b.delivered(1)
		if h.made != made+1 || h.alive != 1 {
			t.Errorf("%d made, %d alive", h.made-made, h.alive)
		}
		if err := b.client.Close(b.t.Context()); err != nil {
			t.Error(err)
		}
		if h.alive != 0 {
			t.Errorf("%d alive", h.alive)
		}
		for _, w := range b.warned {
			if strings.Contains(w, "panic") {
				t.Error(w)
			}
		}
	})
}

// Where brokers refuse to give a producer id, nothing comes back for that, and all
// arrives when they do; health says why nothing does.
func TestProducerIDRefused(t *testing.T) {
	for _, refusal := range []*kerr.Error{kerr.PolicyViolation, kerr.CoordinatorLoadInProgress, kerr.UnknownServerError, kerr.InvalidRecord} {
		t.Run(refusal.Message, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.start()
				fault := b.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.InitProducerID}, TopLevel: true, Err: refusal})
				b.send("t", "0")
				b.send("u", "1")
				time.Sleep(10 * time.Second)
				b.health.Tick()
				if s := b.health.Snapshot(); s.Up || s.Topics != nil || !refusal.Retriable && !errors.Is(s.Err, refusal) {
					t.Errorf("%+v", s)
				}
				fault.Remove()
				b.delivered(2)
				if s := b.health.Snapshot(); !s.Up {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}
