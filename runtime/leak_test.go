package onex_test

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// A publisher leaves no goroutine behind, whatever was the matter.
func TestCloseLeavesNothing(t *testing.T) {
	for name, strike := range map[string]func(*kafka){
		"nothing":     func(k *kafka) { k.start() },
		"no broker":   func(*kafka) {},
		"broker gone": func(k *kafka) { k.start(); k.kill() },
		"topic refused": func(k *kafka) {
			k.start().cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.UnknownTopicOrPartition, Count: -1})
		},
		"client poisoned": func(k *kafka) {
			k.start().cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.ClusterAuthorizationFailed, Count: 1})
		},
	} {
		for _, spool := range []onex.Spool{nil, &memSpool{}} {
			t.Run(name, func(t *testing.T) {
				k := newKafka(t)
				strike(k)
				before := goleak.IgnoreCurrent()
				l := newLoad(t)
				pub, err := onex.NewPublisher(l.config(spool), append(quick(), seed(k))...)
				if err != nil {
					t.Fatal(err)
				}
				l.use(pub)
				l.some(100)
				ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
				defer cancel()
				_ = pub.Close(ctx)
				checkLedger(t, pub.Ledger())
				k.kill() // with its side of the connections
				goleak.VerifyNone(t, before)
			})
		}
	}
}
