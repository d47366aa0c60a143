package onex_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// sweepPlace is where a broker answers with an error for 3 s.
type sweepPlace struct {
	name    string
	key     kmsg.Key
	overall bool   // of everybody; else of one topic
	suffix  string // of that topic
}

var sweepPlaces = []sweepPlace{
	{"metadata", kmsg.Metadata, false, ""},
	{"producer id", kmsg.InitProducerID, true, ""},
	{"produce", kmsg.Produce, false, ""},
	{"dead letter", kmsg.Produce, false, ".dlq"},
}

var (
	// ownFault are the answers by which Kafka refuses a record for its own sake.
	ownFault = []error{kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord}

	// noLetters are those with which a topic for dead letters takes none.
	noLetters = append([]error{
		kerr.UnknownTopicOrPartition, kerr.UnknownTopicID, kerr.InconsistentTopicID,
		kerr.TopicAuthorizationFailed, kerr.InvalidTopicException, kerr.UnsupportedForMessageFormat,
	}, ownFault...)
)

// Each error code of Kafka, at each place, for 3 s: other topics flow; what was
// accepted arrives afterwards, in order; only a record's own fault dead-letters
// it; and the health names a cause while nothing arrives.
//
//	go test ./runtime -run TestSweep -v
func TestSweep(t *testing.T) {
	for code := int16(-1); code < 1000; code++ {
		e := kerr.TypedErrorForCode(code)
		if e == nil || e == kerr.UnknownServerError && code != -1 {
			continue
		}
		for _, place := range sweepPlaces {
			for _, durable := range []bool{false, true} {
				name := fmt.Sprintf("%s/%s", e.Message, place.name)
				if durable {
					name += ", durable"
				}
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { sweep(t, e, place, durable) })
				})
			}
		}
	}
}

func sweep(t *testing.T, code *kerr.Error, place sweepPlace, durable bool) {
	const lasts = 3 * time.Second
	const topic, other = "dev.a.effect.metric.recorded.v1", "dev.b.effect.metric.recorded.v1"
	b := startBubble(t, topic, other, topic+".dlq")
	defer b.cluster.Close()
	seen := &acknowledgements{last: map[string]time.Time{}, records: map[string]int{}}
	var lost losses
	cfg := onex.Config{SpoolAfter: 500 * time.Millisecond, OnLoss: lost.add, Logger: slog.New(slog.DiscardHandler)}
	var opts []onex.EventOption
	if durable {
		cfg.Spool = &memSpool{}
		opts = append(opts, onex.Durable())
	}
	pub, err := onex.NewPublisher(cfg, append(quick(), b.options(kgo.WithHooks(seen), uncompressed)...)...)
	if err != nil {
		t.Fatal(err)
	}
	publish := func(service string, n int, more ...onex.EventOption) {
		node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: service})
		if err := onex.MetricRecorded(t.Context(), node, "m", float64(n), "u", append(append(more, opts...), onex.WithPartitionKey("k"))...); err != nil {
			t.Error(err)
		}
	}
	b.refuse(topic, "unfit", kerr.InvalidRecord)
	published := 0
	if !place.overall { // else the client would have its producer id already
		publish("a", published)
		publish("b", 0)
		published++
		seen.wait(t, topic)
		seen.wait(t, other)
	}

	fault := kfake.Fault{Keys: []kmsg.Key{place.key}, TopLevel: place.overall, Err: code, Count: -1}
	if !place.overall {
		fault.Topic = topic + place.suffix
	}
	handle := b.cluster.Fault(fault)
	time.Sleep(300 * time.Millisecond) // for the client to ask for metadata anew
	begun, before := time.Now(), seen.of(other)
	letters := 0
	if place.suffix != "" {
		publish("a", -1, onex.WithMetadata(map[string]any{"is": "unfit"}))
		letters++
	}
	sent := 0
	for ; time.Since(begun) < lasts; time.Sleep(100 * time.Millisecond) {
		publish("a", published)
		publish("b", 1+sent)
		published++
		sent++
	}
	if flows := seen.of(other) - before; !place.overall && flows < sent-5 {
		t.Errorf("of %d events of another topic %d arrived meanwhile", sent, flows)
	}
	h := pub.Health()
	silent := time.Since(seen.at(topic)) > 2*time.Second && time.Since(seen.at(topic+".dlq")) > 2*time.Second
	own := place.key == kmsg.Produce && slices.Contains(ownFault, error(code))
	if silent && !own && pub.Ledger().Lost == 0 && h.Up && len(h.Topics) == 0 {
		t.Errorf("nothing arrives, and the health is %+v", h)
	}
	if place.overall && (h.Up || h.Cause == "" || h.Topics != nil) {
		t.Errorf("nothing can arrive, and the health is %+v", h)
	}

	handle.Remove()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	removed := time.Now()
	_ = pub.Close(ctx) // what it says is in the ledger too
	took := time.Since(removed)
	g := pub.Ledger()
	if took > time.Minute {
		t.Errorf("it took %v after the fault was gone; ledger %+v", took, g)
	}
	t.Logf("other topic flows; health %v %q %v; %+v after %v", h.Up, h.Cause, h.Topics, g, took.Round(10*time.Millisecond))
	if code == kerr.DuplicateSequenceNumber && place.key == kmsg.Produce {
		return // by which Kafka says that it has the record
	}

	checkLedger(t, g)
	wantLetters, wantLost := int64(letters), int64(0)
	if letters > 0 && slices.Contains(noLetters, error(code)) && g.Lost > 0 {
		wantLetters, wantLost = 0, 1
	}
	if place.suffix == "" && own {
		wantLetters = g.DeadLettered
		if wantLetters == 0 {
			t.Error("nothing was dead-lettered")
		}
	}
	if g.DeadLettered != wantLetters || g.Lost != wantLost || g.Delivered != g.Accepted-wantLetters-wantLost {
		t.Errorf("ledger %+v, losses %v, want %d dead letters and %d lost", g, lost.list(), wantLetters, wantLost)
	}
	arrived, dead := firsts(b.numbers(topic)), b.numbers(topic+".dlq")
	for i, n := range arrived {
		if i > 0 && n < arrived[i-1] {
			t.Errorf("out of order: %v", arrived)
			break
		}
	}
	all := firsts(append(append(arrived, dead...), -1))
	if len(all) != published+1 {
		t.Errorf("%d events arrived or are dead-lettered, of %d: %v, %v", len(all)-1, published, arrived, dead)
	}
	if got := firsts(b.numbers(other)); !place.overall && len(got) != sent+1 {
		t.Errorf("%d events of the other topic arrived, of %d", len(got), sent+1)
	}
}

