package kafka

import (
	"errors"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// Brokers say for a while that a topic is another one, and it has been the same all
// the time. It is forgotten, and what is published then arrives.
func TestForgetALivingTopic(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start(kgo.UnknownTopicRetries(1))
		b.send("t", "0")
		b.delivered(1)
		fault := b.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "t", Err: kerr.UnknownTopicID})
		b.send("t", "1")
		if a := b.wait(1)[0]; a.v != delivery.TopicFault {
			t.Errorf("%+v", a)
		}
		fault.Remove()
		b.client.Forget(b.t.Context(), "t")
		b.send("t", "1")
		b.delivered(1)
		if got, want := b.log("t"), []string{"0", "1"}; !slices.Equal(got, want) {
			t.Errorf("%v arrived, want %v", got, want)
		}
	})
}

// What a broker acknowledges as another record than it is, is not delivered, and a
// new client delivers it.
func TestAcknowledgedAndNotWritten(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		b.send("t", "0")
		b.delivered(1)
		b.client.current.Load().anew.note("t") // by mistake
		b.client.Forget(b.t.Context(), "t")
		b.send("t", "1")
		if a := b.wait(1)[0]; a.v != delivery.ClientFault || !errors.Is(a.err, errNotWritten) {
			t.Errorf("%+v", a)
		}
		if err := b.client.Renew(b.t.Context()); err != nil {
			t.Fatal(err)
		}
		b.send("t", "1")
		b.delivered(1)
		if got, want := b.log("t"), []string{"0", "1"}; !slices.Equal(got, want) {
			t.Errorf("%v arrived, want %v", got, want)
		}
	})
}

// A topic that was made anew is found when it has been forgotten.
func TestForgetATopicMadeAnew(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		for range 3 {
			b.send("t", "0")
			b.delivered(1)
			b.send("t", "0")
			b.delivered(1)
			if err := b.cluster.DeleteTopic("t"); err != nil {
				t.Fatal(err)
			}
			if err := b.cluster.CreateTopic("t", 1, nil); err != nil {
				t.Fatal(err)
			}
			b.send("t", "1")
			a := b.wait(1)[0]
			if a.v != delivery.TopicFault || !MadeAnew(a.err) {
				t.Fatalf("%+v", a)
			}
			b.client.Forget(b.t.Context(), "t")
			b.send("t", "1")
			b.delivered(1)
			if got, want := b.log("t"), []string{"1"}; !slices.Equal(got, want) {
				t.Errorf("%v arrived, want %v", got, want)
			}
		}
	})
}

// A topic that was missing is found without being forgotten.
func TestMissingTopicComesIntoBeing(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start(kgo.UnknownTopicRetries(1))
		b.send("late", "0")
		if a := b.wait(1)[0]; a.v != delivery.TopicFault || !errors.Is(a.err, kerr.UnknownTopicOrPartition) {
			t.Errorf("%+v", a)
		}
		b.client.Forget(b.t.Context(), "late")
		if err := b.cluster.CreateTopic("late", 1, nil); err != nil {
			t.Fatal(err)
		}
		b.send("late", "0")
		b.delivered(1)
	})
}
