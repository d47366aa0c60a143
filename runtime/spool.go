package onex

import (
	"errors"
	"time"
)

// Spooled is an event in a spool.
type Spooled struct {
	Seq   uint64 // in the order in which events were accepted; 1 is the first
	Topic string
	Key   []byte    // of the record
	Value []byte    // the encoded envelope
	At    time.Time // when it came into the spool

	// Operation, if it is not "", says that the event starts an operation of
	// this name, which is to be reported as lost if nobody finishes it.
	Operation string

	// Finishes, if it is not "", says that the event ends the operation.
	Finishes string
}

// Spool keeps events on stable storage. Its methods are called by one
// goroutine at a time. A publisher calls Backlog and Unfinished before anything
// else, and Close last.
type Spool interface {
	// Append puts events on stable storage, all or none: when it returns nil,
	// they survive the process and the machine. An event whose Topic and Seq
	// are there already takes the other one's place. It returns the events that
	// were dropped because there was no room for them any more, or because they
	// were too old; without events to append, only the latter.
	Append(events []Spooled) (dropped []Spooled, err error)

	// Read returns the events of a topic whose Seq is greater than after, in
	// the order of Seq, at most limit of them; fewer only if there are no more.
	Read(topic string, after uint64, limit int) ([]Spooled, error)

	// Remove forgets the events of a topic whose Seq is at most through.
	Remove(topic string, through uint64) error

	// Finish forgets that operations were started.
	Finish(operations ...string) error

	// Unfinished returns the events with an Operation that nobody has finished,
	// those too that have been removed meanwhile.
	Unfinished() ([]Spooled, error)

	// Backlog says what is in the spool.
	Backlog() (Backlog, error)

	// Close releases the spool. Closing it twice is no error.
	Close() error
}

// Backlog is what is in a spool.
type Backlog struct {
	LastSeq uint64 // the highest that was ever appended
	Bytes   int64
	Topics  []TopicBacklog
}

// TopicBacklog is what a spool has of one topic.
type TopicBacklog struct {
	Topic    string
	Events   int64
	Bytes    int64
	FirstSeq uint64
	Oldest   time.Time
}

// ErrNoSpool is the answer to a durable event where [Config] has no spool.
var ErrNoSpool = errors.New("there is no spool for a durable event; set Config.Spool")
