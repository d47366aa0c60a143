package onex_test

import (
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// When memory gets scarce, events go to disk, also while nothing is with the
// client because the last one has failed and the next one rests.
func TestCrowdedWhileTheClientRests(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	cfg := l.config(&memSpool{})
	cfg.MaxInFlight, cfg.SpoolAfter = 100, time.Hour
	pub := newPublisher(t, cfg, k.addr(), quick()...)
	l.use(pub)
	fault := k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.ClusterAuthorizationFailed, Count: -1})
	l.some(1)
	if err := fault.Wait(testContext(t), 4); err != nil {
		t.Fatal(err)
	}
	until(t, pub, "resting", func(onex.Ledger) bool { return onex.WithClient(pub) == 0 })
	l.waitAndPublish(pub, 300)
	if g := pub.Ledger(); g.Rejected > 50 { // each two milliseconds after the other
		t.Errorf("it took until the next attempt: %+v", g)
	}
	fault.Remove()
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}

// A client is not replaced again and again for events that the disk does not
// take either, before it has come as far as to deliver them.
func TestClientIsGivenTime(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	cfg := l.config(&moody{Spool: &memSpool{}, append: func() error { return errors.New("full") }})
	cfg.SpoolAfter = time.Millisecond // less than it takes to begin
	pub := newPublisher(t, cfg, k.addr(), quick()...)
	l.use(pub)
	l.some(10)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}
