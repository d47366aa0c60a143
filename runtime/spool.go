package onex

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Spool keeps events on stable storage that Kafka does not take yet, for this
// process or the next to deliver. Package runtime/spool has the one on disk; a
// program's own table can take its place. Its methods may block, and are called
// by several goroutines at once.
//
// A publisher does not change an event that it has given to the spool, and
// neither does the spool.
type Spool interface {
	// Append puts events on stable storage, all or none: when it returns nil,
	// they survive the process and the machine. Events may come with lower Seqs
	// than those that are there, as when they come back from a client; one whose
	// Topic and Seq are there already takes the other's place.
	//
	// A spool is bounded. Append returns the events that it has dropped to make
	// room, or because they were too old, those that come first in order of Seq
	// over all topics, in that order; they may be among the events that it was
	// given. An event that could never be stored, such as one that would not fit
	// into an empty spool, is dropped too, and never an error: that would be one
	// for its neighbours as well, again and again. A full disk is one, for which
	// errors.Is(err, syscall.ENOSPC).
	Append(events []Spooled) (dropped []Spooled, err error)

	// Read returns the events of a topic with a Seq above after, in order, and
	// at most limit of them.
	Read(topic string, after uint64, limit int) ([]Spooled, error)

	// Remove forgets the events of a topic with a Seq up to through.
	Remove(topic string, through uint64) error

	// Finish forgets that operations were started. Those that were not are no
	// error.
	Finish(operations ...string) error

	// Unfinished returns the events that started the operations that nobody has
	// finished, in order of Seq, also those that Remove has forgotten and Append
	// has dropped.
	Unfinished() ([]Spooled, error)

	// Backlog says what is in the spool.
	Backlog() (Backlog, error)

	// Close releases the spool for others. Closing it again does nothing.
	Close() error
}

// PagedSpool is what a Spool can be, so that never all unfinished operations are in memory
// at once. Of one that is not, Unfinished is called.
type PagedSpool interface {
	Spool

	// UnfinishedAfter returns the events of Unfinished with an Operation that comes
	// after this one, byte by byte, in that order, and at most limit of them; fewer
	// only if there are no more. After "" come all.
	UnfinishedAfter(operation string, limit int) ([]Spooled, error)
}

// RejectingSpool is what a Spool can be, so that nothing is thrown away that a publisher
// finds there and does not send: what is no event, or is in the topic of others.
type RejectingSpool interface {
	Spool

	// Reject keeps events for people to look into, each with the reason. The
	// publisher removes them then; until that, Read may return them.
	Reject(events []Spooled, reasons []error) error
}

// Spooled is an event in a spool.
type Spooled struct {
	Seq   uint64 // in the order in which events were accepted; 1 is the first
	Topic string
	Key   []byte    // of the record
	Value []byte    // the encoded envelope
	At    time.Time // when it was accepted

	// Headers are those of the record, in order; nil if it has none.
	Headers []kgo.RecordHeader

	// Operation, if not "", says that the event starts the operation of this
	// id, which is to be reported as lost if nobody finishes it.
	Operation string

	// Finishes, if not "", says that the event ends the operation of this id,
	// as if it was given to Finish; Read need not return it.
	Finishes string
}

// Backlog is what a spool holds.
type Backlog struct {
	LastSeq uint64         // the highest that any event ever had, removed ones included
	Bytes   int64          // of the events and the unfinished operations, as the spool's bound counts them
	Topics  []TopicBacklog // those with events, in order of name
}

// TopicBacklog is what a spool holds of one topic.
type TopicBacklog struct {
	Topic         string
	Events, Bytes int64
	FirstSeq      uint64
	Oldest        time.Time // when the event of FirstSeq was accepted
}
