package delivery

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	worlds    = flag.Int("worlds", 3000, "how many worlds TestSimulation makes")
	firstSeed = flag.Uint64("seed", 1, "of the first")
)

const simSteps = 200

// step does what happens next in the world, of which its own seed decides.
func (w *world) step(n int) {
	w.r = rand.New(rand.NewPCG(w.seed, uint64(n)+2))
	switch k := w.r.IntN(100); {
	case k < 28:
		w.publish()
	case k < 62:
		w.client.step(false)
	case k < 82:
		if len(w.out) > 0 {
			w.carryOut(w.r.IntN(len(w.out)), false)
		}
	case k < 90:
		w.pass()
	case k < 92:
		if w.r.IntN(3) == 0 {
			w.flushes = append(w.flushes, w.m.Flush())
			w.log("flush of %d", w.m.seq)
		}
	case k < 98:
		w.change()
	case k < 99:
		if w.r.IntN(4) == 0 {
			w.crash()
		}
	default:
		if w.r.IntN(10) == 0 && !w.ended {
			w.end()
		}
	}
	if len(w.late) > 0 && w.r.IntN(10) == 0 {
		b := w.late[0]
		w.late = w.late[1:]
		w.log("a request of an ended client is on time after all")
		if b.channel >= simTopics || !slices.ContainsFunc(b.records, func(r *simRecord) bool { return r.event.unfit }) {
			w.write(b.channel, b.records)
		}
	}
	w.pump()
	w.check()
}

// publish is a call of a publish method.
func (w *world) publish() {
	t := w.r.IntN(simTopics)
	e, info := w.newEvent(t, w.r.IntN(simKeys))
	e.Rank = Rank(w.r.IntN(int(ranks)))
	info.rank, info.unfit = e.Rank, w.r.IntN(15) == 0
	e.Record = append(e.Record, make([]byte, w.r.IntN(60))...)
	e.Durable = w.cfg.HasDisk && w.r.IntN(8) == 0
	info.durable = e.Durable
	switch {
	case e.Rank == RankStarted && e.Durable && w.r.IntN(2) == 0:
		e.Extra = &Extra{Operation: fmt.Sprint("op", info.id), Starts: fmt.Sprint(info.id)}
	case e.Rank == RankEnded && len(w.operations) > 0 && w.events[w.operations[0]].stored && w.r.IntN(2) == 0:
		e.Extra = &Extra{Operation: fmt.Sprint("op", w.operations[0])}
	}
	topic := w.m.Topic(simName(t))
	before, suffering, own := w.m.held, topic.suffering, topic.held
	err := w.m.Accept(topic, e)
	w.log("accept %s %d (%d, key %d) rank %d durable %v unfit %v: %v", topic.Name, e.Seq, info.id, info.key, e.Rank, e.Durable, info.unfit, err)
	switch {
	case err != nil:
		info.excused = true
		hasSpace := before.events < w.cfg.MaxEvents/2 && before.bytes+e.size() <= w.cfg.MaxBytes/2
		if w.m.closed != (err == ErrClosed) || err == ErrFull && hasSpace {
			w.wrong("refused: %v, with %v held", err, before)
		}
		return
	case before.events >= w.cfg.MaxEvents && w.m.held.events > before.events,
		w.m.held.bytes > max(w.cfg.MaxBytes, before.bytes),
		suffering && topic.held.events > max(own.events, w.cfg.MaxEvents/2+1):
		w.wrong("more in memory than is allowed: %v, %v in the topic, which had %v", w.m.held, topic.held, own)
	}
	w.checkDropped(e, info)
	if e.Extra == nil {
		return
	}
	if e.Extra.Starts != "" {
		w.operations = append(w.operations, info.id)
	} else {
		if info.ends = e.Extra.Ends; info.ends != "" {
			var begun int
			fmt.Sscan(info.ends, &begun)
			w.events[begun].isEnded = true
		}
		w.operations = w.operations[1:]
	}
}

// checkDropped checks what has had to make room for an event.
func (w *world) checkDropped(e *Event, info *simEvent) {
	for _, x := range w.m.effects {
		l, ok := x.(Lose)
		if !ok || l.Reason != LossDropped {
			continue
		}
		d := w.event(l.Event)
		if d.dropped == w.m { // another process may find a copy on disk, and no room either
			w.wrong("%d is dropped twice", d.id)
		}
		d.excused, d.dropped = true, w.m
		if d.rank > info.rank || d.durable && !d.stored {
			w.wrong("%d, of rank %d, has to make room for rank %d; durable: %v", d.id, d.rank, info.rank, d.durable)
		}
		w.m.Topic(simName(d.topic)).inMemory(func(x *Event) {
			if x == l.Event {
				w.wrong("%d is dropped and still there", d.id)
			}
			if x.links != nil && x != e && x.Rank < d.rank {
				w.wrong("%d is dropped, and %d is less important", d.id, x.Seq)
			}
		})
	}
}

// pass lets time pass: to what the machine waits for, or any.
func (w *world) pass() {
	switch w.r.IntN(4) {
	case 0:
		if w.again > w.now {
			w.now = w.again
		}
	case 1:
		w.now += time.Duration(w.r.IntN(3000)) * time.Millisecond
	default:
		w.now += time.Duration(w.r.IntN(200)) * time.Millisecond
	}
}

