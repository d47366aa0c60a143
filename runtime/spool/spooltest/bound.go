package spooltest

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

const (
	hasRoom  = 200  // events of 1 KB, in any spool that is tested
	hasNone  = 2000 // of them
	perFill  = 50
	eventLen = 1000
)

// large makes an event of 1 KB.
func (c *check) large(topic string, n int) onex.Spooled {
	e := c.event(topic, n)
	e.Value = bytes.Repeat([]byte("v"), eventLen)
	return e
}

// fill appends events to topics in turn, numbered from n on, until the spool
// drops some, and for two Appends more. It returns the next number and all that
// were dropped.
func (c *check) fill(n int) (next int, dropped []onex.Spooled) {
	c.Helper()
	for first, more := n, 2; more > 0; {
		var batch []onex.Spooled
		for range perFill {
			batch = append(batch, c.large([]string{"c", "a", "b"}[n%3], n))
			n++
		}
		now := c.appendBounded(batch...)
		if len(now) > 0 {
			if held := len(c.want.events) + len(now); held <= hasRoom {
				c.fatalf("the spool has no place for %d events of 1 KB; give it a higher bound", held)
			}
			more--
		}
		if n-first > hasNone {
			c.same()
			c.fatalf("%d events of 1 KB do not fill the spool; give it a lower bound", n-first)
		}
		c.droppedFirst(now)
		dropped = append(dropped, now...)
	}
	return n, dropped
}

// droppedFirst wants the events that were dropped to make room to come before
// all that are left.
func (c *check) droppedFirst(dropped []onex.Spooled) {
	c.Helper()
	if left := c.want.all(); len(dropped) > 0 && len(left) > 0 {
		if last := dropped[len(dropped)-1]; last.Seq > left[0].Seq {
			c.Errorf("Append has dropped %s, and not %s", c.name(last), c.name(left[0]))
		}
	}
}

func testBounded(c *check) {
	next, _ := c.fill(1)
	most := c.backlog().Bytes
	for range 5 {
		next, _ = c.fill(next)
		if b := c.backlog(); b.Bytes > most+2*eventLen {
			c.Errorf("the spool was full with %d bytes and has %d now", most, b.Bytes)
		}
	}
}

func testDroppedFirst(c *check) {
	next, dropped := c.fill(1)
	c.same()
	if first := dropped[0]; first.Seq != c.base+1 {
		c.Errorf("the first that is dropped is %s", c.name(first))
	}
	c.remove("a", c.base+uint64(next)-20) // so that there is room
	c.fill(next)
	c.same()
	c.reopen()
}

func testDroppedGiven(c *check) {
	next, _ := c.fill(1000)
	for n := range 5 { // lower than all that are there, and higher
		dropped := c.appendBounded(c.large("b", 10+n), c.large("a", next+n), c.large("new", 20+n))
		c.droppedFirst(dropped)
		c.same()
	}
	var batch []onex.Spooled // more than the spool has room for
	for n := range hasNone {
		batch = append(batch, c.large("a", next+100+n))
	}
	dropped := c.appendBounded(batch...)
	c.droppedFirst(dropped)
	if !slices.ContainsFunc(dropped, func(e onex.Spooled) bool { return e.Seq >= batch[0].Seq }) {
		c.Errorf("of %d events at once none was dropped", len(batch))
	}
	c.same()
	c.reopen()
}

// A spool may keep events for ever. What it does not keep it returns, once.
func testTooOld(c *check) {
	c.append(c.events("a", 1, 5)...)
	var old []onex.Spooled
	for i, e := range c.events("b", 2, 4, 6) {
		e.At = c.now.AddDate(-20-i, 0, 0)
		e.Operation = fmt.Sprint("operation ", i)
		old = append(old, e)
	}
	dropped := c.appendBounded(old...)
	dropped = append(dropped, c.appendBounded()...)
	dropped = append(dropped, c.appendBounded(c.event("a", 3))...)
	for _, e := range dropped {
		if c.now.Sub(e.At) < time.Hour {
			c.Errorf("Append has dropped %s, which is not old, from a spool that is not full", c.name(e))
		}
	}
	c.same()
	c.reopen()
}

func testTooLarge(c *check) {
	c.append(c.events("a", 1, 3)...)
	giant := c.event("b", 4)
	giant.Value = bytes.Repeat([]byte("v"), 2*hasNone*eventLen)
	dropped := c.appendBounded(c.event("b", 2), giant, c.event("c", 5))
	switch {
	case len(dropped) == 0:
		// Its bound is not one of bytes.
	case len(dropped) > 1 || dropped[0].Seq != giant.Seq:
		c.Errorf("one event is too large, and Append has dropped %s", c.list(dropped))
	}
	c.same()
	c.reopen()
}
