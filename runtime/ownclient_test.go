package onex

import (
	"context"
	"log/slog"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What the publisher asks is asked again when its client was replaced meanwhile,
// and only then.
func TestOwnClientReplaced(t *testing.T) {
	pub, err := NewPublisher(Config{Logger: slog.New(slog.DiscardHandler)}, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	defer pub.Close(context.Background())
	for failure, want := range map[error]int{kgo.ErrClientClosed: 2, nil: 1, context.Canceled: 1} {
		asked := 0
		err = ownClient{pub}.try(func(*kgo.Client) error {
			if asked++; asked == 1 {
				if err := pub.producer.replace(); err != nil {
					t.Fatal(err)
				}
			}
			return failure
		})
		if asked != want || err != failure {
			t.Errorf("%v: asked %d times, want %d: %v", failure, asked, want, err)
		}
	}
}
