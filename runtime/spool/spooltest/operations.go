package spooltest

import "fmt"

// startThree starts the operations "third", "second" and "first", whose names
// are in another order than their Seqs, in two topics.
func (c *check) startThree() {
	c.append(c.starting("b", 3, "first"), c.event("a", 4), c.starting("a", 1, "third"), c.starting("b", 2, "second"))
}

func testFinish(c *check) {
	c.startThree()
	c.finish("second")
	c.same()
	c.reopen()
	c.finish("first", "third")
	c.same()
	c.reopen()
}

func testFinishUnknown(c *check) {
	c.startThree()
	c.finish()
	c.finish("")
	c.finish("nobody has started it")
	c.same()
	c.finish("nor this", "first", "nor that", "first")
	c.same()
	c.finish("first")
	c.same()
}

func testFinishes(c *check) {
	c.startThree()
	last, early := c.event("b", 5), c.starting("a", 6, "fourth")
	last.Finishes = "first"
	c.append(last)
	c.same()
	c.reopen()
	again := c.event("c", 7)
	again.Finishes = "fourth"
	c.append(early, again) // within one Append
	odd := c.event("c", 8)
	odd.Finishes = "nobody has started it"
	c.append(odd)
	c.same()
	c.remove("c", c.base+8)
	c.reopen()
}

func testUnfinished(c *check) {
	c.same()
	c.startThree()
	c.same()
	for n := range 20 { // which come from the newest to the oldest
		c.append(c.starting([]string{"a", "b", "c"}[n%3], 100-n, fmt.Sprint("operation ", n)))
	}
	c.same()
	c.reopen()
}

func testUnfinishedRemoved(c *check) {
	c.startThree()
	c.remove("b", c.base+3)
	c.same()
	c.reopen()
	c.remove("a", c.base+4)
	c.same()
	c.finish("second")
	c.same()
	c.reopen()
}

func testUnfinishedDropped(c *check) {
	c.startThree()
	_, dropped := c.fill(5)
	if len(dropped) < 4 {
		c.Errorf("Append has dropped no more than %s", c.list(dropped))
	}
	c.same()
	c.finish("third")
	c.same()
	c.reopen()
}
