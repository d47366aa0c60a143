package onex_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// This file is the bench on which publishers are put under faults: a broker
// that can be killed, events that can be told apart, and a reckoning of all of
// them in the end.

// kafka is a broker that keeps its data and its address when it is killed.
type kafka struct {
	t       testing.TB
	dir     string
	port    int
	opts    []kfake.Opt
	network *kfake.VirtualNetwork // nil outside of a bubble
	client  []kgo.Opt             // that its clients need
	cluster *kfake.Cluster        // nil while it is down
}

func newKafka(t testing.TB, opts ...kfake.Opt) *kafka {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	k := &kafka{t: t, dir: t.TempDir(), port: l.Addr().(*net.TCPAddr).Port, opts: opts}
	t.Cleanup(k.kill)
	return k
}

// newBubbleKafka is for a synctest bubble, in which there are no ports.
func newBubbleKafka(t testing.TB, opts ...kfake.Opt) *kafka {
	t.Helper()
	network := &kfake.VirtualNetwork{}
	k := &kafka{t: t, dir: t.TempDir(), port: 9092, network: network, opts: append(opts, kfake.ListenFn(network.Listen)), client: []kgo.Opt{dialing(network)}}
	t.Cleanup(k.kill)
	return k
}

// dialing makes a client dial in a network.
func dialing(network *kfake.VirtualNetwork) kgo.Opt { return kgo.Dialer(dialIn(network)) }

// dialIn returns a dialer in a network, which refuses as the machine's own would.
func dialIn(network *kfake.VirtualNetwork) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, n, addr string) (net.Conn, error) {
		conn, err := network.DialContext(ctx, n, addr)
		if err != nil && ctx.Err() == nil {
			err = refusedDial(n)
		}
		return conn, err
	}
}

func refusedDial(network string) error {
	return &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

func (k *kafka) addr() string { return fmt.Sprintf("127.0.0.1:%d", k.port) }

func (k *kafka) start() *kafka {
	k.t.Helper()
	opts := append([]kfake.Opt{
		kfake.Ports(k.port), kfake.NumBrokers(1), kfake.DataDir(k.dir), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(3),
	}, k.opts...)
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		k.t.Fatal(err)
	}
	k.cluster = cluster
	return k
}

func (k *kafka) kill() {
	if k.cluster != nil {
		k.cluster.Close()
		k.cluster = nil
	}
}

// quick makes a client find out soon what has changed.
func quick() []kgo.Opt {
	return []kgo.Opt{
		kgo.MetadataMinAge(10 * time.Millisecond), kgo.MetadataMaxAge(250 * time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return 10 * time.Millisecond }),
		kgo.UnknownTopicRetries(1), kgo.DialTimeout(time.Second),
		kgo.ProduceRequestTimeout(time.Second), kgo.RequestTimeoutOverhead(time.Second),
	}
}

// load publishes events that can be told apart: each has a key, and a number
// that grows within the key.
type load struct {
	t      testing.TB
	node   *onex.Node
	topic  string
	mu     sync.Mutex
	next   map[string]int // by key
	losses losses

	labelled bool // each record has its event's number in a header
}

func (l *load) publish(key string, opts ...onex.EventOption) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := onex.MetricRecorded(context.Background(), l.node, "m", float64(l.next[key]), "u", append(opts, onex.WithPartitionKey(key))...)
	if err == nil {
		l.next[key]++
	}
	return err
}

// some publishes n events under several keys.
func (l *load) some(n int) {
	l.t.Helper()
	for i := range n {
		if err := l.publish("k" + strconv.Itoa(i%7)); err != nil {
			l.t.Fatalf("event %d: %v", i, err)
		}
	}
}

func newLoad(t testing.TB) *load { return &load{t: t, next: map[string]int{}} }

// use makes further events go through a publisher.
func (l *load) use(pub *onex.Publisher) {
	l.node = onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	l.topic = "dev.a.effect.metric.recorded.v1"
}

// config is what the faults' publishers have in common.
func (l *load) config(spool onex.Spool) onex.Config {
	return onex.Config{Spool: spool, SpoolAfter: 200 * time.Millisecond, OnLoss: l.losses.add, Logger: slog.New(slog.DiscardHandler)}
}

