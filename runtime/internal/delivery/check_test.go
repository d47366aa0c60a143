package delivery

import (
	"errors"
	"fmt"
	"slices"
)

// Check says which of the machine's invariants do not hold. It counts everything
// anew.
func (m *Machine) Check() error {
	err := m.holds()
	var held tally
	var open int
	var spooled int64
	var listed int
	for r := range m.droppable {
		q := &m.droppable[r]
		var seen tally
		for e := q.first; e != nil; e = e.links.next {
			if e.links.next != nil && e.links.next.Seq <= e.Seq || e.links.next == nil && q.last != e {
				err = errors.Join(err, fmt.Errorf("the queue of rank %d is not in order at %d", r, e.Seq))
			}
			seen.add(e)
			listed++
		}
		if seen != q.tally {
			err = errors.Join(err, fmt.Errorf("the queue of rank %d has %v and says %v", r, seen, q.tally))
		}
	}
	for _, t := range m.all {
		err = errors.Join(err, t.check(m, &listed))
		held.events, held.bytes = held.events+t.held.events, held.bytes+t.held.bytes
		spooled += t.unread + int64(t.loaded())
		if t.group != nil {
			open++
		}
		if t.burying != nil {
			open++
		}
	}
	if listed != 0 {
		err = errors.Join(err, fmt.Errorf("%d more events may make room than wait", listed))
	}
	if held.bytes > m.held.bytes || held.events > m.held.events || open != m.open || spooled != m.ledger.Spooled {
		err = errors.Join(err, fmt.Errorf("held %v, %d sent, %d spooled, and the machine says %v, %d, %d", held, open, spooled, m.held, m.open, m.ledger.Spooled))
	}
	var lost int64
	for _, n := range m.lost {
		lost += n
	}
	if lost != m.ledger.Lost {
		err = errors.Join(err, fmt.Errorf("%d events lost, by reason %v", m.ledger.Lost, m.lost))
	}
	return err
}

// inMemory calls f with each event of a topic that is in memory.
func (t *Topic) inMemory(f func(*Event)) {
	for _, events := range [][]*Event{t.waiting, t.writing} {
		for _, e := range events {
			f(e)
		}
	}
	if t.group != nil {
		for _, e := range t.group.undelivered() {
			f(e)
		}
	}
	for _, l := range t.letters {
		f(l.Event)
	}
}

// loaded returns how many events are in memory and on disk.
func (t *Topic) loaded() (n int) {
	t.inMemory(func(e *Event) {
		if e.onDisk {
			n++
		}
	})
	return n
}

func (t *Topic) check(m *Machine, listed *int) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(t.Name+": "+format, args...)) }
	var unstored, needsDisk int
	var held tally
	var droppable [ranks]tally
	for i, e := range t.waiting {
		if i > 0 && t.waiting[i-1].Seq >= e.Seq {
			fault("%d waits behind %d", e.Seq, t.waiting[i-1].Seq)
		}
		if e.onDisk {
			continue
		}
		unstored++
		if e.needsDisk() {
			needsDisk++
		}
		if (e.links != nil) != (m.cfg.DropOldest && !e.needsDisk()) {
			fault("%d may make room: %v", e.Seq, e.links != nil)
		}
		if e.links != nil {
			droppable[e.Rank].add(e)
			*listed--
		}
	}
	t.inMemory(func(e *Event) {
		if !e.onDisk {
			held.add(e)
		} else if e.Seq >= t.barrier() && t.group != nil && slices.Contains(t.group.Events, e) {
			fault("%d was sent, and %d is on disk", e.Seq, t.barrier())
		}
		if e.topic != t {
			fault("%d is another topic's", e.Seq)
		}
	})
	switch {
	case unstored != t.unstored || needsDisk != t.needsDisk:
		fault("%d unstored, %d for the disk, and it says %d, %d", unstored, needsDisk, t.unstored, t.needsDisk)
	case held.events > t.held.events || held.bytes > t.held.bytes: // it also has losses that are yet to be reported
		fault("held %v, and it says %v", held, t.held)
	case droppable != t.droppable:
		fault("droppable %v, and it says %v", droppable, t.droppable)
	case t.unread < 0 || !slices.IsSorted(t.gone) || (t.op == storing) != (len(t.writing)+len(t.copying) > 0):
		fault("unread %d, gone %v, writing %d in state %d", t.unread, t.gone, len(t.writing), t.op)
	case t.group != nil && len(t.group.Events) > 1 && t.proven != t.group.client:
		fault("a group of %d without a proof", len(t.group.Events))
	}
	return errors.Join(faults...)
}
