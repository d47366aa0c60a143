package delivery

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	simTopics     = 2
	simChannels   = 2 * simTopics // each topic's events, and behind them its dead letters
	simPartitions = 2
	simKeys       = 3
	simSpoolAfter = 500 * time.Millisecond
)

// simEvent is what the world knows of an accepted event.
type simEvent struct {
	id, topic, key int
	rank           Rank
	unfit          bool
	durable        bool
	confirmed      bool
	ends           string // the operation
	refused        string // the operation that it would have begun
	isEnded        bool   // the operation that it has begun
	arrived        bool
	buried         bool
	losing         bool     // it is given up, whatever an ended client may still do
	dropped        *Machine // by it, to make room
	excused        bool     // lost, and said so; or in memory when the process ended
	stored         bool     // it is, or was, on disk
}

// world owns a machine, and is its client, brokers, disk, clock and callers.
type world struct {
	seed uint64
	r    *rand.Rand
	cfg  Config
	m    *Machine
	now  Time
	out  []Effect // under way, but for groups and dead letters: those are with the client

	client *simClient
	late   []lateBatch
	modes  [simChannels]Verdict // what brokers say; Delivered if all is well
	frozen bool                 // they say nothing

	disk       [simTopics][]*Event // by Seq
	lastSeq    uint64
	capacity   int
	diskFails  bool
	diskFull   bool
	diskHangs  bool
	hanging    Effect // what the disk has begun, when its owner had no patience any more
	damaged    bool   // it has lost something of its own
	began      map[string]int
	operations []int // ids of the events that have begun one that no event has ended

	events  []*simEvent
	last    [simTopics][simKeys]int // the id that has arrived last for the first time
	flushes []uint64
	ended   bool
	again   Time

	fault   error
	tracing bool
	trace   []string
}

type lateBatch struct {
	channel int
	records []*simRecord
}

var errDisk = errors.New("the disk has failed")

func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 0))
	w := &world{seed: seed, r: r, now: time.Second, began: map[string]int{}, capacity: 1000}
	w.cfg = Config{
		MaxEvents: []int{6, 20, 60}[r.IntN(3)], MaxBytes: []int64{1 << 20, 600}[r.IntN(2)], DropOldest: r.IntN(2) == 0,
		GroupEvents: 1 + r.IntN(8), LoadEvents: 10 + r.IntN(40), HasDisk: r.IntN(4) > 0, NoLetters: r.IntN(6) == 0,
		SpoolAfter: simSpoolAfter, Rand: rand.New(rand.NewPCG(seed, 1)),
	}
	if r.IntN(3) == 0 {
		w.capacity = 5 + r.IntN(20)
	}
	w.begin()
	return w
}

// begin starts a process.
func (w *world) begin() {
	w.m = New(w.cfg)
	w.m.Batch(300)
	w.client = &simClient{w: w}
	w.out, w.flushes, w.late, w.ended = nil, nil, nil, false
	for t := range simTopics {
		topic := w.m.Topic(simName(t))
		topic.Attached = t
		w.m.Begin(w.lastSeq)
		if n := len(w.disk[t]); n > 0 {
			w.m.Inherit(topic, int64(n), w.disk[t][0].Seq)
		}
	}
}

func simName(t int) string { return string(rune('a' + t)) }

func (w *world) log(format string, args ...any) {
	if w.tracing {
		w.trace = append(w.trace, fmt.Sprintf("%8v ", w.now)+fmt.Sprintf(format, args...))
	}
}

func (w *world) wrong(format string, args ...any) {
	if w.fault == nil {
		w.fault = fmt.Errorf(format, args...)
		w.log("WRONG: %v", w.fault)
	}
}

func (w *world) event(e *Event) *simEvent { return w.events[binary.LittleEndian.Uint32(e.Record)] }

func topicOf(t *Topic) int { return t.Attached.(int) }

func seqs(events []*Event) []uint64 {
	s := make([]uint64, len(events))
	for i, e := range events {
		s[i] = e.Seq
	}
	return s
}

