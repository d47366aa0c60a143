package kafka

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// A broker says for a while that a topic is another one, or is not there, and it
// has been the same all the time. It is forgotten, and what is published then is
// not taken for what was published before.
func TestForgetALivingTopic(t *testing.T) {
	for _, mistake := range []*kerr.Error{kerr.UnknownTopicID, kerr.InconsistentTopicID, kerr.UnknownTopicOrPartition} {
		t.Run(mistake.Message, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.start(kgo.UnknownTopicRetries(1))
				b.send("t", "0")
				b.delivered(1)
				fault := b.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "t", Err: mistake})
				if mistake == kerr.InconsistentTopicID { // which kgo repeats by itself
					time.AfterFunc(3*time.Second, fault.Remove)
				}
				b.send("t", "1")
				if a := b.wait(1)[0]; a.v == delivery.TopicFault {
					fault.Remove()
					b.client.Forget(b.t.Context(), "t")
					b.send("t", "1")
					if a := b.wait(1)[0]; a.v == delivery.ClientFault {
						if err := b.client.Renew(b.t.Context()); err != nil {
							t.Fatal(err)
						}
						b.send("t", "1")
						b.delivered(1)
					} else if a.v != delivery.Delivered {
						t.Errorf("%+v", a)
					}
				} else if a.v != delivery.Delivered {
					t.Errorf("%+v", a)
				}
				if got, want := b.log("t"), []string{"0", "1"}; !slices.Equal(got, want) {
					t.Errorf("%v arrived, want %v", got, want)
				}
			})
		})
	}
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
		if a := b.wait(1)[0]; a.v != delivery.TopicFault || !Unknown(a.err) {
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
