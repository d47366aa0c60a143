package kafka

import (
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/runtime/internal/health"
)

// throttling is a broker that makes producers wait.
func (b *bench) throttle(millis *atomic.Int32) {
	b.cluster.ControlKey(kmsg.Produce.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.KeepControl()
		ms := millis.Load()
		if ms == 0 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		resp.ThrottleMillis = ms
		for _, t := range req.(*kmsg.ProduceRequest).Topics {
			topic := kmsg.NewProduceResponseTopic()
			topic.Topic, topic.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				partition := kmsg.NewProduceResponseTopicPartition()
				partition.Partition = p.Partition
				topic.Partitions = append(topic.Partitions, partition)
			}
			resp.Topics = append(resp.Topics, topic)
		}
		return resp, nil, true
	})
}

// A broker that tells a client to wait for 24 days is told of, and not obeyed: the
// connection that has to wait is given up.
func TestThrottledForWeeks(t *testing.T) {
	inBubble(t, func(b *bench) {
		var millis atomic.Int32
		b.throttle(&millis)
		b.start()
		end := b.health.Watch(b.client.Ping, func(health.Snapshot) {})
		defer end()
		b.send("t", "0")
		b.delivered(1)
		millis.Store(math.MaxInt32)
		b.send("t", "1")
		b.delivered(1)
		millis.Store(0)
		if s := b.health.Snapshot(); s.Cause != health.Throttled {
			t.Errorf("%+v", s)
		}
		begun := time.Now()
		b.send("t", "2")
		b.delivered(1)
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("it took %v to be delivered", took)
		}
		if s := b.health.Snapshot(); !s.Up {
			t.Errorf("%+v", s)
		}
	})
}

// Brokers whose own address refuses connections, or does not resolve, while the one
// that the program has answers pings, are not up: whether something is published,
// or nothing is. When it is right, what waits arrives.
func TestAdvertisedAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		err   error
		cause health.Cause
	}{
		"refuses":          {os.NewSyscallError("connect", syscall.ECONNREFUSED), health.Refused},
		"does not resolve": {&net.DNSError{Err: "no such host", Name: "kafka-7", IsNotFound: true}, health.DNS},
	} {
		for _, publishes := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, %t", name, publishes), func(t *testing.T) {
				inBubble(t, func(b *bench) {
					var right atomic.Bool
					b.start(kgo.SeedBrokers("bootstrap:9092"), kgo.Dialer(func(ctx context.Context, network, addr string) (net.Conn, error) {
						if addr != "bootstrap:9092" && !right.Load() {
							return nil, &net.OpError{Op: "dial", Net: network, Err: tt.err}
						}
						return b.dial(ctx, network, "127.0.0.1:9092")
					}))
					var told []health.Cause
					end := b.health.Watch(b.client.Ping, func(s health.Snapshot) { told = append(told, s.Cause) })
					if publishes {
						time.Sleep(time.Second)
						b.send("t", "0")
						time.Sleep(10 * time.Second) // SpoolAfter and 5 s
					} else {
						time.Sleep(time.Minute)
					}
					if s := b.health.Snapshot(); s.Cause != tt.cause {
						t.Errorf("%+v", s)
					}
					right.Store(true)
					time.Sleep(20 * time.Second)
					if publishes {
						b.delivered(1)
					}
					end()
					if want := []health.Cause{"", tt.cause, "", health.Closed}; !slices.Equal(told, want) {
						t.Errorf("told of %q, want %q", told, want)
					}
				})
			})
		}
	}
}

// When everything takes 6 s, events arrive, and the health does not change.
func TestEverythingTakesLong(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.cluster.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			b.cluster.SleepControl(func() { time.Sleep(6 * time.Second) })
			return nil, nil, false
		})
		b.start()
		var told []health.Cause
		end := b.health.Watch(b.client.Ping, func(s health.Snapshot) { told = append(told, s.Cause) })
		time.Sleep(time.Minute)
		for range 10 {
			b.send("t", "0")
			b.delivered(1)
		}
		end()
		if want := []health.Cause{"", health.Closed}; !slices.Equal(told, want) {
			t.Errorf("told of %q, want %q", told, want)
		}
	})
}

// A broker that is frozen shows within SpoolAfter and 5 s, and its end is told of
// once.
func TestFrozen(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		var told []health.Cause
		end := b.health.Watch(b.client.Ping, func(s health.Snapshot) { told = append(told, s.Cause) })
		b.send("t", "0")
		b.delivered(1)
		frozen := make(chan struct{})
		b.cluster.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			b.cluster.SleepControl(func() { <-frozen })
			return nil, nil, false
		})
		b.send("t", "1")
		time.Sleep(10 * time.Second)
		if s := b.health.Snapshot(); s.Cause != health.Timeout {
			t.Errorf("%+v", s)
		}
		close(frozen)
		b.delivered(1)
		time.Sleep(time.Minute)
		end()
		if want := []health.Cause{"", health.Timeout, "", health.Closed}; !slices.Equal(told, want) {
			t.Errorf("told of %q, want %q", told, want)
		}
	})
}
