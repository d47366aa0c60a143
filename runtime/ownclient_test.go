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
