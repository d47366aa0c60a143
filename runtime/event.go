package onex

import "context"

// event is one on its way to Kafka. A publisher may hold many, so it is nothing
// but what is sent, and what keeps it in its place.
type event struct {
	next   *event // in its list
	seq    uint64 // in the order of acceptance, over all topics
	record []byte // the encoded envelope, and behind it the record's key
	keyLen uint32
	onDisk bool // it is in the spool, and counts as spooled
	extra  bool // the intake has an extra for it
	rank   rank // of no meaning if it has come from the spool, where none has to make room
}

func newEvent(value []byte, key string) *event {
	record := make([]byte, 0, len(value)+len(key))
	return &event{record: append(append(record, value...), key...), keyLen: uint32(len(key))}
}

func (e *event) value() []byte {
	return e.record[: len(e.record)-int(e.keyLen) : len(e.record)-int(e.keyLen)]
}
func (e *event) key() []byte { return e.record[len(e.record)-int(e.keyLen):] }
func (e *event) size() int64 { return int64(len(e.record)) }

// extra is what few events have.
type extra struct {
	ctx     context.Context // for the client's hooks
	durable chan error      // told once when the event is on disk, or cannot be

	// An operation that was started by a durable event is known in the spool
	// by that event's id, and to its last event by its key.
	operation    string // key, if the event starts or ends an operation
	starts, ends string // the id
}

func (x *extra) isEmpty() bool { return *x == extra{} }

// rank says which events go first when there is no room for all.
type rank uint8

const (
	rankMetric rank = iota
	rankState
	rankStarted
	rankEnded // completed and failed
	ranks
)

// list is a queue of events.
type list struct {
	head, tail *event
	n          int
	bytes      int64
}

// push adds an event at the end.
func (l *list) push(e *event) {
	e.next = nil
	if l.tail == nil {
		l.head = e
	} else {
		l.tail.next = e
	}
	l.tail = e
	l.n++
	l.bytes += e.size()
}

// pop takes the first event, nil if there is none.
func (l *list) pop() *event {
	e := l.head
	if e == nil {
		return nil
	}
	if l.head = e.next; l.head == nil {
		l.tail = nil
	}
	e.next = nil
	l.n--
	l.bytes -= e.size()
	return e
}

// follow puts the events of another list in front.
func (l *list) follow(front list) {
	if front.n == 0 {
		return
	}
	front.tail.next = l.head
	if l.tail == nil {
		l.tail = front.tail
	}
	l.head = front.head
	l.n += front.n
	l.bytes += front.bytes
}
