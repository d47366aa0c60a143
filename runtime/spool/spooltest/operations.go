package spooltest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	onex "github.com/omninode-ai/onexevents/runtime"
)

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

func testUnfinishedPages(c *check) {
	paged := func() onex.PagedSpool { return c.spool.(onex.PagedSpool) }
	c.startThree()
	for n := range 20 {
		c.append(c.starting([]string{"a", "b", "c"}[n%3], 100-n, fmt.Sprint("operation ", n)))
	}
	c.finish("second", "operation 7")
	want := slices.SortedFunc(maps.Values(c.want.unfinished), func(x, y onex.Spooled) int { return strings.Compare(x.Operation, y.Operation) })
	for range 2 {
		for _, limit := range []int{1, 3, len(want), hasNone} {
			for i, after := 0, ""; i < len(want); {
				page, err := paged().UnfinishedAfter(after, limit)
				c.must("UnfinishedAfter", err)
				n := min(limit, len(want)-i)
				c.compare(fmt.Sprintf("UnfinishedAfter(%q, %d)", after, limit), page, want[i:i+n])
				i += n
				after = want[i-1].Operation
			}
		}
		for _, after := range []string{"third", "zzz"} {
			page, err := paged().UnfinishedAfter(after, 10)
			c.must("UnfinishedAfter", err)
			c.compare("UnfinishedAfter the last one", page, nil)
		}
		between, err := paged().UnfinishedAfter("operation 7", 1) // which is finished
		c.must("UnfinishedAfter", err)
		c.compare("UnfinishedAfter one that is finished", between, []onex.Spooled{c.want.unfinished["operation 8"]})
		c.reopen()
	}
}

func testReject(c *check) {
	c.startThree()
	rejected := []onex.Spooled{c.event("a", 4), c.starting("b", 2, "second")}
	odd := c.event("a", 7)
	odd.Topic, odd.Key, odd.Value = "\x00\xff", nil, []byte("\xff\x00\n")
	c.append(odd)
	c.must("Reject", c.spool.(onex.RejectingSpool).Reject(append(rejected, odd), []error{errOdd, errOdd, errOdd}))
	c.same()
	c.reopen()
	for _, e := range append(rejected, odd) {
		c.remove(e.Topic, e.Seq)
	}
	c.finish("second")
	c.reopen()
}

var errOdd = errors.New("it is odd,\nfor \"some\" reason")
