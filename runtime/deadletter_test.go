package onex_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// refuse makes the broker refuse batches for a topic that have something
// in them, as Kafka refuses one that is too large for it: the whole batch, and
// for good.
func refuse(c *kfake.Cluster, topic, content string, err *kerr.Error) *kfake.FaultHandle {
	return c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: err, Count: -1, When: func(req kmsg.Request) bool {
		for _, t := range req.(*kmsg.ProduceRequest).Topics {
			for _, p := range t.Partitions {
				records := string(p.Records)
				if strings.Contains(records, content) && (content == "" || !strings.Contains(records, "original_topic")) {
					return true
				}
			}
		}
		return false
	}})
}

// An event that Kafka refuses for its own sake is dead-lettered, in the
// contract's shape; its neighbours arrive, once and in order.
func TestDeadLetter(t *testing.T) {
	for _, spool := range []onex.Spool{nil, &memSpool{}} {
		k := newKafka(t).start()
		l := newLoad(t)
		pub := newPublisher(t, l.config(spool), k.addr(), append(quick(), uncompressed)...)
		l.use(pub)
		refuse(k.cluster, l.topic, "unfit", kerr.MessageTooLarge)
		unfit := onex.WithMetadata(map[string]any{"k": "unfit"})
		for i := range 200 {
			if i%50 == 25 {
				if err := onex.MetricRecorded(testContext(t), l.node, "m", -1, "u", unfit, onex.WithPartitionKey("k3")); err != nil {
					t.Fatal(err)
				}
			}
			l.some(1)
			if err := l.publish("k3"); err != nil {
				t.Fatal(err)
			}
		}
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if got, want := pub.Ledger(), (onex.Ledger{Accepted: 404, Delivered: 400, DeadLettered: 4}); got != want {
			t.Errorf("ledger %+v, want %+v", got, want)
		}
		l.check(k.addr(), pub, false)
		letters := readAll(t, k.addr(), l.topic+".dlq")
		if len(letters) != 4 {
			t.Fatalf("%d dead letters", len(letters))
		}
		for _, rec := range letters {
			letter, err := envelope.DecodeDeadLetter(rec.Value)
			if err != nil {
				t.Fatal(err)
			}
			env, err := envelope.Decode(letter.OriginalData)
			if err != nil || !strings.Contains(string(env.Payload), "unfit") || string(rec.Key) != "k3" || letter.OriginalKey != "k3" || letter.OriginalTopic != l.topic || !strings.Contains(letter.FailureReason, "MESSAGE_TOO_LARGE") {
				t.Errorf("%+v, %v", letter, err)
			}
		}
	}
}

// Without dead letters, and where they are refused too, the event is lost.
func TestDeadLetterFails(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg    onex.Config
		broker func(*kfake.Cluster)
		reason onex.LossReason
		err    error
	}{
		"turned off": {onex.Config{NoDeadLetters: true}, func(*kfake.Cluster) {}, onex.LossRefused, kerr.InvalidRecord},
		"not authorized": {onex.Config{}, func(c *kfake.Cluster) {
			refuse(c, "dev.a.effect.metric.recorded.v1.dlq", "", kerr.TopicAuthorizationFailed)
		}, onex.LossDeadLetter, kerr.TopicAuthorizationFailed},
		"poisonous": {onex.Config{}, func(c *kfake.Cluster) {
			refuse(c, "dev.a.effect.metric.recorded.v1.dlq", "", kerr.UnsupportedForMessageFormat)
		}, onex.LossDeadLetter, kerr.UnsupportedForMessageFormat},
		"unfit too": {onex.Config{DeadLetterSuffix: "-dead"}, func(c *kfake.Cluster) { refuse(c, "dev.a.effect.metric.recorded.v1-dead", "", kerr.MessageTooLarge) }, onex.LossDeadLetter, kerr.InvalidRecord},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKafka(t).start()
			l := newLoad(t)
			tt.cfg.OnLoss = l.losses.add
			pub := newPublisher(t, tt.cfg, k.addr(), append(quick(), uncompressed)...)
			l.use(pub)
			refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
			tt.broker(k.cluster)
			if err := onex.MetricRecorded(testContext(t), l.node, "m", -1, "u", onex.WithMetadata(map[string]any{"k": "unfit"})); err != nil {
				t.Fatal(err)
			}
			l.some(10)
			var rest *onex.CloseError
			if err := pub.Close(testContext(t)); err != nil && !errors.As(err, &rest) {
				t.Fatal(err)
			}
			if got, want := pub.Ledger(), (onex.Ledger{Accepted: 11, Delivered: 10, Lost: 1}); got != want {
				t.Errorf("ledger %+v, want %+v", got, want)
			}
			got := l.losses.list()
			if len(got) != 1 || got[0].Reason != tt.reason || !errors.Is(got[0].Err, tt.err) {
				t.Errorf("losses %+v", got)
			}
		})
	}
}

// A client that fails with a dead letter is replaced, as it is for any other
// event, and the dead letter is sent again.
func TestDeadLetterPoisonsClient(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	pub := newPublisher(t, l.config(nil), k.addr(), append(quick(), uncompressed)...)
	l.use(pub)
	refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
	k.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: l.topic + ".dlq", Err: kerr.ClusterAuthorizationFailed, Count: 1})
	if err := onex.MetricRecorded(testContext(t), l.node, "m", -1, "u", onex.WithMetadata(map[string]any{"k": "unfit"})); err != nil {
		t.Fatal(err)
	}
	l.some(10)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := pub.Ledger(), (onex.Ledger{Accepted: 11, Delivered: 10, DeadLettered: 1}); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
}

// A dead-letter topic that is made anew costs no event: the client looks for it
// as if it had never heard of it.
func TestDeadLetterTopicMadeAnew(t *testing.T) {
	k := newKafka(t).start()
	l := newLoad(t)
	pub := newPublisher(t, l.config(nil), k.addr(), append(quick(), uncompressed)...)
	l.use(pub)
	refuse(k.cluster, l.topic, "unfit", kerr.InvalidRecord)
	for i := range int64(3) {
		if err := l.publish("k", onex.WithMetadata(map[string]any{"k": "unfit"})); err != nil {
			t.Fatal(err)
		}
		until(t, pub, "decided", func(g onex.Ledger) bool { return g.DeadLettered+g.Lost == i+1 })
		if err := k.cluster.DeleteTopic(l.topic + ".dlq"); err != nil {
			t.Fatal(err)
		}
		// The client may have asked for it in between, and so made it.
		if err := k.cluster.CreateTopic(l.topic+".dlq", 1, nil); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			t.Fatal(err)
		}
	}
	if g := pub.Ledger(); g.DeadLettered != 3 {
		t.Errorf("ledger %+v, losses %v", g, l.losses.list())
	}
}
