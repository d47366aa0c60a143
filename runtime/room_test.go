package onex_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// withoutTopic returns a publisher of which one topic flows, and that of l is
// missing.
func withoutTopic(t *testing.T, l *load, cfg onex.Config) (*onex.Publisher, *onex.Operation[onex.None, onex.None]) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.SeedTopics(1, "dev.a.effect.x.started.v1"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	pub := newPublisher(t, cfg, cluster.ListenAddrs()[0], quick()...)
	l.use(pub)
	op := operation(pub, "effect", "x")
	if err := op.Started(testContext(t), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	until(t, pub, "flowing", func(g onex.Ledger) bool { return g.Delivered == 1 })
	return pub, op
}

// A topic to which nothing could be written yet leaves room for others at once,
// however fast its events come: not only when it is known that it is missing,
// and counting what is with the client.
func TestTopicLeavesRoomFromTheBeginning(t *testing.T) {
	for name, cfg := range map[string]onex.Config{
		"refuse": {MaxInFlight: 100},
		"drop":   {MaxInFlight: 100, QueueFull: onex.DropOldest},
		"bytes":  {MaxInFlightBytes: 50_000},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLoad(t)
			cfg.OnLoss = l.losses.add
			pub, op := withoutTopic(t, l, cfg)
			for range 500 {
				if err := l.publish("k"); err != nil && !errors.Is(err, onex.ErrQueueFull) {
					t.Fatal(err)
				}
				if g, n := pub.Ledger(), onex.InMemory(pub); g.InFlight > 50 && name != "bytes" || n > 25_000 && name == "bytes" {
					t.Fatalf("it takes %d bytes, ledger %+v", n, g)
				}
			}
			for range 20 {
				if err := op.Started(testContext(t), id, onex.None{}); err != nil {
					t.Fatalf("there is no room for another topic: %v", err)
				}
			}
			until(t, pub, "flowing past", func(g onex.Ledger) bool { return g.Delivered == 21 })
		})
	}
}

// An event never makes others go in vain: not if it is larger than all of the
// room, and not if its topic has its share.
func TestNothingIsDroppedInVain(t *testing.T) {
	l := newLoad(t)
	pub := newPublisher(t, onex.Config{MaxInFlightBytes: 20_000, QueueFull: onex.DropOldest, OnLoss: l.losses.add}, noKafka(t))
	l.use(pub)
	l.some(1)
	handed(t, pub)
	l.some(19)
	large := onex.WithMetadata(map[string]any{"k": strings.Repeat("x", 19_000)})
	if err := onex.MetricRecorded(context.Background(), l.node, "m", 1, "u", large); !errors.Is(err, onex.ErrQueueFull) {
		t.Errorf("an event for which there cannot be room: %v", err)
	}
	if g := pub.Ledger(); g.Lost > 0 || g.InFlight != 20 {
		t.Errorf("ledger %+v", g)
	}
}

// A topic that cannot be written to has its own events dropped, and nobody
// else's, however unimportant they are.
func TestTopicDropsItsOwn(t *testing.T) {
	l := newLoad(t)
	pub, op := withoutTopic(t, l, onex.Config{MaxInFlight: 100, QueueFull: onex.DropOldest, OnLoss: l.losses.add})
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "b"})
	metric := func() error { return onex.MetricRecorded(context.Background(), node, "m", 1, "u") } // missing as well
	if err := metric(); err != nil {
		t.Fatal(err)
	}
	handed(t, pub)
	for range 19 { // these wait
		if err := metric(); err != nil {
			t.Fatal(err)
		}
	}
	completed := 0
	for range 200 {
		if err := op.Completed(context.Background(), id, onex.None{}, 0); err == nil {
			completed++
		}
	}
	until(t, pub, "reported", func(g onex.Ledger) bool { return int(g.Lost) == len(l.losses.list()) })
	for _, loss := range l.losses.list() {
		if loss.EventType != "effect.x.completed" {
			t.Fatalf("%s was dropped for effect.x.completed, of which %d were accepted", loss.EventType, completed)
		}
	}
	if completed < 50 {
		t.Errorf("%d were accepted, and half of the room is 50", completed)
	}
}
