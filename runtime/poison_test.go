package onex_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// An error that looks like the end of the client, and comes for one topic
// again and again while others are written to, is that topic's own: it rests,
// and the others go on with their client.
func TestOneTopicDoesNotCostTheClient(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	pub := newPublisher(t, l.config(nil), k.addr(), quick()...)
	l.use(pub)
	clients := k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.InitProducerID}, TopLevel: true, Observe: true, Count: -1})
	fault := k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: l.topic, Err: kerr.UnknownServerError, Count: -1})
	l.some(10)
	op := operation(pub, "effect", "x")
	for n := int64(1); fault.Hits() < 5; n++ {
		if err := op.Started(testContext(t), id, onex.None{}); err != nil {
			t.Fatal(err)
		}
		until(t, pub, "flowing past", func(g onex.Ledger) bool { return g.Delivered == n })
	}
	if n := clients.Hits(); n > 3 {
		t.Errorf("%d clients were needed", n)
	}
	fault.Remove()
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}
