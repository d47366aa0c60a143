package onex_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

var (
	chaosSeeds = flag.Int("chaos", 100, "how many worlds TestChaos makes")
	chaosSeed  = flag.Uint64("chaos.seed", 0, "the seed of the first of them; 0 takes one at random")
)

// Whatever happens, in whatever order, every accepted event is accounted for,
// and none has overtaken another of its topic and key:
//
//	go test ./runtime -run Chaos -chaos 10000 -timeout 1h
//
// Each world is a bubble, in which time passes while everybody waits. A seed makes
// the same things happen again, though not in the same order of all goroutines.
func TestChaos(t *testing.T) {
	first := *chaosSeed
	if first == 0 {
		first = rand.Uint64N(1e9)
	}
	for seed := first; seed < first+uint64(*chaosSeeds); seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newWorld(t, seed).run() })
		})
	}
}

// world is a publisher, a broker and a spool to which anything may happen, and
// a model of what has to come of it.
type world struct {
	t     *testing.T
	rand  *rand.Rand
	kafka *kafka
	dir   string // of the spool on disk; "" if it is in memory
	mem   *memSpool
	spool *moody
	cfg   onex.Config
	nodes []*onex.Node
	mixed bool     // metrics and states have one topic
	slow  bool     // answers take their time
	took  []string // what has happened

	*process
	deadly bool // processes are killed, and operations begin durably
	dying  sync.WaitGroup
	begun  []uuid.UUID // operations whose started event was accepted as durable
	upset  bool        // the spool was, at some time

	faults []*kfake.FaultHandle // that may not be over

	mu      sync.Mutex
	coming  place // of the event that is being published
	ids     map[uuid.UUID]place
	lost    map[place]onex.LossReason
	next    map[place]int  // how many were accepted; of places with number 0
	forgone map[place]bool // it died with its process, which had promised nothing more
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		t: t, rand: rand.New(rand.NewPCG(seed, 0)), kafka: newBubbleKafka(t, kfake.AllowAutoTopicCreation()), mem: &memSpool{},
		ids: map[uuid.UUID]place{}, lost: map[place]onex.LossReason{}, next: map[place]int{}, forgone: map[place]bool{},
	}
	if w.rand.IntN(3) == 0 {
		w.dir = t.TempDir()
	}
	w.cfg = newLoad(t).config(nil)
	w.cfg.SpoolAfter = 50 * time.Millisecond
	w.cfg.MaxInFlight = []int{1, 20, 300, 3000}[w.rand.IntN(4)]
	w.cfg.MaxInFlightBytes = []int{0, 200_000}[w.rand.IntN(2)]
	w.cfg.QueueFull = onex.QueueFullPolicy(w.rand.IntN(2))
	w.cfg.NewID = w.newID
	if w.rand.IntN(2) == 0 {
		w.cfg.Headers = w.label
	}
	w.deadly = w.rand.IntN(2) == 0
	w.slow = w.rand.IntN(2) == 0
	if w.mixed = w.rand.IntN(2) == 0; w.mixed {
		w.cfg.TopicName = func(namespace, service, _ string) string {
			return defaultTopic(namespace, service, "effect.metric.recorded")
		}
	}
	return w
}

func (w *world) run() {
	defer func() {
		if w.t.Failed() {
			w.t.Logf("%+v, on disk: %v\n%s", w.cfg, w.dir != "", strings.Join(w.took, "\n"))
		}
	}()
	w.openSpool()
	w.open()
	for range 40 + w.rand.IntN(60) {
		w.act()
		checkLedger(w.t, w.pub.Ledger())
		if w.t.Failed() {
			return
		}
	}
	w.heal()
	if w.deadly {
		w.reopen() // which ends the operations of the last process
	}
	w.close(testContext(w.t))
	w.dying.Wait()
	if g := w.pub.Ledger(); g.Spooled+g.InFlight > 0 {
		w.t.Errorf("all is well, and the ledger is %+v", g)
	}
	w.reckon()
	w.reckonOperations()
	_ = w.spool.Spool.Close()
	w.kafka.kill()
	time.Sleep(time.Second) // for the hooks of clients that have ended
}

