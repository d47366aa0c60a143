package spooltest

import (
	"math"
	"time"
)

func testBacklogTopics(c *check) {
	c.append(c.events("b", 7, 5, 6)...)
	c.append(c.events("a.c", 9)...)
	c.append(c.events("a", 8)...)
	c.append(c.events("c", 1, 2)...)
	old := c.event("c", 3)
	old.At = c.now.Add(-time.Second) // the clock was set back: the oldest has not the first Seq
	c.append(old)
	c.same()
	c.remove("c", c.base+1)
	c.remove("a", c.base+8)
	c.append(c.events("b", 4)...)
	c.same()
	c.remove("c", c.base+2)
	c.reopen()
}

func testBacklogBytes(c *check) {
	c.append(c.events("a", 1)...)
	one := c.backlog().Bytes
	c.append(c.events("a", 2)...)
	two := c.backlog().Bytes
	c.append(c.events("a", 2)...) // takes its place
	if again := c.backlog().Bytes; one <= 0 || two <= one || again != two {
		c.Errorf("one event has %d bytes, two have %d, and when one comes again %d", one, two, again)
	}
	c.append(c.starting("b", 3, "an operation"))
	c.same()
	c.remove("a", math.MaxUint64)
	c.remove("b", math.MaxUint64)
	c.same()
	c.finish("an operation")
	if b := c.backlog(); b.Bytes != 0 {
		c.Errorf("a spool with nothing in it has %d bytes", b.Bytes)
	}
	c.reopen()
}

func testBacklogLastSeq(c *check) {
	c.append(c.events("a", 20, 10)...)
	c.append(c.events("b", 15)...)
	c.same()
	c.reopen()
	c.remove("a", math.MaxUint64)
	c.remove("b", math.MaxUint64)
	c.same()
	c.reopen()
	c.append(c.events("b", 12)...) // lower than what is not there anymore
	c.same()
	c.reopen()
	next, _ := c.fill(30)
	c.same()
	c.appendBounded(c.large("a", next+50))
	c.same()
	c.reopen()
}
