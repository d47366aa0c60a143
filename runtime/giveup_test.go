package onex_test

import (
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// readings counts how often a spool is read.
type readings struct {
	onex.Spool
	n atomic.Int64
}

func (r *readings) Read(topic string, after uint64, limit int) ([]onex.Spooled, error) {
	r.n.Add(1)
	return r.Spool.Read(topic, after, limit)
}

// While OnLoss takes its time over an event that came from disk, its topic goes
// on, and the disk is not asked again and again for what is not there.
func TestLossFromDiskHoldsNothingUp(t *testing.T) {
	k := newKafka(t)
	l, disk := newLoad(t), &readings{Spool: &memSpool{}}
	cfg := l.config(disk)
	cfg.NoDeadLetters = true
	release := make(chan struct{})
	cfg.OnLoss = func(onex.Loss) { <-release }
	pub := newPublisher(t, cfg, k.addr(), append(quick(), uncompressed)...)
	l.use(pub)
	unfit := onex.WithMetadata(map[string]any{"k": "unfit"})
	if err := onex.MetricRecorded(testContext(t), l.node, "m", -1, "u", unfit); err != nil {
		t.Fatal(err)
	}
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 1 })
	refuse(k.start().cluster, l.topic, "unfit", kerr.InvalidRecord)
	l.some(500)
	until(t, pub, "delivered", func(g onex.Ledger) bool { return g.Delivered == 500 })
	if g := pub.Ledger(); g.Spooled != 0 || g.InFlight != 1 || g.Lost != 0 {
		t.Errorf("ledger %+v", g)
	}
	if n := disk.n.Load(); n > 100 {
		t.Errorf("the spool was read %d times", n)
	}
	close(release)
	until(t, pub, "reported", func(g onex.Ledger) bool { return g.Lost == 1 })
}
