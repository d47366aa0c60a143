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
	chaosSeeds = flag.Int("chaos", 500, "how many worlds TestChaos makes")
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
	pub   *onex.Publisher
	nodes []*onex.Node
	mixed bool     // metrics and states have one topic
	slow  bool     // answers take their time
	took  []string // what has happened

	faults []*kfake.FaultHandle // that may not be over

	mu     sync.Mutex
	coming place // of the event that is being published
	ids    map[uuid.UUID]place
	lost   map[place]onex.LossReason
	next   map[place]int // how many were accepted; of places with number 0
}

// place is where an event belongs: the number grows within topic and key.
type place struct {
	topic, key string
	number     int
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		t: t, rand: rand.New(rand.NewPCG(seed, 0)), kafka: newBubbleKafka(t, kfake.AllowAutoTopicCreation()), mem: &memSpool{},
		ids: map[uuid.UUID]place{}, lost: map[place]onex.LossReason{}, next: map[place]int{},
	}
	if w.rand.IntN(3) == 0 {
		w.dir = t.TempDir()
	}
	w.cfg = newLoad(t).config(nil)
	w.cfg.SpoolAfter = 50 * time.Millisecond
	w.cfg.MaxInFlight = []int{1, 20, 300, 3000}[w.rand.IntN(4)]
	w.cfg.MaxInFlightBytes = []int{0, 200_000}[w.rand.IntN(2)]
	w.cfg.QueueFull = onex.QueueFullPolicy(w.rand.IntN(2))
	w.cfg.OnLoss, w.cfg.NewID = w.lose, w.newID
	w.slow = w.rand.IntN(2) == 0
	if w.mixed = w.rand.IntN(2) == 0; w.mixed {
		w.cfg.TopicName = func(namespace, service, _ string) string {
			return defaultTopic(namespace, service, "effect.metric.recorded")
		}
	}
	return w
}

func (w *world) newID() uuid.UUID {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := uuid.New()
	w.ids[id] = w.coming
	return id
}

func (w *world) lose(loss onex.Loss) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.ids[loss.EventID]
	if !ok || p.topic != loss.Topic {
		w.t.Errorf("an event is lost that was never published: %+v", loss)
	}
	w.lost[p] = loss.Reason
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
	w.close(testContext(w.t))
	if g := w.pub.Ledger(); g.Spooled+g.InFlight > 0 {
		w.t.Errorf("all is well, and the ledger is %+v", g)
	}
	w.reckon()
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
		{6, "moody spool", w.upset},
		{6, "calm spool", func() { w.spool.calm() }},
		{3, "evict", w.evict},
		{3, "close and open", w.reopen},
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
		if w.rand.IntN(15) == 0 {
			opts = append(opts, onex.Durable())
		}
		w.publish(service, key, opts)
		if w.slow && w.rand.IntN(8) == 0 {
			time.Sleep(time.Duration(w.rand.IntN(1500)) * time.Microsecond)
		}
	}
}

func (w *world) publish(service int, key string, opts []onex.EventOption) {
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

func (w *world) upset() {
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
		w.publish(w.rand.IntN(len(w.nodes)), "k0", []onex.EventOption{onex.WithPartitionKey("k0"), onex.Durable()})
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
	opts = append(opts, w.kafka.client...)
	if w.slow {
		opts = append(opts, kgo.WithHooks(latency{}))
	}
	pub, err := onex.NewPublisher(w.cfg, opts...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.pub, w.nodes = pub, nil
	for i := range 3 {
		w.nodes = append(w.nodes, onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: fmt.Sprint("s", i)}))
	}
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

// reckon accounts for every event that was accepted. One that has gone another
// way before, and is delivered again from the spool, is not out of order.
func (w *world) reckon() {
	l := newLoad(w.t)
	for service := range w.nodes {
		topic := metricTopic(service)
		arrived := l.arrived(w.kafka.addr(), topic, w.kafka.client...)
		letters := l.arrived(w.kafka.addr(), topic+".dlq", w.kafka.client...)
		for i := range 4 {
			p := place{topic: topic, key: fmt.Sprint("k", i)}
			accepted := w.next[p]
			elsewhere := map[int]bool{}
			for _, n := range letters[p.key] {
				elsewhere[n] = true
			}
			for n := range accepted {
				p.number = n
				if reason, lost := w.lost[p]; lost {
					elsewhere[n] = true
					if reason == onex.LossDamaged {
						w.t.Errorf("%+v: %s", p, reason)
					}
				}
			}
			there, last := map[int]bool{}, -1
			for _, n := range firsts(arrived[p.key]) {
				there[n] = true
				if n < last && !elsewhere[n] {
					w.t.Errorf("%+v: %d has arrived after %d: %v", p, n, last, arrived[p.key])
				}
				last = max(last, n)
			}
			for n := range accepted {
				if !there[n] && !elsewhere[n] {
					w.t.Errorf("%+v: %d of %d is nowhere", p, n, accepted)
				}
			}
		}
	}
}
