package kafka

import (
	"bytes"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// onRecord is called for each record that kgo is given, before it is partitioned.
type onRecord func(*kgo.Record)

func (f onRecord) OnProduceRecordBuffered(rec *kgo.Record) { f(rec) }

// refuse makes Kafka refuse batches in t that have something in them.
func (b *bench) refuse(content string, err *kerr.Error) *kfake.FaultHandle {
	return b.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "t", Err: err, When: func(req kmsg.Request) bool {
		for _, t := range req.(*kmsg.ProduceRequest).Topics {
			for _, p := range t.Partitions {
				if bytes.Contains(p.Records, []byte(content)) {
					return true
				}
			}
		}
		return false
	}})
}

// know makes the client one that has delivered in t and learns nothing.
func (b *bench) know() {
	b.t.Helper()
	b.send("t", "known")
	b.delivered(1)
	time.Sleep(time.Second)
}

// kgo sends the first records of a group by itself, because others are flushed
// while it is handed over, and Kafka refuses them before kgo has the last: all of
// the group come back.
func TestGroupIsRefusedAsAWhole(t *testing.T) {
	inBubble(t, func(b *bench) {
		slow := onRecord(func(rec *kgo.Record) {
			if string(rec.Value) != "known" {
				b.client.Flush()
				time.Sleep(2 * time.Millisecond) // for Kafka to answer
			}
		})
		b.start(kgo.WithHooks(slow), kgo.ProducerBatchCompression(kgo.NoCompression()))
		b.know()
		b.refuse("unfit", kerr.MessageTooLarge)
		if n := b.send("t", "unfit", "1", "2", "3", "4"); n != 5 {
			t.Fatalf("%d taken", n)
		}
		for _, a := range b.wait(5) {
			if a.v != delivery.RecordFault {
				t.Errorf("%+v", a)
			}
		}
		for i, value := range []string{"unfit", "1", "2"} {
			b.send("t", value)
			if a := b.wait(1)[0]; (a.v == delivery.RecordFault) != (i == 0) {
				t.Errorf("alone: %+v", a)
			}
		}
		if got, want := b.log("t"), []string{"known", "1", "2"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// A hook that takes its time makes a group shorter: kgo would begin to send.
func TestSlowHookShortensTheGroup(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start(kgo.WithHooks(onRecord(func(*kgo.Record) { time.Sleep(5 * time.Millisecond) })))
		b.know()
		n := b.send("t", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
		if n < 2 || n > 4 {
			t.Errorf("%d taken in %v", n, linger/2)
		}
		b.delivered(n)
	})
}

// While kgo learns something about topics, a group is one record: what it is
// learning may refuse the first and let the others go.
func TestMetadataInTheMiddleOfAGroup(t *testing.T) {
	inBubble(t, func(b *bench) {
		var armed atomic.Bool
		reached, release := make(chan struct{}), make(chan struct{})
		logger := logging(func(msg string) {
			if msg == "metadata refresh has identical topic partition data" && armed.CompareAndSwap(true, false) {
				close(reached)
				<-release
			}
		})
		b.start(kgo.WithLogger(logger), kgo.MetadataMaxAge(time.Second))
		b.know()
		fault := b.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: "t", Err: kerr.TopicAuthorizationFailed})
		time.Sleep(3 * time.Second)
		armed.Store(true)
		fault.Remove()
		<-reached // the client's metadata say that t may not be written to; they are about to say that it may
		if n := b.send("t", "0", "1", "2"); n != 1 {
			t.Errorf("%d records were taken", n)
		}
		close(release)
		if a := b.wait(1)[0]; a.v != delivery.TopicFault {
			t.Errorf("%+v", a)
		}
		time.Sleep(time.Second)
		if n := b.send("t", "0", "1", "2"); n != 3 {
			t.Errorf("%d records were taken when all was learned", n)
		}
		b.delivered(3)
	})
}

type logging func(msg string)

func (logging) Level() kgo.LogLevel                        { return kgo.LogLevelDebug }
func (f logging) Log(_ kgo.LogLevel, msg string, _ ...any) { f(msg) }
