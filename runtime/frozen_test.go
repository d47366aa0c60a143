package onex_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A broker that takes connections and says nothing, from the beginning or from some
// time on, with a spool and without: the publisher is down within SpoolAfter and 5 s of
// the first event that it gets, says that brokers do not answer in time, and says it
// once. When the broker answers again, everything arrives.
func TestFrozenBroker(t *testing.T) {
	for name, begin := range map[string]func(*testing.T) (k *kafka, freeze, thaw func()){
		"from the beginning": neverAnswers,
		"from some time on":  stopsToAnswer,
	} {
		for _, spooled := range []bool{false, true} {
			for _, after := range []time.Duration{0, time.Second, 20 * time.Second} {
				label := map[bool]string{false: "", true: ", with a spool"}[spooled]
				t.Run(name+label+", SpoolAfter "+after.String(), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						k, freeze, thaw := begin(t)
						testFrozen(t, k, freeze, thaw, spooled, after)
					})
				})
			}
		}
	}
}

func testFrozen(t *testing.T, k *kafka, freeze, thaw func(), spooled bool, after time.Duration) {
	l, changes := newLoad(t), newHealths()
	cfg := l.config(nil)
	if spooled {
		cfg = l.config(&memSpool{})
	}
	cfg.SpoolAfter, cfg.OnHealth = after, changes.add
	pub := newPublisher(t, cfg, k.addr(), k.client...)
	l.use(pub)
	freeze()
	for len(changes) > 0 {
		<-changes
	}
	l.some(10)
	if after == 0 {
		after = 5 * time.Second // the default
	}
	time.Sleep(after + 5*time.Second)
	synctest.Wait()
	if h := pub.Health(); h.Up || h.Cause != onex.CauseTimeout {
		t.Errorf("%v after the first event: %+v", after+5*time.Second, h)
	}
	if g := pub.Ledger(); (g.Spooled > 0) != spooled || g.Delivered+g.Lost > 0 {
		t.Errorf("%+v", g)
	}
	time.Sleep(time.Minute)
	changes.down(t, onex.CauseTimeout)
	if len(changes) > 0 {
		t.Errorf("and then: %+v", <-changes)
	}
	thaw()
	changes.up(t)
	until(t, pub, "all is delivered", func(g onex.Ledger) bool { return g.Delivered == g.Accepted })
	if err := pub.Close(testContext(t)); err != nil {
		t.Error(err)
	}
	l.check(k.addr(), pub, true, k.client...)
	k.kill()
	time.Sleep(time.Second)
}

// neverAnswers is a broker in whose place something listens that only reads.
func neverAnswers(t *testing.T) (k *kafka, freeze, thaw func()) {
	k = newBubbleKafka(t, kfake.AllowAutoTopicCreation())
	l, err := k.network.Listen("tcp", k.addr())
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
		}
	}()
	return k, func() {}, func() {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		k.start()
	}
}

// stopsToAnswer is a broker that has taken events before.
func stopsToAnswer(t *testing.T) (k *kafka, freeze, thaw func()) {
	k = newBubbleKafka(t, kfake.AllowAutoTopicCreation()).start()
	frozen := make(chan struct{})
	freeze = func() {
		time.Sleep(time.Second) // the publisher has a connection
		k.cluster.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
			k.cluster.KeepControl()
			k.cluster.SleepControl(func() { <-frozen })
			return nil, nil, false
		})
	}
	return k, freeze, func() { close(frozen) }
}
