package onex_test

import (
	"context"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A spool may give fewer events than it is asked for: what it has not given is
// not lost, but comes next.
func TestSpoolGivesFew(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &moody{Spool: &memSpool{}, few: true}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	l.some(50)
	until(t, pub, "spooled", func(g onex.Ledger) bool { return g.Spooled == 50 })
	k.start()
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}

// A spool that has been damaged may find events again that had been removed.
// They are accepted once more, and the ledger adds up.
func TestSpoolFindsMore(t *testing.T) {
	k := newKafka(t)
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), quick()...)
	l.use(pub)
	l.some(20)
	_ = pub.Close(closed(context.Background()))

	looked := make(chan struct{})
	pub = newPublisher(t, l.config(&finder{Spool: spool, hidden: 5, looked: looked}), k.addr(), quick()...)
	l.use(pub)
	g := pub.Ledger()
	close(looked)
	if g.Accepted != 15 {
		t.Fatalf("ledger %+v", g)
	}
	k.start()
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 20, Delivered: 20}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	l.check(k.addr(), pub, true)
}

// finder is a spool that has more events than it says.
type finder struct {
	onex.Spool
	hidden int64
	looked chan struct{} // closed when it may find them
}

func (f *finder) Read(topic string, after uint64, limit int) ([]onex.Spooled, error) {
	<-f.looked
	return f.Spool.Read(topic, after, limit)
}

func (f *finder) Backlog() (onex.Backlog, error) {
	b, err := f.Spool.Backlog()
	b.Topics[0].Events -= f.hidden
	return b, err
}
