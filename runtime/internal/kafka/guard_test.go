package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
	"github.com/omninode-ai/onexevents/runtime/internal/health"
)

// everything has all hooks that a client that writes calls, and panics in each.
type everything struct {
	mu    sync.Mutex
	calls map[string]bool
	panic bool
}

func (e *everything) on(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls[what] = true
	if e.panic {
		panic(what)
	}
}

func (e *everything) OnNewClient(*kgo.Client)    {}
func (e *everything) OnClientClosed(*kgo.Client) { e.on("OnClientClosed") }
func (e *everything) OnBrokerConnect(kgo.BrokerMetadata, time.Duration, net.Conn, error) {
	e.on("OnBrokerConnect")
}
func (e *everything) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) { e.on("OnBrokerDisconnect") }
func (e *everything) OnBrokerWrite(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	e.on("OnBrokerWrite")
}

func (e *everything) OnBrokerRead(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	e.on("OnBrokerRead")
}
func (e *everything) OnBrokerE2E(kgo.BrokerMetadata, int16, kgo.BrokerE2E) { e.on("OnBrokerE2E") }
func (e *everything) OnBrokerThrottle(kgo.BrokerMetadata, time.Duration, bool) {
	e.on("OnBrokerThrottle")
}

func (e *everything) OnProduceBatchWritten(kgo.BrokerMetadata, string, int32, kgo.ProduceBatchMetrics) {
	e.on("OnProduceBatchWritten")
}
func (e *everything) OnProduceRecordBuffered(*kgo.Record) { e.on("OnProduceRecordBuffered") }
func (e *everything) OnProduceRecordPartitioned(*kgo.Record, int32) {
	e.on("OnProduceRecordPartitioned")
}

func (e *everything) OnProduceRecordUnbuffered(*kgo.Record, error) { e.on("OnProduceRecordUnbuffered") }

var writing = []string{
	"OnClientClosed", "OnBrokerConnect", "OnBrokerDisconnect", "OnBrokerWrite", "OnBrokerRead", "OnBrokerE2E", "OnBrokerThrottle",
	"OnProduceBatchWritten", "OnProduceRecordBuffered", "OnProduceRecordPartitioned", "OnProduceRecordUnbuffered",
}

// Each hook is called, and may panic: events arrive all the same.
func TestHooksMayPanic(t *testing.T) {
	for _, panics := range []bool{false, true} {
		inBubble(t, func(b *bench) {
			h := &everything{calls: map[string]bool{}, panic: panics}
			b.start(kgo.WithHooks(h))
			throttleOnce(b.cluster)
			b.send("t", "0")
			b.delivered(1)
			if err := b.client.Renew(b.t.Context()); err != nil {
				t.Error(err)
			}
			b.send("t", "1")
			b.delivered(1)
			if err := b.client.Close(b.t.Context()); err != nil {
				t.Error(err)
			}
			for _, what := range writing {
				if !h.calls[what] {
					t.Errorf("%s was not called", what)
				}
			}
			if panics != (len(b.warned) > 0) {
				t.Errorf("warned: %v", b.warned)
			}
		})
	}
}

// throttleOnce makes the broker ask for a moment's rest with the first producer id.
func throttleOnce(c *kfake.Cluster) {
	c.ControlKey(kmsg.InitProducerID.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		resp := req.ResponseKind().(*kmsg.InitProducerIDResponse)
		resp.ThrottleMillis, resp.ProducerID = 1, 77
		return resp, nil, true
	})
}

