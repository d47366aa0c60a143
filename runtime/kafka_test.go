package onex_test

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// This file is what the tests share: a broker, a publisher, a consumer.

var id = uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")

// testContext ends a test that would wait for ever.
func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// startKafka returns the address of a broker that lives as long as the test.
func startKafka(t testing.TB, opts ...kfake.Opt) string {
	t.Helper()
	opts = append([]kfake.Opt{kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(3)}, opts...)
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}

// noKafka returns an address at which connections are refused.
func noKafka(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// newPublisher returns a publisher that is closed with the test, at once.
func newPublisher(t testing.TB, cfg onex.Config, broker string, opts ...kgo.Opt) *onex.Publisher {
	t.Helper()
	return newPublisherWith(t, cfg, append(opts, kgo.SeedBrokers(broker))...)
}

// newPublisherWith does the same if the brokers are among the options.
func newPublisherWith(t testing.TB, cfg onex.Config, opts ...kgo.Opt) *onex.Publisher {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = pub.Close(ctx)
	})
	return pub
}

// received is a record as a consumer has it.
type received struct {
	*kgo.Record
	env     *envelope.V1
	payload envelope.Payload
}

// consume reads n records of all topics and decodes them.
func consume(t testing.TB, broker string, n int) []received {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeRegex(), kgo.ConsumeTopics(`.*\.v\d+$`),
		// Topics are found soon after they come into being.
		kgo.MetadataMinAge(10*time.Millisecond), kgo.MetadataMaxAge(50*time.Millisecond), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := testContext(t)
	var all []received
	for len(all) < n {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%d of %d records: %v", len(all), n, err)
		}
		for rec := range fetches.RecordsAll() {
			env, err := envelope.Decode(rec.Value)
			if err != nil {
				t.Fatalf("%v in %s", err, rec.Value)
			}
			payload, err := env.DecodePayload()
			if err != nil {
				t.Fatalf("%v in %s", err, rec.Value)
			}
			all = append(all, received{rec, env, payload})
		}
	}
	if len(all) > n {
		t.Fatalf("%d records, want %d", len(all), n)
	}
	return all
}

// byType indexes records of which each event type has one.
func byType(t testing.TB, all []received) map[string]received {
	t.Helper()
	index := map[string]received{}
	for _, r := range all {
		if _, ok := index[r.env.EventType]; ok {
			t.Fatalf("two events of type %s", r.env.EventType)
		}
		index[r.env.EventType] = r
	}
	return index
}

// checkLedger reports a ledger that does not add up.
func checkLedger(t testing.TB, l onex.Ledger) {
	t.Helper()
	if l.Accepted != l.Delivered+l.DeadLettered+l.Spooled+l.InFlight+l.Lost {
		t.Errorf("the ledger does not add up: %+v", l)
	}
}

// losses collects what OnLoss is called with.
type losses struct {
	mu  sync.Mutex
	all []onex.Loss
}

func (l *losses) add(loss onex.Loss) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, loss)
}

func (l *losses) list() []onex.Loss {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]onex.Loss(nil), l.all...)
}

func closed(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}
