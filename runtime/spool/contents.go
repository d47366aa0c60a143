package spool

import (
	"bytes"
	"io"
	"slices"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// contents is what the tree of a file has, so far as it can be read.
type contents struct {
	faults     faults
	index      *index
	operations []onex.Spooled
	damaged    []place        // the events that are there and not readable
	alive      map[place]bool // the events that are there, if they are to be listed

	hasLast bool
	heads   map[string]uint64
	topic   *topic // that of the segment which is being read
}

// place is where an event belongs.
type place struct {
	topic string
	seq   uint64
}

// readContents reads all of a file. It finds everything that is wrong with what
// matters; in pages that are free, and between the elements of others, anything
// may be.
func readContents(r io.ReaderAt, size int64) *contents {
	return (&contents{index: newIndex(), heads: map[string]uint64{}}).read(r, size)
}

// livingIn returns the events that the tree of a file has, if nothing is wrong
// with it but with some of them; else nil.
func livingIn(r io.ReaderAt, size int64) map[place]bool {
	c := (&contents{index: newIndex(), heads: map[string]uint64{}, alive: map[place]bool{}}).read(r, size)
	if c.faults.count > len(c.damaged) {
		return nil
	}
	return c.alive
}

func (c *contents) read(r io.ReaderAt, size int64) *contents {
	p, ok := openPages(r, size, &c.faults)
	if !ok {
		return c
	}
	p.walk(c)
	p.checkFree()
	if !c.hasLast {
		c.faults.add("this is not the file of a spool")
	}
	for name, head := range c.heads {
		t := c.index.get(name)
		t.head = head
		c.index.topics[name] = t
	}
	return c
}

func (c *contents) bucket(path [][]byte) {
	switch {
	case len(path) == 1 && slices.ContainsFunc([][]byte{headBucket, operationBucket, stateBucket, topicBucket}, func(name []byte) bool {
		return bytes.Equal(path[0], name)
	}):
	case len(path) == 2 && bytes.Equal(path[0], topicBucket):
		name := string(path[1])
		c.topic = &topic{name: name, head: c.heads[name]}
		c.index.topics[name] = c.topic
	case len(path) == 3 && bytes.Equal(path[0], topicBucket) && len(path[2]) == 8:
	default:
		c.faults.add("a spool has no bucket %q", path)
	}
}

func (c *contents) value(path [][]byte, key, value []byte) {
	rec, err := decode(value)
	seq, ofEvent := uint64(0), false
	if len(path) == 3 && bytes.Equal(path[0], topicBucket) {
		seq, ofEvent = seqOf(key)
	}
	if err != nil && ofEvent && seq <= c.topic.head {
		return // it is removed
	}
	if err == nil && !belongs(path, key, rec) {
		err = errContent
	}
	if err != nil {
		c.faults.add("%q in bucket %q: %v", key, path, err)
		if ofEvent {
			c.damaged = append(c.damaged, place{c.topic.name, seq})
			c.note(place{c.topic.name, seq}) // there may be a copy
		}
		return
	}
	switch rec.kind {
	case removed:
		c.heads[rec.Topic] = rec.Seq
	case operation:
		c.operations = append(c.operations, rec.spooled())
		c.index.operations += int64(len(value))
	case highest:
		c.hasLast = true
		c.index.last = max(c.index.last, rec.Seq)
	case event:
		name, _ := seqOf(path[2])
		if t := c.topic; rec.Seq < name || len(t.segments) > 0 && t.segments[len(t.segments)-1].name != name && t.segments[len(t.segments)-1].last >= name {
			c.faults.add("topic %s, event %d: it is in the wrong segment", rec.Topic, rec.Seq)
		}
		if rec.Seq > c.topic.head {
			c.topic.enter(name, rec, int64(len(value)))
			c.note(place{rec.Topic, rec.Seq})
		}
		c.index.last = max(c.index.last, rec.Seq)
	}
}

func (c *contents) note(p place) {
	if c.alive != nil {
		c.alive[p] = true
	}
}

// belongs says whether a record is where it should be.
func belongs(path [][]byte, key []byte, rec record) bool {
	switch rec.kind {
	case removed:
		return len(path) == 1 && bytes.Equal(path[0], headBucket) && string(key) == rec.Topic
	case operation:
		return len(path) == 1 && bytes.Equal(path[0], operationBucket) && string(key) == rec.Operation
	case highest:
		return len(path) == 1 && bytes.Equal(path[0], stateBucket) && bytes.Equal(key, lastKey)
	case event:
		return len(path) == 3 && bytes.Equal(path[0], topicBucket) && string(path[1]) == rec.Topic && bytes.Equal(key, seqKey(rec.Seq))
	default:
		return false
	}
}

// events returns how many are in the file.
func (c *contents) events() int {
	n := 0
	for _, t := range c.index.topics {
		n += int(t.events)
	}
	return n
}
