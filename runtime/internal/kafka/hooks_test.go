package kafka

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// busy is a hook that takes its time with whatever it is told of a client's last
// moments, and notes what it was told of in the life of another.
type busy struct {
	mu       sync.Mutex
	slow     time.Duration
	client   int // that is alive; 0 between two
	clients  int
	calls    int
	disorder []string
}

func (b *busy) OnNewClient(*kgo.Client) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clients++
	b.client = b.clients
}

func (b *busy) OnClientClosed(*kgo.Client) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.client = 0
}

func (b *busy) during(what string) {
	b.mu.Lock()
	begun, slow := b.client, b.slow
	b.calls++
	b.mu.Unlock()
	if what != "disconnect" { // kgo waits for that itself
		time.Sleep(slow)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if begun == 0 || b.client != begun {
		b.disorder = append(b.disorder, what)
	}
}

func (b *busy) OnBrokerWrite(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	b.during("write")
}

func (b *busy) OnBrokerRead(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	b.during("read")
}

func (b *busy) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) { b.during("disconnect") }

func (b *busy) OnBrokerE2E(kgo.BrokerMetadata, int16, kgo.BrokerE2E) { b.during("e2e") }

// The calls of a client's hooks have returned when the hooks are told of its end,
// which is before the next client is made; and none comes after that.
func TestHooksOutliveNoClient(t *testing.T) {
	inBubble(t, func(b *bench) {
		h := &busy{}
		b.start(kgo.WithHooks(h))
		for range 5 {
			b.send("t", "0")
			b.delivered(1)
			h.mu.Lock()
			h.slow = 3 * time.Second
			h.mu.Unlock()
			b.send("t", "1") // is on its way when the client is replaced
			b.client.Flush()
			synctest.Wait()
			if err := b.client.Renew(b.t.Context()); err != nil {
				t.Fatal(err)
			}
			h.mu.Lock()
			h.slow = 0
			h.mu.Unlock()
			b.wait(1)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.clients != 6 || h.calls < 20 {
			t.Errorf("%d clients, %d calls", h.clients, h.calls)
		}
		if len(h.disorder) > 0 {
			t.Errorf("went on when their client had ended: %v", h.disorder)
		}
	})
}

// A hook that does not return keeps the next client from being made, which Renew says
// when its time is over; but not for ever, and then nothing else of the old one comes.
func TestHookThatDoesNotReturn(t *testing.T) {
	inBubble(t, func(b *bench) {
		h := &busy{}
		b.start(kgo.WithHooks(h))
		b.send("t", "0")
		b.delivered(1)
		h.mu.Lock()
		h.slow = time.Hour
		h.mu.Unlock()
		b.send("t", "1")
		b.client.Flush()
		synctest.Wait()
		begun := time.Now()
		err := b.renew(10 * time.Second)
		if took := time.Since(begun); err == nil || took != 10*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
		h.mu.Lock()
		if h.clients != 1 {
			t.Errorf("%d clients", h.clients)
		}
		h.slow = 0
		h.mu.Unlock()
		err = b.renew(time.Minute)
		if took := time.Since(begun); err != nil || took != hookPatience {
			t.Errorf("after %v: %v", took, err)
		}
		if !strings.Contains(fmt.Sprint(b.warned), "does not return") {
			t.Errorf("warned %v", b.warned)
		}
		b.wait(1)
		b.send("t", "2")
		b.delivered(1)
		time.Sleep(2 * time.Hour)
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.clients != 2 || len(h.disorder) != 1 {
			t.Errorf("%d clients, %v", h.clients, h.disorder)
		}
	})
}

func (b *bench) renew(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	return b.client.Renew(ctx)
}