// The hooks that kgo knows are those that are called, and those of who reads.
func TestAllHooksAreKnown(t *testing.T) {
	file, _ := runtime.FuncForPC(reflect.ValueOf(kgo.NewClient).Pointer()).FileLine(0)
	source, err := os.ReadFile(filepath.Join(filepath.Dir(file), "hooks.go"))
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Join(writing, " ") + " OnNewClient " +
		"OnGroupManageError OnFetchBatchRead OnFetchRecordBuffered OnFetchRecordUnbuffered OnPollStart "
	found := regexp.MustCompile(`type Hook(\w+) interface`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 15 {
		t.Fatalf("%d hooks", len(found))
	}
	for _, m := range found {
		if !strings.Contains(known, "On"+m[1]) {
			t.Errorf("kgo has a new hook, %s: does a client that writes call it?", m[1])
		}
	}
}

type panicsAtBirth struct{ name string }

func (p panicsAtBirth) OnNewClient(*kgo.Client) { panic(p.name) }

// A hook that panics when a client is made is an error of New, and those that were
// told of the client before are told of its end.
func TestNewPanics(t *testing.T) {
	inBubble(t, func(b *bench) {
		h := &hooks{}
		if _, err := New(b.config(kgo.WithHooks(h, panicsAtBirth{"boom"}))); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("%v", err)
		}
		if h.made != 1 || h.alive != 0 {
			t.Errorf("%d made, %d alive", h.made, h.alive)
		}
	})
}

type ends struct{}

func (ends) OnNewClient(*kgo.Client) { runtime.Goexit() }

func TestNewExits(t *testing.T) {
	inBubble(t, func(b *bench) {
		if _, err := New(b.config(kgo.WithHooks(ends{}))); !errors.Is(err, guest.ErrGoexit) {
			t.Errorf("%v", err)
		}
	})
}

// A renewal that fails is an error, and the owner's to repeat; what waits
// meanwhile arrives in the end.
func TestRenewPanics(t *testing.T) {
	inBubble(t, func(b *bench) {
		h := &moody{}
		b.start(kgo.WithHooks(h))
		b.send("t", "0")
		b.delivered(1)
		h.fail.Store(true)
		if err := b.client.Renew(b.t.Context()); err == nil {
			t.Error("a client that could not be made is no error")
		}
		if err := b.client.Ping(b.t.Context()); !errors.Is(err, kgo.ErrClientClosed) {
			t.Errorf("ping: %v", err)
		}
		if s := b.health.Snapshot(); s.Up || s.Cause != health.Other || !strings.Contains(fmt.Sprint(s.Err), "a new Kafka client cannot be made") || !strings.Contains(s.Err.Error(), "moody") {
			t.Errorf("health %+v", s)
		}
		b.send("t", "1")
		time.Sleep(time.Second)
		h.fail.Store(false)
		b.delivered(1)
		if s := b.health.Snapshot(); !s.Up {
			t.Errorf("health %+v after a new client was made", s)
		}
	})
}

type moody struct{ fail atomic.Bool }

func (m *moody) OnNewClient(*kgo.Client) {
	if m.fail.Load() {
		panic("moody")
	}
}

type badPartitioner struct{ in string }

func (p badPartitioner) ForTopic(topic string) kgo.TopicPartitioner {
	if p.in == "ForTopic" {
		panic(p.in)
	}
	return badTopicPartitioner{p, topic}
}

type badTopicPartitioner struct {
	badPartitioner
	topic string
}

func (p badTopicPartitioner) on(what string) {
	if p.in == what && p.topic == "t" {
		panic(what)
	}
}

func (p badTopicPartitioner) RequiresConsistency(*kgo.Record) bool {
	p.on("RequiresConsistency")
	return true
}
func (p badTopicPartitioner) Partition(*kgo.Record, int) int { p.on("Partition"); return 0 }
func (p badTopicPartitioner) OnNewBatch()                    { p.on("OnNewBatch") }

// A partitioner that panics costs its records a partition, and nothing else.
func TestPartitionerMayPanic(t *testing.T) {
	for _, in := range []string{"ForTopic", "RequiresConsistency", "Partition", "OnNewBatch"} {
		inBubble(t, func(b *bench) {
			b.start(kgo.RecordPartitioner(badPartitioner{in}))
			for range 2 {
				b.send("t", "0")
				if a := b.wait(1)[0]; (in == "ForTopic" || in == "Partition") != (a.v == delivery.SenderFault) {
					t.Errorf("%s: %+v", in, a)
				}
			}
			if in != "ForTopic" {
				b.send("u", "0")
				b.delivered(1)
			}
			if len(b.warned) == 0 {
				t.Errorf("%s: nothing is told of it", in)
			}
		})
	}
}

