package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"

	"github.com/omninode-ai/onexevents/runtime/internal/health"
)

// A dialer that does not return costs one attempt, and what it returns later is
// closed.
func TestDialerMayHang(t *testing.T) {
	inBubble(t, func(b *bench) {
		goOn, closed := make(chan struct{}), make(chan struct{})
		var dials atomic.Int32
		b.start(kgo.Dialer(func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dials.Add(1) == 1 {
				<-goOn
				return lateConn{closed: closed}, nil
			}
			return b.dial(ctx, network, addr)
		}))
		begun := time.Now()
		b.send("t", "0")
		b.delivered(1)
		if took := time.Since(begun); took > longestCall+10*time.Second {
			t.Errorf("it took %v", took)
		}
		close(goOn)
		<-closed
	})
}

type lateConn struct {
	net.Conn
	closed chan struct{}
}

func (c lateConn) Close() error { close(c.closed); panic("boom") }

// A connection of the program's making may panic: it has failed then, and another
// one is made.
func TestConnectionMayPanic(t *testing.T) {
	for _, in := range []string{"Read", "Write", "SetReadDeadline", "SetWriteDeadline", "Close"} {
		t.Run(in, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				var once atomic.Bool
				b.start(kgo.Dialer(func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := b.dial(ctx, network, addr)
					return badConn{conn, in, &once}, err
				}))
				b.send("t", "0")
				b.delivered(1)
				if err := b.client.Renew(b.t.Context()); err != nil || !once.Load() {
					t.Errorf("%v; %s was called: %t", err, in, once.Load())
				}
			})
		})
	}
}

type badConn struct {
	net.Conn
	in   string
	once *atomic.Bool
}

func (c badConn) on(in string) {
	if in == c.in && c.once.CompareAndSwap(false, true) {
		panic("boom")
	}
}

func (c badConn) Read(b []byte) (int, error)  { c.on("Read"); return c.Conn.Read(b) }
func (c badConn) Write(b []byte) (int, error) { c.on("Write"); return c.Conn.Write(b) }
func (c badConn) Close() error                { c.on("Close"); return c.Conn.Close() }
func (c badConn) SetReadDeadline(t time.Time) error {
	c.on("SetReadDeadline")
	return c.Conn.SetReadDeadline(t)
}

func (c badConn) SetWriteDeadline(t time.Time) error {
	c.on("SetWriteDeadline")
	return c.Conn.SetWriteDeadline(t)
}

// Credentials that nobody returns cost an attempt.
func TestCredentialsMayHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hang := make(chan struct{})
		m := mechanism{hangingMechanism{hang}}
		if _, _, err := m.Authenticate(ctx, "h"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if _, _, err := (session{hangingMechanism{hang}}).Challenge(nil); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		close(hang)
		synctest.Wait()
	})
}

type hangingMechanism struct{ hang chan struct{} }

func (hangingMechanism) Name() string { return "HANGS" }
func (m hangingMechanism) Authenticate(context.Context, string) (sasl.Session, []byte, error) {
	<-m.hang
	return nil, nil, nil
}

func (m hangingMechanism) Challenge([]byte) (bool, []byte, error) {
	<-m.hang
	return false, nil, nil
}

// selfish is an error that wraps itself.
type selfish struct{}

func (s *selfish) Error() string { return "selfish" }
func (s *selfish) Unwrap() error { return s }

type manySelfish struct{}

func (s *manySelfish) Error() string   { return "selfish" }
func (s *manySelfish) Unwrap() []error { return []error{s, s} }

// A dialer's errors are asked what they are, but not for ever; one that returns
// nothing at all has failed.
func TestDialErrorsThatWrapThemselves(t *testing.T) {
	for name, fail := range map[string]error{"itself": &selfish{}, "a list": &manySelfish{}, "in one": &net.OpError{Op: "dial", Err: &selfish{}}, "nothing": nil, "panics": badIs{}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				var works atomic.Bool
				b.start(kgo.Dialer(func(ctx context.Context, network, addr string) (net.Conn, error) {
					if !works.Load() {
						return nil, fail
					}
					return b.dial(ctx, network, addr)
				}))
				b.send("t", "0")
				_ = b.client.Ping(b.t.Context())
				time.Sleep(10 * time.Second)
				cause, _ := health.CauseOf(b.client.Ping(b.t.Context()))
				if cause != health.Other {
					t.Errorf("cause %q", cause)
				}
				works.Store(true)
				b.delivered(1)
			})
		})
	}
}

type badCompressor struct{}

func (badCompressor) Compress(*bytes.Buffer, []byte, ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	panic("boom")
}

// Whatever else the client has been given may panic as well, and is told of.
func TestOtherCallbacksMayPanic(t *testing.T) {
	for what, opt := range map[string]kgo.Opt{
		"WithCompressor": kgo.WithCompressor(badCompressor{}),
		"RetryTimeoutFn": kgo.RetryTimeoutFn(func(int16) time.Duration { panic("boom") }),
		"WithLogger":     kgo.WithLogger(badLogger{}),
	} {
		t.Run(what, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.start(opt)
				b.send("t", "0")
				b.delivered(1)
				if !strings.Contains(fmt.Sprint(b.warned), what) {
					t.Errorf("warned of %q", b.warned)
				}
			})
		})
	}
}

type badIs struct{}

func (badIs) Error() string { return "bad" }
func (badIs) Is(error) bool { panic("boom") }
func (badIs) As(any) bool   { panic("boom") }

// One that says how large batches may be is believed while it says something.
func TestBatchBytesMayPanic(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start(kgo.ProducerBatchMaxBytesFn(func(topic string) int32 {
			if topic != "" {
				panic("boom")
			}
			return 100_000
		}))
		if got := b.client.BatchBytes(); got != 100_000-batchOverhead {
			t.Errorf("%d bytes", got)
		}
		b.send("t", "0")
		b.delivered(1)
	})
}

// Brokers that nobody knows any more may be asked for from a function that fails.
func TestRebootstrapMayPanic(t *testing.T) {
	like, err := unborn([]kgo.Opt{kgo.OnRebootstrapRequired(func() ([]string, error) { panic("boom") })})
	if err != nil {
		t.Fatal(err)
	}
	guarded, err := unborn(guardCallbacks(like, guard{}))
	if err != nil {
		t.Fatal(err)
	}
	f := guarded.OptValue(kgo.OnRebootstrapRequired).(func() ([]string, error))
	if seeds, err := f(); seeds != nil || err == nil || errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v, %v", seeds, err)
	}
}
