package spooltest

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// tester is what a check needs of a *testing.T.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// check does to a spool and to a model what a promise is about, and compares
// what is in them.
type check struct {
	tester
	open  func() onex.Spool
	spool onex.Spool // nil while it is closed
	want  *model
	base  uint64    // the test's Seqs are above it
	now   time.Time // about when the events were accepted
}

func (c *check) fatalf(format string, args ...any) {
	c.Helper()
	c.Errorf(format, args...)
	c.FailNow()
}

// must ends the test if a method that had to work has failed.
func (c *check) must(method string, err error) {
	c.Helper()
	if err != nil {
		c.fatalf("%s: %v", method, err)
	}
}

// begin opens the spool and empties it.
func (c *check) begin() {
	c.openSpool()
	b, err := c.spool.Backlog()
	c.must("Backlog", err)
	for _, t := range b.Topics {
		c.must("Remove", c.spool.Remove(t.Topic, math.MaxUint64))
	}
	started, err := c.spool.Unfinished()
	c.must("Unfinished", err)
	for _, e := range started {
		c.must("Finish", c.spool.Finish(e.Operation))
	}
	c.base, c.want = b.LastSeq, newModel(b.LastSeq)
	// Time in memory may have a monotonic part, time on a disk has not.
	c.now = time.Now().UTC().Truncate(time.Millisecond)
	c.same()
}

func (c *check) openSpool() {
	if c.spool = c.open(); c.spool == nil {
		c.fatalf("open returned nil")
	}
}

// end closes the spool if the test has ended early too.
func (c *check) end() {
	if c.spool != nil {
		if err := c.spool.Close(); err != nil {
			c.Errorf("Close: %v", err)
		}
	}
}

func (c *check) close() {
	c.Helper()
	s := c.spool
	c.spool = nil
	c.must("Close", s.Close())
}

// reopen closes the spool, opens it again, and finds what was in it.
func (c *check) reopen() {
	c.Helper()
	c.close()
	c.openSpool()
	c.same()
}

// event makes an event that is unlike any other.
func (c *check) event(topic string, n int) onex.Spooled {
	return onex.Spooled{
		Seq: c.base + uint64(n), Topic: topic, Key: fmt.Appendf(nil, "key %d", n),
		Value: fmt.Appendf(nil, `{"topic":%q,"number":%d}`, topic, n),
		At:    c.now.Add(time.Duration(n) * time.Millisecond),
	}
}

// events makes one event for each number.
func (c *check) events(topic string, numbers ...int) []onex.Spooled {
	var all []onex.Spooled
	for _, n := range numbers {
		all = append(all, c.event(topic, n))
	}
	return all
}

// starting makes an event that starts an operation.
func (c *check) starting(topic string, n int, operation string) onex.Spooled {
	e := c.event(topic, n)
	e.Operation = operation
	return e
}

// append appends events for which there is room.
func (c *check) append(events ...onex.Spooled) {
	c.Helper()
	if dropped := c.appendBounded(events...); len(dropped) > 0 {
		c.fatalf("Append has dropped %s from a spool that is not full", c.list(dropped))
	}
}

// appendBounded appends events and returns those that are dropped, which were in
// the spool or are among the events.
func (c *check) appendBounded(events ...onex.Spooled) (dropped []onex.Spooled) {
	c.Helper()
	dropped, err := c.spool.Append(events)
	c.must("Append", err)
	c.want.put(events...)
	if !slices.IsSortedFunc(dropped, bySeq) {
		c.Errorf("Append returns the dropped %s, which are not in order", c.list(dropped))
	}
	for _, e := range dropped {
		if known, ok := c.want.take(e); !ok {
			c.Errorf("Append says that it has dropped %s, which was not there", c.name(e))
		} else if diff := difference(e, known); diff != "" {
			c.Errorf("Append says that it has dropped %s, of which %s", c.name(e), diff)
		}
	}
	return dropped
}

func (c *check) remove(topic string, through uint64) {
	c.Helper()
	c.must("Remove", c.spool.Remove(topic, through))
	c.want.remove(topic, through)
}

func (c *check) finish(operations ...string) {
	c.Helper()
	c.must("Finish", c.spool.Finish(operations...))
	c.want.finish(operations...)
}

func (c *check) read(topic string, after uint64, limit int) []onex.Spooled {
	c.Helper()
	events, err := c.spool.Read(topic, after, limit)
	c.must("Read", err)
	return events
}

func (c *check) backlog() onex.Backlog {
	c.Helper()
	b, err := c.spool.Backlog()
	c.must("Backlog", err)
	return b
}

