package kafka

import (
	"context"
	"errors"
	"math"
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
)

// Group is what the client is given at a time: records of one topic, in order.
type Group struct {
	Topic  string
	Letter bool // one dead letter

	// Records have a key and a value, and their caller's context if the program
	// has hooks: its values are for those, and its end ends nothing. They are the
	// client's until they are answered for.
	Records []kgo.Record

	// Answer is called once for each record that was taken, by its index, and Done,
	// if there is one, after the last of them: on any goroutine, also on that which
	// sends. They must not block. Then the group may be given again, with others.
	Answer func(i int, rec *kgo.Record, v delivery.Verdict, err error)
	Done   func()

	// At is when the records were given to kgo, which Answer may know.
	At time.Time

	client   *client
	promises []func(*kgo.Record, error) // of records, by index; kept for the next time
	alone    atomic.Bool                // one record was taken, which tells of itself alone
	due      atomic.Int32               // answers
	waits    atomic.Bool                // Kafka had no part in one of them
}

// Send gives the client records, in order, and returns how many it has taken,
// which is one at least. The others are as if they had not been given: kgo may
// just be learning something about the topic, or a hook of the program's takes its
// time. What was taken is sent at the next [Client.Flush].
//
// One goroutine sends; everything else may go on meanwhile.
func (c *Client) Send(g *Group) (taken int) {
	for i := range g.Records {
		g.Records[i].Topic = g.Topic
	}
	c.cfg.Health.Sent(g.Topic)
	if cl := c.current.Load(); cl != nil && cl.ready.Load() && cl.due(1) {
		return cl.give(g)
	}
	g.Records = g.Records[:1]
	c.wait(g)
	return 1
}

// wait makes a group of one wait for a client with a producer id.
func (c *Client) wait(g *Group) {
	c.mu.Lock()
	cl := c.current.Load()
	switch {
	case c.closed:
		c.mu.Unlock()
		g.giveBack()
	case cl != nil && cl.ready.Load(): // by now
		cl.due(1)
		c.mu.Unlock()
		cl.give(g)
	default:
		c.waiting = append(c.waiting, g)
		if !c.preparing {
			c.preparing = true
			c.busy.Go(c.prepare)
		}
		c.mu.Unlock()
	}
}

// giveBack answers for a group of one that no client has been given.
func (g *Group) giveBack() {
	g.Answer(0, &g.Records[0], delivery.Again, kgo.ErrClientClosed)
	g.done()
}

func (g *Group) done() {
	if g.Done != nil {
		g.Done()
	}
}

// Flush makes the client send what it has been given. Until then it waits, because
// events that are on their way when their predecessors are refused would overtake
// them; it sends by itself what it did not know the partitions of, and what it has
// when it sends anything else. Flush does not wait, but it takes the longer, the
// more partitions there are.
func (c *Client) Flush() {
	if cl := c.current.Load(); cl != nil {
		cl.flush()
	}
}

func (cl *client) flush() {
	ended, end := context.WithCancel(context.Background())
	end()
	_ = cl.Client.Flush(ended) // which sends, and does not wait
}

// often is after how many records give looks at the clock, if nothing that it calls
// for each of them may take long.
const often = 16

// give gives kgo a group that is due, and returns how many records it has taken.
func (cl *client) give(g *Group) (taken int) {
	all := len(g.Records) // behind the last answer, the group is another's
	n := all
	g.prepare(cl, n)
	if n > 1 {
		defer cl.handover.begin()()
		if !cl.handover.isCalm() {
			n = 1
		}
	}
	begun := time.Now()
	g.At = begun
	g.alone.Store(n == 1)
	for ; taken < n; taken++ {
		if (cl.hasHooks || taken%often == often-1) && taken > 0 && time.Since(begun) > linger/2 {
			break // else kgo begins to send without being told to
		}
		rec := &g.Records[taken]
		rec.Timestamp = begun
		if rec.Context == nil {
			rec.Context = context.Background()
		} else {
			// The end of one context would fail the records of others in the same
			// batch; and a cancelled operation has to be reported too.
			rec.Context = context.WithoutCancel(rec.Context)
		}
		cl.TryProduce(rec.Context, rec, g.promises[taken])
	}
	if rest := all - taken; rest > 0 {
		g.alone.Store(taken == 1)
		cl.came(g, rest)
	}
	return taken
}

// prepare prepares a group to be given to a client, for so many answers.
func (g *Group) prepare(cl *client, n int) {
	g.client = cl
	g.due.Store(int32(n))
	g.waits.Store(false)
	for i := len(g.promises); i < n; i++ {
		g.promises = append(g.promises, func(rec *kgo.Record, err error) { g.client.answer(g, i, rec, err) })
	}
}