// acknowledgements are when Kafka acknowledged something last, by topic, and how
// many records it has.
type acknowledgements struct {
	mu      sync.Mutex
	last    map[string]time.Time
	records map[string]int
}

func (a *acknowledgements) OnProduceBatchWritten(_ kgo.BrokerMetadata, topic string, _ int32, m kgo.ProduceBatchMetrics) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last[topic] = time.Now()
	a.records[topic] += m.NumRecords
}

func (a *acknowledgements) of(topic string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.records[topic]
}

func (a *acknowledgements) at(topic string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last[topic]
}

func (a *acknowledgements) wait(t *testing.T, topic string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); a.of(topic) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("nothing arrives in %s", topic)
		}
	}
}

// bubble is a broker in a synctest bubble.
type bubble struct {
	t       *testing.T
	network kfake.VirtualNetwork
	cluster *kfake.Cluster
}

func startBubble(t *testing.T, topics ...string) *bubble {
	t.Helper()
	b := &bubble{t: t}
	cluster, err := kfake.NewCluster(kfake.Ports(9092), kfake.NumBrokers(1), kfake.SeedTopics(1, topics...), kfake.ListenFn(b.network.Listen))
	if err != nil {
		t.Fatal(err)
	}
	b.cluster = cluster
	return b
}

// options lead a client to the broker.
func (b *bubble) options(opts ...kgo.Opt) []kgo.Opt {
	return append(opts, kgo.SeedBrokers("127.0.0.1:9092"), dialing(&b.network))
}

// refuse is as the function of that name.
func (b *bubble) refuse(topic, content string, err *kerr.Error) {
	refuse(b.cluster, topic, content, err)
}

// numbers are those of the metrics in a topic, in their order.
func (b *bubble) numbers(topic string) (numbers []int) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	reader, err := kgo.NewClient(b.options(kgo.ConsumeTopics(topic), kgo.FetchMaxWait(100*time.Millisecond))...)
	if err != nil {
		b.t.Fatal(err)
	}
	defer reader.Close()
	for ctx.Err() == nil {
		for _, rec := range reader.PollFetches(ctx).Records() {
			value := rec.Value
			if strings.HasSuffix(topic, ".dlq") {
				letter, err := envelope.DecodeDeadLetter(value)
				if err != nil {
					b.t.Fatal(err)
				}
				value = letter.OriginalData
			}
			env, err := envelope.Decode(value)
			if err != nil {
				b.t.Fatal(err)
			}
			payload, err := env.DecodePayload()
			if err != nil {
				b.t.Fatal(err)
			}
			numbers = append(numbers, numberOf(b.t, payload))
		}
	}
	return numbers
}
