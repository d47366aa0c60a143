package delivery

import "slices"

// Event is one accepted event. A publisher may hold many, so it is nothing but
// what is sent, and what keeps it in its place.
type Event struct {
	Seq    uint64 // in the order of acceptance, over all topics; 1 is the first
	Record []byte // the encoded envelope, behind it the record's key, and behind that its headers
	Extra  *Extra // what few events have; nil for most

	topic *Topic
	links *links // in the queue of those that may have to make room; nil if it is in none

	KeyLen     uint16
	HeadersLen uint16
	Rank       Rank

	// Durable: its publisher waits until it is on disk, and refuses it rather
	// than have it in memory only.
	Durable bool

	onDisk bool
	past   past
}

// past is what has become of an event.
type past uint8

const (
	isHere       past = iota
	wasEvicted        // from disk, so that no copy of it stays there
	hasLeft           // it has arrived, or is lost
	wasWithdrawn      // it was not accepted after all
)

// links are an event's neighbours in a queue.
type links struct{ prev, next *Event }

// Extra is what few events have.
type Extra struct {
	// An operation that was begun by a durable event is known on disk by that
	// event's id, and to its last event by a key that both have.
	Operation    string // the key, if the event begins or ends an operation
	Starts, Ends string // the id

	// Attached is the owner's; the machine does not look at it.
	Attached any
}

// Value is the encoded envelope.
func (e *Event) Value() []byte {
	end := e.size() - int64(e.HeadersLen) - int64(e.KeyLen)
	return e.Record[:end:end]
}

// Key is the record's key.
func (e *Event) Key() []byte {
	end := e.size() - int64(e.HeadersLen)
	return e.Record[end-int64(e.KeyLen) : end : end]
}

// Headers are the record's headers, encoded.
func (e *Event) Headers() []byte { return e.Record[e.size()-int64(e.HeadersLen):] }

func (e *Event) size() int64 { return int64(len(e.Record)) }

// needsDisk: it goes to Kafka from the disk, since it is durable or ends what a
// durable one has begun.
func (e *Event) needsDisk() bool { return e.Durable || e.ends() != "" }

func (e *Event) ends() string {
	if e.Extra == nil {
		return ""
	}
	return e.Extra.Ends
}

// isSafe notes that an event is on disk: nobody waits for that any more, and what it
// says of an operation is there with it.
func (e *Event) isSafe() {
	e.onDisk, e.Durable = true, false
	if e.Extra != nil {
		e.Extra.Operation, e.Extra.Starts, e.Extra.Ends = "", "", ""
	}
}

// Rank says which events go first when there is no room for all.
type Rank uint8

const (
	RankMetric Rank = iota
	RankState
	RankStarted
	RankEnded // completed and failed
	ranks
)

// tally is a number of events, and their bytes.
type tally struct {
	events int
	bytes  int64
}

func (t *tally) add(e *Event)      { t.events, t.bytes = t.events+1, t.bytes+e.size() }
func (t *tally) subtract(e *Event) { t.events, t.bytes = t.events-1, t.bytes-e.size() }

func compareSeq(a, b *Event) int {
	switch {
	case a.Seq < b.Seq:
		return -1
	case a.Seq > b.Seq:
		return 1
	}
	return 0
}

// has tells whether an event is among others, which are in order of Seq.
func has(events []*Event, e *Event) bool {
	_, found := slices.BinarySearchFunc(events, e, compareSeq)
	return found
}

// merge returns the events of both, by Seq, in a slice of its own.
func merge(a, b []*Event) []*Event {
	merged := append(append(make([]*Event, 0, len(a)+len(b)), a...), b...)
	if len(a) > 0 && len(b) > 0 && a[len(a)-1].Seq > b[0].Seq {
		slices.SortFunc(merged, compareSeq)
	}
	return merged
}

// cutAt takes the event at i out, moving the shorter side.
func cutAt(events []*Event, i int) []*Event {
	if i > len(events)/2 {
		return slices.Delete(events, i, i+1)
	}
	copy(events[1:i+1], events[:i])
	events[0] = nil
	return events[1:]
}

// queue has, in order of Seq, the events of one rank that may have to make room.
type queue struct {
	tally
	first, last *Event
}

// put adds an event where it belongs, which is at the end for a new one; hint is
// an event of the queue that is not behind it, or nil. It returns the event, as
// the next one's hint.
func (q *queue) put(e, hint *Event) *Event {
	before := q.last
	if before != nil && before.Seq > e.Seq {
		before = hint
		next := q.first
		if before != nil {
			next = before.links.next
		}
		for next != nil && next.Seq < e.Seq {
			before, next = next, next.links.next
		}
	}
	e.links = &links{prev: before}
	if before == nil {
		e.links.next, q.first = q.first, e
	} else {
		e.links.next, before.links.next = before.links.next, e
	}
	if e.links.next == nil {
		q.last = e
	} else {
		e.links.next.links.prev = e
	}
	q.add(e)
	return e
}

func (q *queue) remove(e *Event) {
	l := e.links
	if l.prev == nil {
		q.first = l.next
	} else {
		l.prev.links.next = l.next
	}
	if l.next == nil {
		q.last = l.prev
	} else {
		l.next.links.prev = l.prev
	}
	e.links = nil
	q.subtract(e)
}
