package onex_test

import (
	"context"
	"runtime/metrics"
	"testing"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
	"github.com/omninode-ai/onexevents/testdata/hostile"
)

// peak returns by how much what is on the heap grows until it is called.
func peak() (grown func() int64) {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	read := func() int64 {
		metrics.Read(heap)
		return int64(heap[0].Value.Uint64() + heap[1].Value.Uint64())
	}
	before, most := read(), int64(0)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, read()-before)
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	return func() int64 {
		close(end)
		<-ended
		return most
	}
}

// Whatever a broker answers, publishing does not wait for it, Close keeps its
// deadline, as EnsureTopics does, memory stays bounded, and the broker is not asked
// without a pause.
func TestHostileBroker(t *testing.T) {
	const (
		readBound       = 8 << 20 // what the publisher reads of an answer
		mostMemory      = 50 * readBound
		mostConnections = 30
	)
	for name, broker := range hostile.Brokers(readBound) {
		t.Run(name, func(t *testing.T) {
			addr, connections := broker.Start(t)
			grown := peak()
			pub := newPublisher(t, onex.Config{}, addr)
			publish(t, pub, "x")
			const life, busy = 200 * time.Millisecond, 5 * time.Second // the machine may be
			inTime := func(what string, do func(context.Context) error) {
				ctx, cancel := context.WithTimeout(context.Background(), life)
				defer cancel()
				began := time.Now()
				err := do(ctx)
				if took := time.Since(began); err == nil || took > life+busy {
					t.Errorf("%s takes %v, with %v to do it: %v", what, took, life, err)
				}
			}
			inTime("EnsureTopics", func(ctx context.Context) error {
				_, err := pub.EnsureTopics(ctx, topics.Settings{})
				return err
			})
			inTime("Close", pub.Close)
			if got, want := pub.Ledger(), (onex.Ledger{Accepted: 1, Lost: 1}); got != want {
				t.Errorf("ledger %+v, want %+v", got, want)
			}
			if grown := grown(); grown > mostMemory {
				t.Errorf("the heap grows by %d MB", grown>>20)
			}
			if n := connections.Load(); n > mostConnections {
				t.Errorf("it connects %d times", n)
			}
		})
	}
}
