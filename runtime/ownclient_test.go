package onex

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What the publisher asks is asked again when its client was replaced meanwhile,
// and only then.
func TestOwnClientReplaced(t *testing.T) {
	pub, err := NewPublisher(Config{}, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	defer pub.Close(context.Background())
	var asked []*kgo.Client
	err = pub.shell.client.Ask(func(client *kgo.Client) error {
		if asked = append(asked, client); len(asked) == 1 {
			client.Close()
			if err := pub.shell.client.Renew(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		return kgo.ErrClientClosed
	})
	if err != kgo.ErrClientClosed {
		t.Errorf("asked %d times: %v", len(asked), err)
	}
}
