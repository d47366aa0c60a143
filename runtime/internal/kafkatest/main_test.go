//go:build kafka

package kafkatest_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// This file is what the tests share.

var (
	failures = flag.Bool("failures", false, "run the tests that kill the nodes of a cluster")
	events   = flag.Int("events", 1_000_000, "how many events are published while nodes are killed")
)

func TestMain(m *testing.M) { os.Exit(kafkacluster.Main(m)) }

// bench is a cluster and what one test publishes to it, under a namespace of
// its own.
type bench struct {
	*kafkacluster.Cluster
	*load
	t         *testing.T
	namespace string
	spoolDir  string
}

func newBench(t *testing.T, nodes int) *bench {
	t.Helper()
	cluster := kafkacluster.Shared(t, nodes)
	return &bench{Cluster: cluster, load: newLoad(t), t: t, namespace: newNamespace(), spoolDir: t.TempDir()}
}

// newNamespace returns a namespace in which publisher may write.
func newNamespace() string {
	var random [4]byte
	_, _ = rand.Read(random[:])
	return "dev." + hex.EncodeToString(random[:])
}

// open returns a publisher with a spool. It is closed with the test, if it was
// not before.
func (b *bench) open(cfg onex.Config, opts ...kgo.Opt) *onex.Publisher {
	b.t.Helper()
	events, err := spool.Open(b.spoolDir)
	if err != nil {
		b.t.Fatal(err)
	}
	cfg.Spool, cfg.Namespace, cfg.Logger, cfg.OnLoss, cfg.NewID = events, b.namespace, slog.New(slog.DiscardHandler), b.lose, b.newID
	pub, err := onex.NewPublisher(cfg, opts...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		ended, end := context.WithCancel(context.Background())
		end()
		_ = pub.Close(ended)
	})
	return pub
}

// close closes a publisher that delivers everything before.
func (b *bench) close(pub *onex.Publisher) {
	b.t.Helper()
	if err := pub.Close(patience(b.t, time.Minute)); err != nil {
		b.t.Fatalf("%v; health %+v", err, pub.Health())
	}
}

// closeNow closes a publisher that leaves what is to do in the spool.
func (b *bench) closeNow(pub *onex.Publisher) {
	b.t.Helper()
	ended, end := context.WithCancel(context.Background())
	end()
	var rest *onex.CloseError
	if err := pub.Close(ended); err != nil && !errors.As(err, &rest) {
		b.t.Fatal(err)
	}
}

// until waits for a state.
func (b *bench) until(pub *onex.Publisher, what string, is func() bool) {
	b.t.Helper()
	for ctx := patience(b.t, 2*time.Minute); !is(); pause() {
		if ctx.Err() != nil {
			b.t.Fatalf("never %s: ledger %+v, health %+v", what, pub.Ledger(), pub.Health())
		}
	}
}

// pause lets others run before a state is asked for again.
func pause() { time.Sleep(5 * time.Millisecond) }

func patience(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