// judge says what a broker makes of a batch.
func (w *world) judge(c *simClient, channel int, batch []*simRecord) Verdict {
	v := w.modes[channel]
	switch {
	case c.poisoned:
		return ClientFault
	case v == ClientFault:
		c.poisoned = true
	case v == RecordFault: // of this topic only sometimes
		v = Delivered
	}
	if v == Delivered && channel < simTopics && slices.ContainsFunc(batch, func(r *simRecord) bool { return r.event.unfit }) {
		return RecordFault
	}
	return v
}

// write appends a batch to a partition's log.
func (w *world) write(channel int, batch []*simRecord) {
	for _, rec := range batch {
		e := rec.event
		w.log("written %d to %d", e.id, channel)
		if channel >= simTopics {
			e.buried = true
			if !e.unfit {
				w.wrong("%d is a dead letter, and nothing is wrong with it", e.id)
			}
			continue
		}
		last := &w.last[channel][e.key]
		if !e.arrived && !e.excused && !e.losing && e.id < *last {
			w.wrong("order: %d arrives after %d, which has the same key", e.id, *last)
		}
		e.arrived = true
		*last = max(*last, e.id)
	}
}

// pump carries out what can be carried out at once, and takes note of the rest, if
// the machine says that there is any, or its time has come.
func (w *world) pump() {
	if !w.m.HasWork() && (w.again == 0 || w.now < w.again) {
		return
	}
	var effects []Effect
	effects, w.again = w.m.Next(w.now)
	for _, x := range effects {
		switch x := x.(type) {
		case Send:
			w.log("send %s %v", x.Topic.Name, seqs(x.Events))
			for _, e := range x.Events {
				if w.ended {
					w.wrong("%d is sent after the end", e.Seq)
				}
				if w.event(e).excused && !w.event(e).stored {
					w.wrong("%d is sent, and was lost", e.Seq)
				}
			}
			if n := len(x.Events); n > 1 && w.r.IntN(5) == 0 {
				taken := 1 + w.r.IntN(n-1)
				w.log("of which the client takes %d", taken)
				w.m.Shorten(x.Group, taken)
			}
			w.client.give(topicOf(x.Topic), &simAsked{group: x.Group}, x.Events)
		case Bury:
			w.log("bury %d", x.Event.Seq)
			if e := w.event(x.Event); !e.unfit {
				w.wrong("%d is to be a dead letter, and nothing is wrong with it", e.id)
			}
			w.client.give(simTopics+topicOf(x.Topic), &simAsked{letter: x.Letter}, []*Event{x.Event})
		case Confirm:
			w.confirm(x)
		case Notice:
			w.log("notice %d %v %v", x.What, x.For, x.Err)
			if x.What == NoteBroken {
				w.wrong("%v", x.Err)
			}
			if x.For > topicBackoff && x.What == NotePaused {
				w.wrong("a topic is paused for %v", x.For)
			}
		default:
			if l, ok := x.(Lose); ok && l.Event != nil {
				w.event(l.Event).losing = true
			}
			w.log("do %T %s", x, describe(x))
			w.out = append(w.out, x)
		}
	}
}

func describe(x Effect) string {
	switch x := x.(type) {
	case Store:
		return fmt.Sprint(x.Topic.Name, seqs(x.Events))
	case Load:
		return fmt.Sprint(x.Topic.Name, " after ", x.After, " limit ", x.Limit)
	case Remove:
		return fmt.Sprint(x.Topic.Name, " through ", x.Through)
	case Lose:
		if x.Event == nil {
			return fmt.Sprint(x.Topic.Name, " reason ", x.Reason)
		}
		return fmt.Sprint(x.Topic.Name, " ", x.Event.Seq, " reason ", x.Reason)
	}
	return fmt.Sprintf("%v", x)
}

func (w *world) hasBegun(operation string) bool {
	_, ok := w.began[operation]
	return ok
}

func (w *world) confirm(x Confirm) {
	e := w.event(x.Event)
	w.log("confirm %d: %v", x.Event.Seq, x.Err)
	switch {
	case e.confirmed:
		w.wrong("%d is confirmed twice", e.id)
	case x.Err != nil:
		e.excused = true
		if x.Event.Extra != nil {
			e.refused = x.Event.Extra.Starts
		}
	case !e.stored:
		w.wrong("%d is confirmed, and not on disk", e.id)
	}
	e.confirmed = true
}