// reads wants the events with these numbers from a Read.
func (c *check) reads(topic string, after uint64, limit int, numbers ...int) {
	c.Helper()
	c.compare(fmt.Sprintf("Read(%q, %d, %d)", topic, after, limit), c.read(topic, after, limit), c.events(topic, numbers...))
}

// same compares all that is in the spool with what has to be.
func (c *check) same() {
	c.Helper()
	b, want := c.backlog(), c.want.backlog()
	c.sameBacklog(b, want)
	all := len(c.want.events) + 1
	for _, t := range slices.Concat(want.Topics, b.Topics) {
		c.compare("Read of topic "+t.Topic, c.read(t.Topic, 0, all), c.want.topic(t.Topic))
	}
	started, err := c.spool.Unfinished()
	c.must("Unfinished", err)
	c.compare("Unfinished", started, c.want.started())
}

func (c *check) sameBacklog(b, want onex.Backlog) {
	c.Helper()
	if b.LastSeq != want.LastSeq {
		c.Errorf("Backlog: the last Seq is base+%d, want base+%d", int64(b.LastSeq-c.base), int64(want.LastSeq-c.base))
	}
	sum := int64(0)
	for i, t := range b.Topics {
		sum += t.Bytes
		if t.Bytes <= 0 {
			c.Errorf("Backlog: topic %s has %d events of %d bytes", t.Topic, t.Events, t.Bytes)
		}
		b.Topics[i].Bytes, b.Topics[i].Oldest = 0, t.Oldest.UTC()
	}
	if !slices.Equal(b.Topics, want.Topics) {
		c.Errorf("Backlog: the topics are\n%+v, want\n%+v", b.Topics, want.Topics)
	}
	if exact := len(c.want.unfinished) == 0; b.Bytes < sum || exact && b.Bytes != sum {
		c.Errorf("Backlog: %d bytes where the topics have %d, and %d operations are unfinished", b.Bytes, sum, len(c.want.unfinished))
	}
}

// compare compares events, and the order in which they come.
func (c *check) compare(what string, got, want []onex.Spooled) {
	c.Helper()
	if len(got) != len(want) {
		c.Errorf("%s returns %s, want %s", what, c.list(got), c.list(want))
		return
	}
	for i := range got {
		if got[i].Seq != want[i].Seq || got[i].Topic != want[i].Topic {
			c.Errorf("%s returns %s, want %s", what, c.list(got), c.list(want))
			return
		}
		if diff := difference(got[i], want[i]); diff != "" {
			c.Errorf("%s returns %s, of which %s", what, c.name(got[i]), diff)
			return
		}
	}
}

// list names events, and not too many.
func (c *check) list(events []onex.Spooled) string {
	const most = 12
	var names []string
	for _, e := range events[:min(len(events), most)] {
		names = append(names, c.name(e))
	}
	if len(events) > most {
		names = append(names, "…")
	}
	return fmt.Sprintf("%d events %s", len(events), names)
}

func (c *check) name(e onex.Spooled) string {
	return fmt.Sprintf("%s:%d", e.Topic, int64(e.Seq-c.base))
}

// difference says in what an event is not what it has to be, or "". Read need not
// return what an event finishes. To Kafka no key is another key than an empty one.
func difference(got, want onex.Spooled) string {
	const most = 60 // bytes
	switch {
	case !bytes.Equal(got.Key, want.Key):
		return fmt.Sprintf("the key is %.*q, want %.*q", most, got.Key, most, want.Key)
	case (got.Key == nil) != (want.Key == nil):
		return fmt.Sprintf("the key is nil: %t, want %t", got.Key == nil, want.Key == nil)
	case !slices.EqualFunc(got.Headers, want.Headers, func(g, w kgo.RecordHeader) bool { return g.Key == w.Key && bytes.Equal(g.Value, w.Value) }):
		return fmt.Sprintf("the headers are %.*s, want %.*s", 2*most, fmt.Sprintf("%q", got.Headers), 2*most, fmt.Sprintf("%q", want.Headers))
	case !bytes.Equal(got.Value, want.Value):
		return fmt.Sprintf("the value is %.*q (%d bytes), want %.*q (%d)", most, got.Value, len(got.Value), most, want.Value, len(want.Value))
	case !got.At.Equal(want.At):
		return fmt.Sprintf("the time is %s, want %s", got.At, want.At)
	case got.Operation != want.Operation:
		return fmt.Sprintf("the operation is %q, want %q", got.Operation, want.Operation)
	default:
		return ""
	}
}

func bySeq(a, b onex.Spooled) int { return cmp.Compare(a.Seq, b.Seq) }
