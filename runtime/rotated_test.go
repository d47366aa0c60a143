package onex_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Credentials that are rotated while the publisher runs are used by the next
// connection, if they are given as a function; what waited meanwhile arrives.
func TestRotatedCredentials(t *testing.T) {
	k := newKafka(t) // for its address
	start := func(password string) *kfake.Cluster {
		cluster, err := kfake.NewCluster(kfake.Ports(k.port), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(),
			kfake.EnableSASL(), kfake.Superuser("PLAIN", "node", password))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(cluster.Close)
		return cluster
	}
	var password atomic.Value
	password.Store("old")
	credentials := kgo.SASL(plain.Plain(func(context.Context) (plain.Auth, error) {
		return plain.Auth{User: "node", Pass: password.Load().(string)}, nil
	}))
	cluster := start("old")
	l := newLoad(t)
	pub := newPublisher(t, l.config(nil), k.addr(), append(quick(), credentials)...)
	l.use(pub)
	l.some(50)
	if err := pub.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	cluster.Close()
	start("new")
	l.some(50)
	// The old password is refused, as health says, until the new one is there.
	until(t, pub, "refused", func(onex.Ledger) bool { return pub.Health().Cause == onex.CauseAuthentication })
	password.Store("new")
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 100, Delivered: 100}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}
