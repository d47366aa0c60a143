package onex_test

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Events that have been read from the spool, and that it has dropped before
// anybody could send them, are in memory only. At the end they go to the spool
// again.
func TestCloseKeepsWhatWasRead(t *testing.T) {
	k := newKafka(t)
	l, mem := newLoad(t), &slow{memSpool: &memSpool{}, reading: make(chan struct{}), goOn: make(chan struct{})}
	pub := newPublisher(t, l.config(mem.memSpool), k.addr(), quick()...)
	l.use(pub)
	l.some(10)
	_ = pub.Close(closed(context.Background()))

	// A dead letter that takes its time keeps the publisher from ending.
	cfg := l.config(mem)
	cfg.SpoolAfter = time.Hour
	masking, goOn := make(chan struct{}), make(chan struct{})
	cfg.Mask = func(s string) string { close(masking); <-goOn; return s }
	ended := clientEnded{make(chan struct{})}
	other := "dev.b.effect.metric.recorded.v1"
	refuse(k.start().cluster, other, "", kerr.InvalidRecord)
	pub = newPublisher(t, cfg, k.addr(), append(quick(), kgo.WithHooks(ended))...)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "b"})
	if err := onex.MetricRecorded(testContext(t), node, "m", -1, "u"); err != nil {
		t.Fatal(err)
	}
	<-masking
	<-mem.reading
	mem.bound(1)
	op, durable := operation(pub, "effect", "x"), make(chan error)
	go func() { durable <- op.Started(context.Background(), id, onex.None{}, onex.Durable()) }()
	until(t, pub, "accepted", func(g onex.Ledger) bool { return g.Accepted == 12 })
	go pub.Close(closed(context.Background()))
	<-ended.closed
	close(mem.goOn)
	if err := <-durable; err != nil {
		t.Fatal(err)
	}
	until(t, pub, "dropped", func(g onex.Ledger) bool { return g.InFlight == 11 })
	mem.bound(0)
	close(goOn)
	_ = pub.Close(testContext(t))
	if g, n := pub.Ledger(), mem.len(); g != (onex.Ledger{Accepted: 12, Spooled: 12}) || n != 12 {
		t.Errorf("%d events are in the spool, ledger %+v", n, g)
	}
}

// clientEnded tells when a publisher's client has been closed.
type clientEnded struct{ closed chan struct{} }

func (c clientEnded) OnClientClosed(*kgo.Client) { close(c.closed) }
