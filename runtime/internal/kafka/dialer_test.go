package kafka

import (
	"context"
	"errors"
	"net"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A dialer that speaks of its troubles in its own words, or panics, is not asked
// without a pause. kgo would do that when it has something to produce and needs a
// producer id for it, as when the epochs of the old one are used up.
func TestDialerOfTheProgram(t *testing.T) {
	for name, fail := range map[string]func() error{
		"own words": func() error { return errors.New("the tunnel is closed") },
		"panic":     func() error { panic("boom") },
		"Goexit":    func() error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				var away atomic.Bool
				var dials atomic.Int64
				b.keepKafka()
				lastEpoch(b.cluster)
				b.start(kgo.Dialer(func(ctx context.Context, network, addr string) (net.Conn, error) {
					switch {
					case !away.Load():
						return b.dial(ctx, network, addr)
					case dials.Add(1) > 10_000: // no time passes while kgo asks without a pause
						return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
					}
					return nil, fail()
				}))
				b.send("t", "0")
				b.delivered(1)
				b.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.UnknownProducerID, When: func(kmsg.Request) bool {
					away.Store(true)
					return true
				}})
				b.cluster.ControlKey(kmsg.InitProducerID.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
					return nil, errors.New("the connection is cut"), true
				})
				b.send("t", "1")
				b.client.Flush()
				time.Sleep(10 * time.Second)
				if n := dials.Load(); n == 0 || n > 100 {
					t.Errorf("%d dials in 10 s", n)
				}
				away.Store(false)
				b.cluster.Close()
				b.startKafka()
				b.wait(1)
				b.send("t", "2")
				b.delivered(1)
			})
		})
	}
}

// lastEpoch makes the broker give the first producer an epoch behind which there is
// none.
func lastEpoch(c *kfake.Cluster) {
	c.ControlKey(kmsg.InitProducerID.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		resp := req.ResponseKind().(*kmsg.InitProducerIDResponse)
		resp.ProducerID, resp.ProducerEpoch = 77, 1<<15-2
		return resp, nil, true
	})
}