// A partitioner is asked for what it offers, and not for more.
func TestPartitionerOffers(t *testing.T) {
	for _, p := range []kgo.Partitioner{
		kgo.StickyPartitioner(), kgo.RoundRobinPartitioner(), kgo.LeastBackupPartitioner(), kgo.ManualPartitioner(),
		kgo.StickyKeyPartitioner(nil), kgo.UniformBytesPartitioner(1000, true, true, nil),
	} {
		bare, ours := p.ForTopic("t"), partitioner{p, guard{}}.ForTopic("t")
		_, wantBatch := bare.(kgo.TopicPartitionerOnNewBatch)
		_, hasBatch := ours.(kgo.TopicPartitionerOnNewBatch)
		_, wantBackup := bare.(kgo.TopicBackupPartitioner)
		_, hasBackup := ours.(kgo.TopicBackupPartitioner)
		if wantBatch != hasBatch || wantBackup != hasBackup {
			t.Errorf("%T: on new batch %t, want %t; by backup %t, want %t", bare, hasBatch, wantBatch, hasBackup, wantBackup)
		}
	}
}

type badMechanism struct {
	sasl.Mechanism
	once *sync.Once
	in   string
}

type badSession struct {
	sasl.Session
	m badMechanism
}

func (m badMechanism) Authenticate(ctx context.Context, host string) (sasl.Session, []byte, error) {
	if m.in == "Authenticate" {
		m.once.Do(func() { panic("no credentials") })
	}
	s, first, err := m.Mechanism.Authenticate(ctx, host)
	return badSession{s, m}, first, err
}

func (s badSession) Challenge(answer []byte) (bool, []byte, error) {
	if s.m.in == "Challenge" {
		s.m.once.Do(func() { panic("no answer") })
	}
	return s.Session.Challenge(answer)
}

// Credentials that panic are asked for again.
func TestCredentialsMayPanic(t *testing.T) {
	for _, in := range []string{"Authenticate", "Challenge"} {
		inBubble(t, func(b *bench) {
			b.cluster.Close()
			cluster, err := kfake.NewCluster(kfake.Ports(9092), kfake.NumBrokers(1), kfake.SeedTopics(1, "t"), kfake.ListenFn(b.network.Listen),
				kfake.EnableSASL(), kfake.Superuser("PLAIN", "u", "p"))
			if err != nil {
				t.Fatal(err)
			}
			b.cluster = cluster
			once := &sync.Once{}
			b.start(kgo.SASL(badMechanism{plain.Auth{User: "u", Pass: "p"}.AsMechanism(), once, in}))
			b.send("t", "0")
			b.delivered(1)
			once.Do(func() { t.Errorf("%s has not panicked", in) })
		})
	}
}

// So are other callbacks.
func TestCallbacksMayPanic(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.keepKafka()
		b.start(kgo.WithLogger(badLogger{}), kgo.RetryBackoffFn(func(int) time.Duration { panic("boom") }),
			kgo.ProducerOnDataLossDetected(func(string, int32) { panic("boom") }))
		b.send("t", "0")
		b.delivered(1)
		b.cluster.Close()
		b.send("t", "1")
		time.Sleep(3 * time.Second)
		b.startKafka()
		b.delivered(1)
		if !strings.Contains(fmt.Sprint(b.warned), "RetryBackoffFn") {
			t.Errorf("warned %v", b.warned)
		}
	})
}

type badLogger struct{}

func (badLogger) Level() kgo.LogLevel              { panic("boom") }
func (badLogger) Log(kgo.LogLevel, string, ...any) { panic("boom") }
