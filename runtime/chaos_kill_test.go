package onex_test

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
)

// This file has processes that are killed, and operations that outlive them.

// process has one publisher. When it is killed, nothing of it reaches Kafka or the spool
// any more.
type process struct {
	pub       *onex.Publisher
	operation *onex.Operation[onex.None, onex.None]
	inMemory  []place     // what was accepted and promised nothing beyond the process
	running   []uuid.UUID // operations
	dead      bool        // under the world's lock

	dial  func(context.Context, string, string) (net.Conn, error)
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

// line is the process's dialer.
func (p *process) line(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := p.dial(ctx, network, addr)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && p.cut {
		conn.Close()
		return nil, refusedDial(network)
	}
	if err == nil {
		p.conns = append(p.conns, conn)
	}
	return conn, err
}

func (p *process) cutLine() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for _, conn := range p.conns {
		conn.Close()
	}
}

func (w *world) ifDeadly(weight int) int {
	if w.deadly {
		return weight
	}
	return 0
}

// kill ends the process without a word, and has the next one take over.
func (w *world) kill() {
	for _, die := range [][]func(){{w.cutLine, w.spool.die}, {w.spool.die, w.cutLine}}[w.rand.IntN(2)] {
		die()
		time.Sleep(time.Duration(w.rand.IntN(2)) * time.Millisecond)
	}
	w.mu.Lock()
	w.dead = true
	for _, p := range w.inMemory {
		w.forgone[p] = true
	}
	for _, e := range w.spool.dropped { // of which it may not have come to tell
		if env, err := envelope.Decode(e.Value); err == nil {
			p, _ := w.placeOf(env.EventID, env.EventType, env.Event().CorrelationID.String())
			w.forgone[p] = true
		}
	}
	w.mu.Unlock()
	old := w.pub // which still has goroutines, that can do no harm
	w.dying.Go(func() { _ = old.Close(closed(context.Background())) })
	if w.dir != "" {
		if err := w.spool.Spool.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	w.openSpool()
	w.open()
}

// begin begins an operation, durably.
func (w *world) begin() {
	b := uuid.New()
	w.comes(b, 0, "started")
	if w.operation.Started(onex.ContextWithDurable(context.Background()), b, onex.None{}) == nil {
		w.begun = append(w.begun, b)
		w.running = append(w.running, b)
	}
}

// end ends one of the operations that the process has begun.
func (w *world) end() {
	if len(w.running) == 0 {
		return
	}
	i := w.rand.IntN(len(w.running))
	b := w.running[i]
	ctx := context.Background()
	if w.rand.IntN(3) == 0 {
		ctx = onex.ContextWithDurable(ctx)
	}
	w.comes(b, 1, "completed")
	if w.operation.Completed(ctx, b, onex.None{}, time.Second) == nil {
		w.running = append(w.running[:i], w.running[i+1:]...)
	}
}

// comes says which event of an operation is published next.
func (w *world) comes(b uuid.UUID, number int, stage string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.coming = place{w.operationTopic(stage), b.String(), number}
}

func (w *world) operationTopic(stage string) string {
	if w.mixed {
		return defaultTopic("dev", "ops", "effect.metric.recorded")
	}
	return defaultTopic("dev", "ops", "effect.x."+stage)
}

// reckonOperations accounts for every operation that was begun: its started event has
// arrived, and one of its end: of its own process, or of the next one that there was.
func (w *world) reckonOperations() {
	type events struct{ started, ended map[uuid.UUID]bool }
	found := map[string]events{}
	topics := map[string]bool{}
	for _, stage := range []string{"started", "completed", "failed"} {
		topics[w.operationTopic(stage)] = true
		topics[w.operationTopic(stage)+".dlq"] = true
	}
	for topic := range topics {
		for _, rec := range readAll(w.t, w.kafka.addr(), topic, w.kafka.client...) {
			env, payload := opened(w.t, rec.Value)
			e := found[env.CorrelationID.String()]
			if e.started == nil {
				e = events{map[uuid.UUID]bool{}, map[uuid.UUID]bool{}}
				found[env.CorrelationID.String()] = e
			}
			if _, ok := payload.(envelope.OperationStarted); ok {
				e.started[env.EventID] = true
			} else {
				e.ended[env.EventID] = true
			}
		}
	}
	for _, b := range w.begun {
		key := b.String()
		lostStart := w.isAccountedFor(place{w.operationTopic("started"), key, 0})
		lostEnd := w.isAccountedFor(place{w.operationTopic("completed"), key, 1}) || w.isAccountedFor(place{takenOver, key, 0})
		e := found[key]
		if len(e.started) != 1 && !lostStart {
			w.t.Errorf("operation %s: %d started events", key, len(e.started))
		}
		if len(e.ended) == 0 && !lostEnd || len(e.ended) > 1 && !w.upset {
			w.t.Errorf("operation %s: %d events of its end", key, len(e.ended))
		}
	}
}

// isAccountedFor tells whether an event need not have arrived.
func (w *world) isAccountedFor(p place) bool {
	_, lost := w.lost[p]
	return lost || w.forgone[p]
}