// answer takes what kgo says of a record. It runs on kgo's goroutine, which must
// not wait.
func (cl *client) answer(g *Group, i int, rec *kgo.Record, err error) {
	if err == nil && cl.anew.isWritten(rec) {
		cl.tell(g, i, rec, delivery.Delivered, nil)
		return
	}
	at := Produce
	if g.Letter {
		at = Letter
	}
	v := Judge(at, err)
	switch {
	case err == nil:
		v, err = delivery.ClientFault, errNotWritten
	case MadeAnew(err):
		cl.anew.note(g.Topic)
	}
	switch {
	case v == delivery.RecordFault && g.alone.Load():
		// Not to be lost on a suspicion.
		go func() {
			cl.settle()
			cl.tell(g, i, rec, cl.reconsider(g, rec, v, err), err)
		}()
		return
	case v == delivery.ClientFault:
		v = cl.reconsider(g, rec, v, err)
	}
	cl.tell(g, i, rec, v, err)
}

func (cl *client) tell(g *Group, i int, rec *kgo.Record, v delivery.Verdict, err error) {
	switch v {
	case delivery.Delivered, delivery.Again:
	case delivery.RecordFault:
		cl.health.Refused()
	default:
		cl.health.Failed(g.Topic, err)
	}
	if err != nil {
		if _, answered := errors.AsType[*kerr.Error](err); !answered {
			g.waits.Store(true)
		}
	}
	g.Answer(i, rec, v, err)
	cl.came(g, 1)
}

// came notes that so many answers of a group have come, or will not.
func (cl *client) came(g *Group, n int) {
	if g.due.Add(-int32(n)) > 0 {
		return
	}
	if !g.waits.Load() {
		cl.health.Answered(g.Topic) // before somebody sends the next
	}
	g.done()
	cl.isDone()
}

// reconsider returns the verdict for an error that a broker may have given when it
// was asked for the topic, and not when it was given the record. kgo adds to a
// record that is too large how large it is.
func (cl *client) reconsider(g *Group, rec *kgo.Record, v delivery.Verdict, err error) delivery.Verdict {
	loading := err == error(kerr.MessageTooLarge)
	for _, partition := range []int32{math.MaxInt32, max(rec.Partition, 0)} { // the first is none, and has the topic's error
		_, _, load := cl.PartitionLeader(g.Topic, partition)
		loading = loading || load != nil && errors.Is(err, load)
	}
	switch {
	case !loading:
		return v
	case g.Letter:
		return delivery.SenderFault
	default:
		return Judge(Metadata, err)
	}
}

// settle waits until kgo has done with what it is learning about topics: what it
// is asked to forget, it forgets in between.
func (cl *client) settle() { cl.PurgeTopicsFromProducing(noTopic) }

// noTopic has a name that no topic can have.
const noTopic = "\x00"

// handover keeps Kafka's answers from a client while it is given a group. kgo
// sends what it has whenever it sends anything, lingering or not: if Kafka refused
// the first records of a group before kgo had the last, it would send those all the
// same. Held back, the answer finds all of them, and they fail together.
//
// What kgo learns about a topic can fail records too. That it is learning now
// cannot be seen, but that it has heard something since it was last known to be
// idle can.
type handover struct {
	settle func() // waits until kgo has learned what it is learning

	now   atomic.Pointer[chan struct{}] // is closed when the present one has ended
	heard atomic.Uint64                 // answers of which kgo may learn
	known atomic.Uint64                 // of those, it has learned from so many
	busy  atomic.Bool                   // somebody waits for it to have learned
}

var (
	_ kgo.HookBrokerE2E     = (*handover)(nil)
	_ kgo.HookBrokerConnect = (*handover)(nil)
)

// begin begins to hold answers back, and returns what ends it.
func (h *handover) begin() (end func()) {
	now := make(chan struct{})
	h.now.Store(&now)
	return func() {
		h.now.Store(nil)
		close(now)
	}
}

// isCalm tells whether kgo is learning nothing, and will not until the handover
// that has begun ends.
func (h *handover) isCalm() bool { return h.heard.Load() == h.known.Load() }

// hear notes that kgo is about to learn something, and waits aside until it has.
func (h *handover) hear() {
	h.heard.Add(1)
	if !h.busy.CompareAndSwap(false, true) {
		return
	}
	go func() {
		for {
			heard := h.heard.Load()
			h.settle()
			h.known.Store(heard)
			h.busy.Store(false)
			if h.isCalm() || !h.busy.CompareAndSwap(false, true) {
				return
			}
		}
	}()
}

// wait holds the caller back while a group is being handed over. One that begins
// meanwhile does not matter: no answer to it can have come yet.
func (h *handover) wait() {
	if now := h.now.Load(); now != nil {
		<-*now
	}
}

// OnBrokerE2E is for kgo, which goes on with the answer when it returns.
func (h *handover) OnBrokerE2E(_ kgo.BrokerMetadata, key int16, _ kgo.BrokerE2E) {
	if key == kmsg.Metadata.Int16() {
		h.hear()
	}
	h.wait()
}

// OnBrokerConnect is for kgo: where no broker can be reached, it learns that no
// topic can be loaded.
func (h *handover) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		h.hear()
		h.wait()
	}
}
