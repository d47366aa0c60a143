package delivery

import (
	"errors"
	"slices"
)

// simClient is a Kafka client and its connection, as badly behaved as a real one
// can be. A client that does not know a topic's partitions keeps its records, and
// partitions them later, one by one. It sends what it has when it likes. What
// Kafka refuses fails with all that is buffered behind it.
type simClient struct {
	w        *world
	known    [simChannels]bool
	unknown  [simChannels][]*simRecord
	buffers  [simChannels][simPartitions]simBuffer
	poisoned bool // whatever it is given fails
	mute     bool // it answers nothing any more
	closed   bool
}

var errRefused = errors.New("refused")

// simRecord is one record, and where its answer goes.
type simRecord struct {
	asked *simAsked
	i     int
	event *simEvent
}

// simAsked is a group or a dead letter with the client.
type simAsked struct {
	m       *Machine
	group   *Group
	letter  *Letter
	answers []Answer
	has     []bool
	left    int
}

type simBuffer struct {
	batches [][]*simRecord // the first is with the broker if sent
	sent    bool
	judged  bool
	verdict Verdict
}

func (a *simAsked) answer(w *world, i int, v Verdict) {
	if a.has[i] || a.m != w.m {
		return
	}
	a.has[i] = true
	if a.answers[i].Verdict = v; v != Delivered {
		a.answers[i].Err = errRefused
		a.answers[i].Anew = v == TopicFault && w.r.IntN(2) == 0
	}
	if a.left--; a.left > 0 {
		if a.group != nil && w.r.IntN(6) == 0 {
			a.tellEarly(w)
		}
		return
	}
	for twice := w.r.IntN(8) == 0; ; twice = false {
		if a.letter != nil {
			w.log("buried %v: %v", a.letter.Event.Seq, a.answers[0].Verdict)
			w.m.Buried(a.letter, a.answers[0], w.now)
		} else {
			w.log("answered %v %v", seqs(a.group.Events), a.answers)
			counts := a.group.Topic.group == a.group && slices.ContainsFunc(a.answers, func(a Answer) bool { return a.Verdict == Delivered })
			w.m.Answer(a.group, a.answers, w.now)
			if counts && w.m.down {
				w.wrong("Kafka has acknowledged something, and is taken for down")
			}
		}
		if !twice {
			return
		}
	}
}

// tellEarly tells the machine what has been delivered of a group so far.
func (a *simAsked) tellEarly(w *world) {
	var arrived []*Event
	for i, has := range a.has {
		if has && a.answers[i].Verdict == Delivered {
			arrived = append(arrived, a.group.Events[i])
		}
	}
	if len(arrived) > 0 {
		w.log("arrived %v", seqs(arrived))
		w.m.Arrived(a.group, arrived, w.now)
	}
}

// give is Send and Bury. Behind the hold that the real client is kept in
// meanwhile, no answers come before it has all; yet it may send.
func (c *simClient) give(channel int, a *simAsked, events []*Event) {
	a.m, a.answers, a.has, a.left = c.w.m, make([]Answer, len(events)), make([]bool, len(events)), len(events)
	var failed []*simRecord
	for i, e := range events {
		rec := &simRecord{a, i, c.w.event(e)}
		switch {
		case c.closed:
			failed = append(failed, rec)
		case c.known[channel]:
			if c.w.r.IntN(6) == 0 {
				c.send(channel)
			}
			c.buffer(channel, rec)
		default:
			c.unknown[channel] = append(c.unknown[channel], rec)
		}
	}
	for _, rec := range failed {
		rec.asked.answer(c.w, rec.i, Again)
	}
}

func (c *simClient) buffer(channel int, rec *simRecord) {
	b := &c.buffers[channel][rec.event.key%simPartitions]
	if n := len(b.batches); n == 0 || n == 1 && b.sent {
		b.batches = append(b.batches, nil)
	}
	last := len(b.batches) - 1
	b.batches[last] = append(b.batches[last], rec)
}

// send sends what is buffered for a channel.
func (c *simClient) send(channel int) {
	for p := range c.buffers[channel] {
		if b := &c.buffers[channel][p]; len(b.batches) > 0 && !b.sent {
			b.sent = true
		}
	}
}

// step does one thing that is to be done for some channel, and tells whether there
// was any.
func (c *simClient) step(kind bool) bool {
	if c.closed || c.mute {
		return false
	}
	from := c.w.r.IntN(simChannels * (1 + simPartitions))
	for k := range simChannels * (1 + simPartitions) {
		n := (from + k) % (simChannels * (1 + simPartitions))
		channel, p := n/(1+simPartitions), n%(1+simPartitions)-1
		if p < 0 {
			if c.partition(channel, kind) {
				return true
			}
		} else if c.stepBuffer(channel, &c.buffers[channel][p], kind) {
			return true
		}
	}
	return false
}

// partition finds a place for the first record that waits for the topic to be
// known. The client itself refuses it if that is what it last heard of the topic.
func (c *simClient) partition(channel int, kind bool) bool {
	recs := c.unknown[channel]
	if len(recs) == 0 || c.w.frozen && !kind {
		return false
	}
	c.unknown[channel] = recs[1:]
	if mode := c.w.modes[channel]; mode == TopicFault && c.w.r.IntN(2) == 0 {
		recs[0].asked.answer(c.w, recs[0].i, TopicFault)
		return true
	}
	c.buffer(channel, recs[0])
	if len(recs) == 1 {
		c.known[channel] = true
	}
	return true
}

func (c *simClient) stepBuffer(channel int, b *simBuffer, kind bool) bool {
	switch {
	case len(b.batches) == 0:
		return false
	case !b.sent:
		b.sent = true
	case !b.judged:
		if c.w.frozen && !kind {
			return false
		}
		b.judged = true
		b.verdict = c.w.judge(c, channel, b.batches[0])
		if b.verdict == Delivered {
			c.w.write(channel, b.batches[0])
		}
	case b.verdict == Delivered:
		done := b.batches[0]
		*b = simBuffer{batches: b.batches[1:]}
		for _, rec := range done {
			rec.asked.answer(c.w, rec.i, Delivered)
		}
	default:
		c.fail(b, b.verdict)
	}
	return true
}

// fail fails all that is buffered for a partition.
func (c *simClient) fail(b *simBuffer, v Verdict) {
	batches := b.batches
	*b = simBuffer{}
	for _, recs := range batches {
		for _, rec := range recs {
			rec.asked.answer(c.w, rec.i, v)
		}
	}
}

// forget makes a channel unknown. What is buffered fails.
func (c *simClient) forget(channel int) {
	c.known[channel] = false
	for _, rec := range c.unknown[channel] {
		rec.asked.answer(c.w, rec.i, Again)
	}
	c.unknown[channel] = nil
	for p := range c.buffers[channel] {
		c.fail(&c.buffers[channel][p], Again)
	}
}

// end gives back what there is, or some of it. What is on its way may still be
// written, at any time.
func (c *simClient) end() {
	c.closed = true
	for channel := range simChannels {
		for p := range simPartitions {
			if b := &c.buffers[channel][p]; b.sent && !b.judged && c.w.r.IntN(2) == 0 {
				c.w.late = append(c.w.late, lateBatch{channel, b.batches[0]})
			}
			if c.w.r.IntN(4) > 0 {
				c.fail(&c.buffers[channel][p], Again)
			}
		}
		for _, rec := range c.unknown[channel] {
			rec.asked.answer(c.w, rec.i, Again)
		}
	}
}
