package store

import (
	"bytes"
	"io"
	"os"
	"slices"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/boltfile"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/folder"
	"github.com/omninode-ai/onexevents/runtime/spool/internal/record"
)

// Contents is what the tree of a file has, so far as it can be read.
type Contents struct {
	faults     boltfile.Faults
	Index      *Index
	Operations []onex.Spooled // the events that started those that are not finished, if they are to be listed
	lists      bool
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

// Err returns an error that says what is damaged, if anything is.
func (c *Contents) Err() error { return c.faults.Err() }

// ReadFile reads all of a file that is this user's own.
func ReadFile(path string) (*Contents, error) {
	f, err := folder.Open(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return readFile(f, false)
}

// InspectFile is ReadFile for a file of any user's, and also returns the events that
// started the operations.
func InspectFile(path string) (*Contents, error) {
	f, err := folder.OpenToRead(path)
	if err != nil {
		return nil, err
	}
	return readFile(f, true)
}

func readFile(f *os.File, operations bool) (*Contents, error) {
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	c := newContents()
	c.lists = operations
	return c.read(f, info.Size()), nil
}

func newContents() *Contents {
	return &Contents{Index: newIndex(), heads: map[string]uint64{}}
}

// livingIn returns the events that the tree of a file has, if nothing is wrong
// with it but with some of them; else nil.
func livingIn(r io.ReaderAt, size int64) map[place]bool {
	c := newContents()
	c.alive = map[place]bool{}
	c.read(r, size)
	if c.faults.Count() > len(c.damaged) {
		return nil
	}
	return c.alive
}

// read reads all of a file. It finds everything that is wrong with what matters; in
// pages that are free, and between the elements of others, anything may be.
func (c *Contents) read(r io.ReaderAt, size int64) *Contents {
	if !boltfile.Read(r, size, c, &c.faults) {
		return c
	}
	if !c.hasLast {
		c.faults.Add("this is not the file of a spool")
	}
	for name, head := range c.heads {
		t := c.Index.get(name)
		t.head = head
		c.Index.topics[name] = t
	}
	return c
}

// Bucket implements [boltfile.Visitor].
func (c *Contents) Bucket(path [][]byte) {
	switch {
	case len(path) == 1 && slices.ContainsFunc([][]byte{headBucket, operationBucket, stateBucket, topicBucket}, func(name []byte) bool {
		return bytes.Equal(path[0], name)
	}):
	case len(path) == 2 && bytes.Equal(path[0], topicBucket):
		name := string(path[1])
		c.topic = &topic{name: name, head: c.heads[name]}
		c.Index.topics[name] = c.topic
	case len(path) == 3 && bytes.Equal(path[0], topicBucket) && len(path[2]) == 8:
	default:
		c.faults.Add("a spool has no bucket %q", path)
	}
}

// Value implements [boltfile.Visitor].
func (c *Contents) Value(path [][]byte, key, value []byte) {
	rec, err := record.Decode(value)
	seq, ofEvent := uint64(0), false
	if len(path) == 3 && bytes.Equal(path[0], topicBucket) {
		seq, ofEvent = seqOf(key)
	}
	if err != nil && ofEvent && seq <= c.topic.head {
		return // it is removed
	}
	if err == nil && !belongs(path, key, rec) {
		err = record.ErrContent
	}
	if err != nil {
		c.faults.Add("%q in bucket %q: %v", key, path, err)
		if ofEvent {
			c.damaged = append(c.damaged, place{c.topic.name, seq})
			c.note(place{c.topic.name, seq}) // there may be a copy
		}
		return
	}
	switch rec.Kind {
	case record.Removed:
		c.heads[rec.Topic] = rec.Seq
	case record.Operation:
		if c.lists {
			c.Operations = append(c.Operations, rec.Copy())
		}
		c.Index.operations += int64(len(value))
	case record.Highest:
		c.hasLast = true
		c.Index.last = max(c.Index.last, rec.Seq)
	case record.Event:
		name, _ := seqOf(path[2])
		if t := c.topic; rec.Seq < name || len(t.segments) > 0 && t.segments[len(t.segments)-1].name != name && t.segments[len(t.segments)-1].last >= name {
			c.faults.Add("topic %s, event %d: it is in the wrong segment", rec.Topic, rec.Seq)
		}
		if rec.Seq > c.topic.head {
			c.topic.enter(name, rec, int64(len(value)))
			c.note(place{rec.Topic, rec.Seq})
		}
		c.Index.last = max(c.Index.last, rec.Seq)
	}
}

func (c *Contents) note(p place) {
	if c.alive != nil {
		c.alive[p] = true
	}
}

// belongs says whether a record is where it should be.
func belongs(path [][]byte, key []byte, rec record.Record) bool {
	switch rec.Kind {
	case record.Removed:
		return len(path) == 1 && bytes.Equal(path[0], headBucket) && string(key) == rec.Topic
	case record.Operation:
		return len(path) == 1 && bytes.Equal(path[0], operationBucket) && string(key) == rec.Operation
	case record.Highest:
		return len(path) == 1 && bytes.Equal(path[0], stateBucket) && bytes.Equal(key, lastKey)
	case record.Event:
		return len(path) == 3 && bytes.Equal(path[0], topicBucket) && string(path[1]) == rec.Topic && bytes.Equal(key, seqKey(rec.Seq))
	default:
		return false
	}
}
