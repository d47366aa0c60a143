package onex_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// valve makes a broker answer produce requests as it is set.
type valve struct{ state atomic.Int32 }

const (
	valveRefuses int32 = iota // for a moment, so that the client asks again
	valveLetsOne              // the next one is let through, and then it is silent
	valveSilent
	valveOpen
)

func (v *valve) on(k *kafka) {
	k.cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.cluster.KeepControl()
		switch v.state.Load() {
		case valveRefuses:
			return throttle(req.(*kmsg.ProduceRequest)), nil, true
		case valveLetsOne:
			v.state.Store(valveSilent)
			return nil, nil, false
		case valveSilent:
			return nil, nil, true
		default:
			return nil, nil, false
		}
	})
}

// What comes back from the client while what is behind it cannot be written to
// disk either goes before that again.
func TestFrontKeepsItsOrder(t *testing.T) {
	k := newKafka(t).start()
	v := &valve{}
	v.on(k)
	l, spool := newLoad(t), &memSpool{}
	pub := newPublisher(t, l.config(spool), k.addr(), append(quick(), kgo.ProducerBatchMaxBytes(20_000))...)
	l.use(pub)
	var failed atomic.Bool
	spool.set(func([]onex.Spooled) error {
		failed.Store(true)
		time.Sleep(300 * time.Millisecond) // a slow disk, and then a full one
		return errors.New("full")
	})
	if err := l.publish("k"); err != nil {
		t.Fatal(err)
	}
	handed(t, pub)
	for range 200 { // more than a group has
		if err := l.publish("k"); err != nil {
			t.Fatal(err)
		}
	}
	v.state.Store(valveLetsOne)
	until(t, pub, "in the middle", func(g onex.Ledger) bool { return g.Delivered == 1 && failed.Load() })
	v.state.Store(valveOpen)
	spool.set(nil)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	l.check(k.addr(), pub, true)
}
