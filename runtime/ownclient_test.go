package onex

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What the publisher asks is asked again when its client was replaced meanwhile,
// and only then.
func TestOwnClientReplaced(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.SeedTopics(1, "dev.a.effect.metric.recorded.v1"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	pub, err := NewPublisher(Config{}, kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer pub.Close(context.Background())
	node := NewNode(pub, "n1", NodeSpec{Type: "effect", Service: "a"})
	if err := MetricRecorded(context.Background(), node, "m", 1, "u"); err != nil {
		t.Fatal(err)
	}
	if err := pub.Flush(context.Background()); err != nil { // only a client that works is replaced
		t.Fatal(err)
	}
	asked := 0
	err = pub.shell.client.Ask(func(client *kgo.Client) error {
		if asked++; asked == 1 {
			if err := pub.shell.client.Renew(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		return kgo.ErrClientClosed
	})
	if asked != 2 || err != kgo.ErrClientClosed {
		t.Errorf("asked %d times: %v", asked, err)
	}
}