func (w *world) act() {
	actions := []struct {
		weight int
		name   string
		act    func()
	}{
		{30, "publish", w.publishSome},
		{10, "pause", func() { time.Sleep(time.Duration(w.rand.IntN(40)) * time.Millisecond) }},
		{3, "kill the broker", w.kafka.kill},
		{5, "start the broker", w.startBroker},
		{8, "fault", w.fault},
		{6, "moody spool", w.spoilSpool},
		{6, "calm spool", func() { w.spool.calm() }},
		{3, "evict", w.evict},
		{3, "close and open", w.reopen},
		{w.ifDeadly(4), "kill the process", w.kill},
		{w.ifDeadly(10), "begin an operation", w.begin},
		{w.ifDeadly(6), "end an operation", w.end},
		{2, "flush", func() { _ = w.pub.Flush(closedSoon(w.t)) }},
	}
	sum := 0
	for _, a := range actions {
		sum += a.weight
	}
	n := w.rand.IntN(sum)
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			w.note("%s", a.name)
			a.act()
			return
		}
	}
}

func (w *world) note(format string, args ...any) {
	w.took = append(w.took, fmt.Sprintf(format, args...))
}

func (w *world) publishSome() {
	for range 1 + w.rand.IntN(60) {
		service := w.rand.IntN(len(w.nodes))
		key := fmt.Sprint("k", w.rand.IntN(4))
		opts := []onex.EventOption{onex.WithPartitionKey(key)}
		switch w.rand.IntN(30) {
		case 0:
			opts = append(opts, onex.WithMetadata(map[string]any{"k": unfit(service)}))
		case 1:
			opts = append(opts, onex.WithMetadata(map[string]any{"k": strings.Repeat("x", 1+w.rand.IntN(60_000))}))
		}
		durable := w.rand.IntN(15) == 0
		if durable {
			opts = append(opts, onex.Durable())
		}
		w.publish(service, key, durable, opts)
		if w.slow && w.rand.IntN(8) == 0 {
			time.Sleep(time.Duration(w.rand.IntN(1500)) * time.Microsecond)
		}
	}
}

func (w *world) publish(service int, key string, durable bool, opts []onex.EventOption) {
	p := place{topic: metricTopic(service), key: key}
	w.mu.Lock()
	p.number = w.next[place{p.topic, key, 0}]
	w.coming = p
	w.mu.Unlock()
	var err error
	if w.mixed && p.number%3 == 0 {
		err = onex.StateChanged(context.Background(), w.nodes[service], id, "", strconv.Itoa(p.number), "r", opts...)
	} else {
		err = onex.MetricRecorded(context.Background(), w.nodes[service], "m", float64(p.number), "u", opts...)
	}
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next[place{p.topic, key, 0}]++
	if !durable {
		w.inMemory = append(w.inMemory, p)
	}
}

// latency is how long answers take.
type latency struct{}

func (latency) OnBrokerE2E(kgo.BrokerMetadata, int16, kgo.BrokerE2E) {
	time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
}

// unfit is what an event has in it that its topic refuses. Other topics' events in
// the same request are not refused for it.
func unfit(service int) string { return fmt.Sprintf("unfit%d;", service) }

func metricTopic(service int) string {
	return defaultTopic("dev", fmt.Sprint("s", service), "effect.metric.recorded")
}

func defaultTopic(namespace, service, eventType string) string {
	return strings.Join([]string{namespace, service, eventType, "v1"}, ".")
}

func (w *world) startBroker() {
	if w.kafka.cluster == nil {
		w.kafka.start()
		for i := range w.nodes {
			refuse(w.kafka.cluster, metricTopic(i), unfit(i), kerr.MessageTooLarge)
		}
	}
}

