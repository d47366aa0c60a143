package onex

// queue has the pending events of a lane, in the order in which they were
// accepted, and those of each rank, so that the least important can make room.
type queue struct {
	ranked [ranks]list // each in that order
	n      int
}

// push adds an event at the end.
func (q *queue) push(e *event) {
	q.ranked[e.rank].push(e)
	q.n++
}

// pop takes the first event of a rank.
func (q *queue) pop(r rank) *event {
	e := q.ranked[r].pop()
	if e != nil {
		q.n--
	}
	return e
}

// first returns the rank of the first event of a queue that is not empty.
func (q *queue) first() (first rank) {
	var lowest *event
	for r := range ranks {
		if e := q.ranked[r].head; e != nil && (lowest == nil || e.seq < lowest.seq) {
			first, lowest = r, e
		}
	}
	return first
}

// take takes the first events, at most so many.
func (q *queue) take(limit int) []*event {
	events := make([]*event, 0, min(limit, q.n))
	for len(events) < limit && q.n > 0 {
		events = append(events, q.pop(q.first()))
	}
	return events
}

// putBack puts events in front of all others, in their order.
func (q *queue) putBack(events []*event) {
	var front queue
	for _, e := range events {
		front.push(e)
	}
	for r := range ranks {
		q.ranked[r].follow(front.ranked[r])
	}
	q.n += front.n
}
