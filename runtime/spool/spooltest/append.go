package spooltest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

func testEventsUnchanged(c *check) {
	given := append(c.events("b", 3, 1), c.starting("a", 2, "an operation"))
	before := cloned(given)
	c.append(given...)
	c.compare("Append, of what it was given,", given, before)

	started, err := c.spool.Unfinished()
	c.must("Unfinished", err)
	seen := append(c.read("b", 0, 10), started...)
	before = cloned(seen)
	for n := range 20 { // which may take the memory of what was read
		c.append(c.event("b", 1), c.event("c", 10+n))
	}
	c.remove("b", c.base+3)
	c.finish("an operation")
	c.reopen()
	c.compare("Read, or Unfinished, when the spool has gone on since then,", seen, before)
}

// cloned returns events that share no memory with those that are given.
func cloned(events []onex.Spooled) []onex.Spooled {
	events = slices.Clone(events)
	for i, e := range events {
		events[i].Key, events[i].Value = bytes.Clone(e.Key), bytes.Clone(e.Value)
		events[i].Headers = slices.Clone(e.Headers)
		for j, h := range e.Headers {
			events[i].Headers[j].Value = bytes.Clone(h.Value)
		}
	}
	return events
}

func testAnyEvent(c *check) {
	everything := make([]byte, 256)
	for i := range everything {
		everything[i] = byte(i)
	}
	events := c.events("any.topic-name_of_Kafka", 1, 2, 3, 4, 5, 6)
	events[0].Key = nil
	events[1].Key, events[1].Value = []byte{}, []byte{}
	events[2].Key, events[2].Value = everything, everything
	events[2].Headers = []kgo.RecordHeader{{Key: "é"}, {Key: "", Value: everything}, {Key: "é", Value: bytes.Repeat(everything, 16)}}
	events[3].Value = bytes.Repeat(everything, 256)
	events[4].Operation, events[4].At = "'one' \"operation\"; naïve", c.now.In(time.FixedZone("east", 3600))
	events[5].Topic = string(bytes.Repeat([]byte("t"), 249))
	c.append(events...)
	c.same()
	c.reopen()
}

// A spool need not refuse anything; if it does, it is everything.
func testAllOrNone(c *check) {
	c.append(c.starting("a", 1, "first"), c.event("a", 2))
	ending := c.event("b", 5)
	ending.Finishes = "first"
	changed := c.event("a", 2)
	changed.Value = []byte("another")
	for _, odd := range []onex.Spooled{{Topic: "a"}, {Seq: c.base + 6}, {}} {
		odd.At, odd.Value = c.now, []byte("{}")
		for _, batch := range [][]onex.Spooled{
			{c.event("a", 4), changed, ending, c.starting("b", 6, "second"), odd},
			{odd, c.event("a", 4), changed},
		} {
			if _, err := c.spool.Append(batch); err == nil {
				c.want.put(batch...)
				c.remove(odd.Topic, odd.Seq) // which Read may be unable to return
			}
			c.same()
		}
	}
	c.reopen()
	c.append()
	c.same()
}

func testAppendSurvives(c *check) {
	for n := 1; n < 6; n++ {
		c.append(c.event("a", 3*n), c.event("b", 3*n+1), c.starting("a", 3*n+2, fmt.Sprint("operation ", n)))
		c.reopen()
	}
}

func testLowerSeqs(c *check) {
	c.append(c.events("a", 10, 11, 20)...)
	c.append(c.events("b", 15)...)
	c.append(c.events("a", 21, 3, 12, 1)...) // in no order either
	c.append(c.events("b", 2)...)
	c.reads("a", 0, 100, 1, 3, 10, 11, 12, 20, 21)
	c.remove("a", c.base+11)
	c.append(c.events("a", 10, 2)...) // where others were removed
	c.reads("a", 0, 100, 2, 10, 12, 20, 21)
	c.same()
	c.reopen()
}

func testReplaces(c *check) {
	c.append(c.events("a", 1, 2, 3)...)
	c.append(c.events("b", 1, 2, 3)...) // no Seq of a publisher is given twice, but nobody says so
	another := func(topic string, n int, value string) onex.Spooled {
		e := c.starting(topic, n, fmt.Sprint(topic, n))
		e.Key, e.Value, e.At = []byte("another"), []byte(value), e.At.Add(time.Hour)
		return e
	}
	c.append(another("a", 2, "second"))
	c.same()
	c.append(another("a", 1, "first, and longer than before"), another("b", 3, "once"), c.event("b", 4), another("b", 3, "and again"))
	c.same()
	c.reopen()
	c.remove("a", c.base+2)
	c.same()
}

func testDiskFull(c *check) {
	started, ending := c.starting("a", 1, "first"), c.event("b", 90)
	ending.Finishes = "first"
	c.append(started, c.event("a", 2), c.event("b", 3))
	changed := c.event("a", 2)
	changed.Value = bytes.Repeat([]byte("x"), 1000)
	batch := []onex.Spooled{c.event("a", 80), changed, c.starting("c", 81, "second"), ending}

	free := c.spool.(Filler).FillDisk()
	defer free()
	for range 2 {
		dropped, err := c.spool.Append(batch)
		if !errors.Is(err, syscall.ENOSPC) || len(dropped) > 0 {
			c.Errorf("Append to a full disk: %v, and has dropped %s", err, c.list(dropped))
		}
		c.same()
	}
	if err := c.spool.Finish("first"); err == nil {
		c.want.finish("first")
	}
	c.same()
	if err := c.spool.Remove("a", c.base+1); err == nil {
		c.want.remove("a", c.base+1)
	}
	c.same()
	free()
	c.append(batch...)
	c.same()
	c.reopen()
}