func (w *world) fault() {
	if w.kafka.cluster == nil {
		return
	}
	f := kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Count: 1 + w.rand.IntN(3)}
	f.Err = []*kerr.Error{
		kerr.NotEnoughReplicasAfterAppend, kerr.RequestTimedOut, kerr.NotLeaderForPartition, kerr.InvalidProducerEpoch,
		kerr.ClusterAuthorizationFailed, kerr.TopicAuthorizationFailed, kerr.UnknownTopicOrPartition, kerr.UnknownServerError,
		kerr.UnknownTopicID, kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID, kerr.PolicyViolation,
	}[w.rand.IntN(12)]
	if w.rand.IntN(4) == 0 {
		f.Keys = []kmsg.Key{[]kmsg.Key{kmsg.Metadata, kmsg.InitProducerID}[w.rand.IntN(2)]}
		f.TopLevel = f.Keys[0] == kmsg.InitProducerID
	}
	if !f.TopLevel && w.rand.IntN(2) == 0 {
		f.Topic = metricTopic(w.rand.IntN(len(w.nodes))) + []string{"", ".dlq"}[w.rand.IntN(2)]
	}
	switch w.rand.IntN(6) {
	case 0:
		w.note("cut")
		w.kafka.cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) { return nil, errors.New("cut"), true })
	case 1:
		w.note("no answer")
		w.kafka.cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) { return nil, nil, true })
	default:
		w.note("%v %s %q %d times", f.Keys[0].Name(), f.Err.Message, f.Topic, f.Count)
		w.faults = append(w.faults, w.kafka.cluster.Fault(f))
	}
}

func (w *world) spoilSpool() {
	w.upset = true
	m, of := moods[w.rand.IntN(len(moods))], w.rand.IntN(5)
	w.note("mood of %d", of)
	w.spool.change(func() {
		switch of {
		case 0, 1:
			w.spool.append = m
		case 2:
			w.spool.read = m
		case 3:
			w.spool.remove = m
		case 4:
			w.spool.few = true
		}
	})
}

// evict makes the spool drop what is too much for it.
func (w *world) evict() {
	w.mem.bound(1 + w.rand.IntN(50))
	for range 1 + w.rand.IntN(3) {
		w.publish(w.rand.IntN(len(w.nodes)), "k0", true, []onex.EventOption{onex.WithPartitionKey("k0"), onex.Durable()})
	}
	w.mem.bound(0)
}

func (w *world) openSpool() {
	w.spool = &moody{Spool: w.mem}
	if w.dir != "" {
		sp, err := spool.Open(w.dir)
		if err != nil {
			w.t.Fatal(err)
		}
		w.spool.Spool = sp
	}
}

func (w *world) open() {
	w.cfg.Spool = w.spool
	// kgo sorts the codecs in place that it is given, so no two worlds share them.
	opts := append(quick(), seed(w.kafka), kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerBatchMaxBytes(100_000))
	w.process = &process{dial: dialIn(w.kafka.network)}
	opts = append(opts, kgo.Dialer(w.line))
	if w.slow {
		opts = append(opts, kgo.WithHooks(latency{}))
	}
	w.cfg.OnLoss = w.loser(w.process)
	var err error
	if w.pub, err = onex.NewPublisher(w.cfg, opts...); err != nil {
		w.t.Fatal(err)
	}
	w.nodes = nil
	for i := range 3 {
		w.nodes = append(w.nodes, onex.NewNode(w.pub, "n1", onex.NodeSpec{Type: "effect", Service: fmt.Sprint("s", i)}))
	}
	w.operation = onex.NewOperation[onex.None, onex.None](onex.NewNode(w.pub, "n1", onex.NodeSpec{Type: "effect", Service: "ops"}), "x")
}

func (w *world) close(ctx context.Context) {
	w.t.Helper()
	var rest *onex.CloseError
	if err := w.pub.Close(ctx); err != nil && !errors.As(err, &rest) {
		w.t.Fatal(err)
	}
	g := w.pub.Ledger()
	checkLedger(w.t, g)
	if g.InFlight > 0 {
		w.t.Errorf("after Close: %+v", g)
	}
}

func (w *world) reopen() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(w.rand.IntN(3)*w.rand.IntN(100))*time.Millisecond)
	defer cancel()
	w.close(ctx)
	g := w.pub.Ledger()
	w.spool.calm()
	was := w.spool
	w.openSpool()
	backlog, err := w.spool.Backlog()
	if err != nil {
		w.t.Fatal(err)
	}
	n := int64(0)
	for _, t := range backlog.Topics {
		n += t.Events
	}
	// What was delivered behind an event that was not is still there; and all of
	// it, if it could not be removed.
	if more := n - g.Spooled; more < 0 || more > g.Delivered && !was.erred {
		w.t.Errorf("%d events are on disk, and the ledger was %+v", n, g)
	}
	w.open()
}

func (w *world) heal() {
	w.note("heal")
	w.spool.calm()
	w.startBroker()
	w.kafka.cluster.DropControl()
	for _, f := range w.faults {
		f.Remove()
	}
}