// arrived are the numbers that arrived for each key, in their order.
func (l *load) arrived(addr, topic string, opts ...kgo.Opt) map[string][]int {
	l.t.Helper()
	got := map[string][]int{}
	for _, rec := range readAll(l.t, addr, topic, opts...) {
		_, payload := opened(l.t, rec.Value)
		key := string(rec.Key)
		number := numberOf(l.t, payload)
		got[key] = append(got[key], number)
		if l.labelled && !slices.ContainsFunc(rec.Headers, func(h kgo.RecordHeader) bool { return h.Key == labelHeader && string(h.Value) == strconv.Itoa(number) }) {
			l.t.Errorf("%s: %d of %s has the headers %q", topic, number, key, rec.Headers)
		}
	}
	return got
}

// labelHeader has an event's number where a load is labelled.
const labelHeader = "number"

// opened returns the event that a record has, which may be a dead letter.
func opened(t testing.TB, value []byte) (*envelope.V1, envelope.Payload) {
	t.Helper()
	if letter, err := envelope.DecodeDeadLetter(value); err == nil {
		value = letter.OriginalData
	}
	env, err := envelope.Decode(value)
	if err != nil {
		t.Fatalf("%v in %s", err, value)
	}
	payload, err := env.DecodePayload()
	if err != nil {
		t.Fatalf("%v in %s", err, value)
	}
	return env, payload
}

// numberOf returns the number that an event was published with: as a metric, or
// as a state.
func numberOf(t testing.TB, p envelope.Payload) int {
	t.Helper()
	if s, ok := p.(envelope.StateChanged); ok {
		n, err := strconv.Atoi(s.NewState)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return int(p.(envelope.MetricRecorded).MetricValue)
}

// readAll reads a topic to its present end, of every partition in order.
func readAll(t testing.TB, addr, topic string, opts ...kgo.Opt) (records []*kgo.Record) {
	t.Helper()
	ctx := testContext(t)
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(addr), kgo.ConsumeTopics(topic), kgo.FetchMaxWait(50*time.Millisecond),
		kgo.UnknownTopicRetries(0), kgo.MetadataMinAge(10*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	want := endOf(t, client, topic)
	for int64(len(records)) < want {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			t.Fatalf("%d of %d records of %s: %v", len(records), want, topic, err)
		}
		records = append(records, fetches.Records()...)
	}
	return records
}

// check is the reckoning: every accepted event has arrived, in order for its
// key, or is accounted for; and the ledger says so.
func (l *load) check(addr string, pub *onex.Publisher, duplicates bool, opts ...kgo.Opt) {
	l.t.Helper()
	arrived := l.arrived(addr, l.topic, opts...)
	sum := 0
	for key, n := range l.next {
		numbers := arrived[key]
		sum += n
		first := slices.Clone(numbers)
		if duplicates {
			first = firsts(numbers)
		}
		for i := range n {
			if i >= len(first) || first[i] != i {
				l.t.Fatalf("key %s: %d events were published, and %d arrived: %v", key, n, len(numbers), numbers)
			}
		}
		if len(first) != n {
			l.t.Fatalf("key %s: %d events were published, and %d arrived: %v", key, n, len(numbers), numbers)
		}
	}
	ledger := pub.Ledger()
	checkLedger(l.t, ledger)
	if lost := l.losses.list(); len(lost) > 0 || ledger.Lost > 0 {
		l.t.Errorf("ledger %+v, losses %v", ledger, lost)
	}
}

// firsts leaves out what has come before.
func firsts(numbers []int) (first []int) {
	seen := map[int]bool{}
	for _, n := range numbers {
		if !seen[n] {
			first = append(first, n)
		}
		seen[n] = true
	}
	return first
}

// until waits for a state of the ledger.
func until(t testing.TB, pub *onex.Publisher, what string, state func(onex.Ledger) bool) {
	t.Helper()
	ctx := testContext(t)
	for !state(pub.Ledger()) {
		if ctx.Err() != nil {
			t.Fatalf("never %s: ledger %+v", what, pub.Ledger())
		}
		pause(ctx)
	}
}

// pause lets others run before a state is asked for again.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(2 * time.Millisecond):
	}
}

// uncompressed lets a fault look into the batches.
var uncompressed = kgo.ProducerBatchCompression(kgo.NoCompression())

// heap returns how many bytes are in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// closedSoon is a context for a poll that may have nothing to wait for.
func closedSoon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func seed(k *kafka) kgo.Opt { return kgo.SeedBrokers(k.addr()) }

// waitAndPublish publishes n events, each when there is room for it.
func (l *load) waitAndPublish(pub *onex.Publisher, n int) {
	l.t.Helper()
	for ctx := testContext(l.t); n > 0; {
		switch err := l.publish("k"); {
		case err == nil:
			n--
		case ctx.Err() != nil:
			l.t.Fatalf("%v, ledger %+v", err, pub.Ledger())
		default:
			pause(ctx)
		}
	}
}