// carryOut does what an effect says, and answers it.
func (w *world) carryOut(i int, kind bool) {
	x := w.out[i]
	switch x.(type) {
	case Store, Load, Remove, Finish:
		if w.diskHangs && !kind && w.hanging == nil {
			if w.r.IntN(2) == 0 {
				return
			}
			w.hanging = x
		}
		if w.hanging != nil {
			w.out = slices.Delete(w.out, i, i+1)
			w.giveUp(x)
			return
		}
	}
	w.out = slices.Delete(w.out, i, i+1)
	fails := w.diskFails && !kind
	var err error
	if fails {
		err = errDisk
	}
	switch x := x.(type) {
	case Store:
		if w.diskFull {
			err = errDisk
		}
		w.store(x, err)
	case Load:
		w.load(x, err)
	case Remove:
		if !fails {
			w.remove(x)
		}
		w.log("removed %s %d: %v", x.Topic.Name, x.Through, err)
		w.m.Removed(x, err, w.now)
	case Finish:
		if !fails {
			w.finish(x.Operations)
		}
		w.log("finished %v: %v", x.Operations, err)
		w.m.Finished(err, w.now)
	case Forget:
		if x.Letters {
			w.client.forget(simTopics + topicOf(x.Topic))
		} else {
			w.client.forget(topicOf(x.Topic))
		}
		w.log("forgot %s, letters: %v", x.Topic.Name, x.Letters)
		w.m.Forgot(x)
	case Renew:
		w.renew(kind)
	case Lose:
		w.lose(x)
	}
}

func (w *world) finish(operations []string) {
	for _, id := range operations {
		begun, ok := w.began[id]
		_, unbegun := w.m.unbegun[id]
		if e := w.events[begun]; ok && !e.isEnded && !e.excused && !unbegun {
			w.wrong("operation %s is noted as ended, and is not", id)
		}
		delete(w.began, id)
	}
}

func (w *world) renew(kind bool) {
	w.log("the client ends")
	w.client.end()
	if !kind && w.r.IntN(5) == 0 {
		w.log("and no new one can be made")
		w.m.Renewed(errors.New("no client"), w.now)
		return
	}
	w.client = &simClient{w: w}
	w.m.Renewed(nil, w.now)
}

func (w *world) lose(x Lose) {
	w.log("reported %s", describe(x))
	if x.Event != nil {
		e := w.event(x.Event)
		e.excused = true
		switch {
		case x.Reason == LossDropped && !w.cfg.DropOldest,
			x.Reason == LossClosed && !w.ended,
			x.Reason == LossRefused && !(w.cfg.NoLetters && e.unfit),
			x.Reason == LossLetter && !e.unfit,
			x.Reason == LossEvicted && w.capacity == 1000,
			x.Reason == LossDamaged:
			w.wrong("%d is lost for reason %d", e.id, x.Reason)
		}
	} else if !w.damaged {
		w.wrong("an event is lost as damaged")
	}
	w.m.Reported(x)
}

// crash ends the process with all that is in memory only, and begins another,
// which says of each operation that nobody has ended that it has failed.
func (w *world) crash() {
	w.log("CRASH")
	w.lateOnDisk()
	for _, e := range w.events {
		if !e.arrived && !e.buried && !e.excused {
			e.excused = !slices.ContainsFunc(w.disk[e.topic], func(x *Event) bool { return w.event(x) == e })
		}
	}
	w.operations = nil
	w.hanging = nil
	w.begin()
	for _, id := range slices.Sorted(maps.Keys(w.began)) {
		begun := w.events[w.began[id]]
		begun.isEnded = true
		e, info := w.newEvent(begun.topic, begun.key)
		info.rank, info.ends = RankEnded, id
		e.Rank, e.Extra = RankEnded, &Extra{Ends: id}
		w.m.Admit(w.m.Topic(simName(begun.topic)), e)
		w.log("process lost: %d ends %s", e.Seq, id)
	}
}

func (w *world) newEvent(topic, key int) (*Event, *simEvent) {
	info := &simEvent{id: len(w.events), topic: topic, key: key}
	w.events = append(w.events, info)
	return &Event{Record: binary.LittleEndian.AppendUint32(make([]byte, 0, 16), uint32(info.id))}, info
}