// change makes something better or worse.
func (w *world) change() {
	switch k := w.r.IntN(14); {
	case k < 5:
		channel := w.r.IntN(simChannels)
		w.modes[channel] = []Verdict{Delivered, Delivered, SenderFault, TopicFault, ClientFault}[w.r.IntN(5)]
		w.log("for channel %d brokers say %d", channel, w.modes[channel])
	case k < 6:
		w.frozen = !w.frozen
		w.log("frozen: %v", w.frozen)
	case k < 7:
		if w.r.IntN(4) == 0 {
			w.client.mute = true
			w.log("the client says nothing any more")
		}
	case k < 9:
		w.diskFails = !w.diskFails
		w.log("the disk fails: %v", w.diskFails)
	case k < 12:
		w.diskHangs = !w.diskHangs
		w.log("the disk hangs: %v", w.diskHangs)
		if !w.diskHangs {
			w.wakeDisk()
		}
	case k < 13 && w.r.IntN(10) == 0:
		t := w.r.IntN(simTopics)
		w.damaged = true
		for _, e := range w.disk[t] {
			w.event(e).excused = true
		}
		w.disk[t] = nil
		w.log("the disk has lost what it had of %s", simName(t))
	default:
		if w.cfg.HasDisk && !w.diskFails && !w.diskHangs {
			w.log("the disk expires what it has too much")
			w.m.Stored(nil, w.evict(), nil, w.now)
		}
	}
}

// end is what Close does when its time is over.
func (w *world) end() {
	w.log("END")
	w.ended = true
	w.m.Close()
	w.client.end()
	w.m.End(w.now)
}

// check checks what holds after each step.
func (w *world) check() {
	if err := w.m.Check(); err != nil {
		w.wrong("%v", err)
	}
	w.checkFlushes()
	if w.m.renewAt > w.now+clientBackoff {
		w.wrong("a client is waited for until %v", w.m.renewAt)
	}
	for _, t := range w.m.all {
		if t.sendAt > w.now+topicBackoff || t.buryAt > w.now+senderBackoff {
			w.wrong("%s waits until %v, and its dead letters until %v", t.Name, t.sendAt, t.buryAt)
		}
		if t.op == idle && t.hasDurable() {
			w.wrong("a durable event of %s waits, and the disk has time", t.Name)
		}
		if w.cfg.HasDisk && t.op == idle && (w.m.down || t.suffering) && w.now >= w.m.diskAt && len(t.unstoredWithClient()) > 0 {
			w.wrong("what the client has of %s may be lost with the process, and the disk has time", t.Name)
		}
	}
	if len(w.out) > 0 || w.m.open > 0 {
		return
	}
	// Nothing is under way, so the machine has to wait for a time.
	if g := w.m.ledger; g.InFlight+g.Spooled > 0 && !w.ended && (w.again == 0 || w.again > w.now+topicBackoff) {
		w.wrong("nothing is under way with %+v, and it waits until %v", g, w.again)
	}
}

// checkFlushes checks that what somebody waits for is what is in flight.
func (w *world) checkFlushes() {
	if len(w.flushes) == 0 {
		return
	}
	seq := w.flushes[len(w.flushes)-1]
	inFlight := false
	for _, t := range w.m.all {
		t.inMemory(func(e *Event) { inFlight = inFlight || !e.onDisk && e.Seq <= seq })
	}
	for _, x := range w.out {
		if l, ok := x.(Lose); ok && !l.counted && l.Event.Seq <= seq {
			inFlight = true
		}
	}
	isFlushed := w.m.IsFlushed(seq)
	w.log("flushed %d: %v", seq, isFlushed)
	if isFlushed == inFlight {
		w.wrong("what was published before %d is in flight: %v", seq, inFlight)
	}
	if isFlushed { // who has waited goes on, whatever comes back to memory
		w.flushes = nil
	}
}

// live lives through the steps of a seed, and returns what has gone wrong.
func live(seed uint64, steps []int, tracing bool) *world {
	w := newWorld(seed)
	w.tracing = tracing
	for _, n := range steps {
		w.step(n)
		if w.fault != nil {
			return w
		}
	}
	w.finishKindly()
	return w
}

// shrink returns the steps without which nothing goes wrong.
func shrink(seed uint64, steps []int) []int {
	for size := len(steps) / 2; size > 0; {
		shorter := false
		for i := 0; i+size <= len(steps); {
			without := slices.Delete(slices.Clone(steps), i, i+size)
			if live(seed, without, false).fault != nil {
				steps, shorter = without, true
			} else {
				i += size
			}
		}
		if !shorter {
			size /= 2
		}
	}
	return steps
}

func allSteps() []int {
	steps := make([]int, simSteps)
	for i := range steps {
		steps[i] = i
	}
	return steps
}

// simulate makes worlds until one goes wrong, and returns its seed, or 0.
func simulate(first uint64, n int) (failed uint64) {
	var next atomic.Uint64
	var least atomic.Uint64
	next.Store(first)
	var done sync.WaitGroup
	steps := allSteps()
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for {
				seed := next.Add(1) - 1
				if seed >= first+uint64(n) || least.Load() != 0 {
					return
				}
				if live(seed, steps, false).fault != nil {
					least.CompareAndSwap(0, seed)
				}
			}
		})
	}
	done.Wait()
	return least.Load()
}

// TestSimulation makes worlds in which everything behaves as badly as it can.
// A seed that fails fails again with -seed and -worlds 1, and in every process.
func TestSimulation(t *testing.T) {
	begun := time.Now()
	seed := simulate(*firstSeed, *worlds)
	if seed == 0 {
		took := time.Since(begun)
		t.Logf("%d worlds of %d steps, %.0f a second on %d cores", *worlds, simSteps, float64(*worlds)/took.Seconds(), runtime.GOMAXPROCS(0))
		return
	}
	steps := shrink(seed, allSteps())
	w := live(seed, steps, true)
	t.Fatalf("seed %d: %v\nits shortest trace has %d of %d steps:\n%s", seed, w.fault, len(steps), simSteps, strings.Join(w.trace, "\n"))
}
