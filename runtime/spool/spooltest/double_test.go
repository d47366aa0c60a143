package spooltest

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"syscall"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// double is a spool in memory with at most one fault.
type double struct {
	*content
	closed bool
}

var errClosed = errors.New("closed")

// enter locks the content, unless the spool is closed.
func (d *double) enter() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return errClosed
	}
	return nil
}

func (d *double) Append(events []onex.Spooled) (dropped []onex.Spooled, err error) {
	d.inAppend.Add(1)
	defer d.inAppend.Add(-1)
	for i := 0; i < 1000 && d.inAppend.Load() == 1; i++ {
		runtime.Gosched()
	}
	if d.inAppend.Load() > 1 {
		d.overlap.Store(true)
		if d.fault == "loses what is appended at once" {
			return nil, nil
		}
	}
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	before := d.model.clone()
	for i, e := range events {
		if d.full && d.fault != "appends half when the disk is full" || d.full && i == 2 {
			return nil, d.diskFull()
		}
		if e.Seq == 0 || e.Topic == "" {
			if d.fault != "appends what comes before an error" {
				d.model = before
			}
			return nil, errors.New("no Seq or no Topic")
		}
		if stored, ok := d.changed(e); ok {
			d.model.put(stored)
		}
	}
	return d.trim(events)
}

func (d *double) diskFull() error {
	if d.fault == "does not say that the disk is full" {
		return errors.New("disk full")
	}
	return syscall.ENOSPC
}

// changed is what a faulty spool makes of an event that it is given.
func (d *double) changed(e onex.Spooled) (_ onex.Spooled, ok bool) {
	known, again := d.model.events[idOf(e)]
	switch d.fault {
	case "ignores what comes again":
		return e, !again
	case "keeps the value when an event comes again":
		if again {
			e.Value = known.Value
		}
	case "stores what comes again twice":
		for again {
			e.Seq += 1000
			_, again = d.model.events[idOf(e)]
		}
	case "replaces the same Seq in other topics":
		for i := range d.model.events {
			if i.seq == e.Seq {
				delete(d.model.events, i)
			}
		}
	case "refuses lower Seqs":
		return e, e.Seq > d.model.last
	case "refuses what is lower than what was removed":
		return e, e.Seq > d.heads[e.Topic]
	case "loses a late one of many":
		return e, again || len(d.model.events) != 15 || e.Seq > d.model.last
	case "forgets the key":
		e.Key = nil
	case "forgets the headers":
		e.Headers = nil
	case "makes no key an empty one":
		e.Key = append([]byte{}, e.Key...)
	case "cuts the value":
		e.Value = e.Value[:min(len(e.Value), 1<<15)]
	case "writes into the value":
		copy(e.Value, "[")
	case "forgets when an event was accepted":
		e.At = e.At.Truncate(60e9)
	case "ignores Operation":
		e.Operation = ""
	case "ignores Finishes":
		e.Finishes = ""
	case "finishes what an event starts":
		if e.Finishes == "" {
			e.Finishes = e.Operation
		}
	}
	return e, true
}

func (d *double) Read(topic string, after uint64, limit int) ([]onex.Spooled, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	is := func(t string) bool { return t == topic }
	switch d.fault {
	case "Read ignores the limit":
		limit = 1 << 30
	case "Read returns one at least":
		limit = max(limit, 1)
	case "Read returns one too few":
		limit = max(limit-1, 0)
	case "Read takes after with it":
		after = max(after, 1) - 1
	case "Read wraps around":
		if after++; after > 0 {
			after--
		}
	case "Read ignores the topic":
		is = func(string) bool { return true }
	case "Read takes topics that begin alike":
		is = func(t string) bool { return strings.HasPrefix(t, topic) }
	}
	events := d.model.where(func(e onex.Spooled) bool { return is(e.Topic) && e.Seq > after })
	events = events[:min(len(events), limit)]
	switch {
	case d.fault == "Read loses the order":
		slices.Reverse(events)
	case d.fault == "Read of an unknown topic is an error" && len(events) == 0 && d.model.last > 0:
		return nil, errors.New("no such topic")
	}
	return events, nil
}

func (d *double) Remove(topic string, through uint64) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	before := d.model.clone()
	switch d.fault {
	case "Remove goes one too far":
		through = max(through, through+1)
	case "Remove stops one too early":
		if through < 1<<63 {
			through--
		}
	case "Remove does nothing":
		return nil
	case "Remove leaves the first":
		if all := d.model.topic(topic); len(all) > 0 && through < 1<<63 {
			defer d.model.put(all[0])
		}
	case "Remove wipes what it removes":
		for _, e := range d.model.topic(topic) {
			if e.Seq <= through {
				clear(e.Value)
			}
		}
	case "Remove takes all topics":
		for _, t := range d.model.backlog().Topics {
			d.model.remove(t.Topic, through)
		}
	case "Remove finishes the operations":
		for _, e := range d.model.topic(topic) {
			if e.Seq <= through {
				d.model.finish(e.Operation)
			}
		}
	case "Remove of what is not there is an error":
		if len(d.model.topic(topic)) == 0 {
			return errors.New("not there")
		}
	}
	d.model.remove(topic, through)
	if through < 1<<63 {
		d.heads[topic] = max(d.heads[topic], through)
	}
	if d.fault == "Remove forgets the last Seq" {
		d.forgetLast()
	}
	if d.full {
		if d.fault != "Remove fails and removes" {
			d.model = before
		}
		return d.diskFull()
	}
	return nil
}

func (d *double) Finish(operations ...string) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	switch d.fault {
	case "Finish is forgotten":
		return nil
	case "Finish takes the first alone":
		operations = operations[:min(len(operations), 1)]
	case "Finish of what was not started is an error":
		for _, o := range operations {
			if _, ok := d.model.unfinished[o]; !ok {
				return errors.New("not started")
			}
		}
	case "Finish stops at what was not started":
		for i, o := range operations {
			if _, ok := d.model.unfinished[o]; !ok {
				operations = operations[:i]
				break
			}
		}
	case "Finish removes the event":
		for _, o := range operations {
			d.model.take(d.model.unfinished[o])
		}
	}
	if d.full {
		if d.fault == "Finish fails and finishes" {
			d.model.finish(operations...)
		}
		return d.diskFull()
	}
	d.model.finish(operations...)
	return nil
}

func (d *double) Unfinished() ([]onex.Spooled, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	started := d.model.started()
	switch d.fault {
	case "Unfinished loses the order":
		slices.Reverse(started)
	case "Unfinished knows only what is there":
		started = slices.DeleteFunc(started, func(e onex.Spooled) bool {
			_, ok := d.model.events[idOf(e)]
			return !ok
		})
	}
	return started, nil
}

func (d *double) UnfinishedAfter(operation string, limit int) ([]onex.Spooled, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	started := slices.SortedFunc(maps.Values(d.model.unfinished), func(x, y onex.Spooled) int { return strings.Compare(x.Operation, y.Operation) })
	started = slices.DeleteFunc(started, func(e onex.Spooled) bool {
		return e.Operation < operation || e.Operation == operation && d.fault != "a page begins with the one before"
	})
	switch d.fault {
	case "a page ignores the limit":
		limit = hasNone
	case "a page has one too few":
		limit = max(limit-1, 0)
	case "a page loses the order":
		slices.SortStableFunc(started, bySeq)
	}
	return started[:min(limit, len(started))], nil
}

func (d *double) Reject(events []onex.Spooled, _ []error) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	switch d.fault {
	case "Reject removes":
		for _, e := range events {
			d.model.take(e)
		}
	case "Reject finishes":
		for _, e := range events {
			d.model.finish(e.Operation)
		}
	}
	return nil
}

func (d *double) Backlog() (onex.Backlog, error) {
	if err := d.enter(); err != nil {
		return onex.Backlog{}, err
	}
	defer d.mu.Unlock()
	b := d.model.backlog()
	for i, t := range b.Topics {
		for _, e := range d.model.topic(t.Topic) {
			b.Topics[i].Bytes += size(e)
			switch {
			case d.fault == "Backlog has the Seq of the last":
				b.Topics[i].FirstSeq = e.Seq
			case d.fault == "Backlog has the time of the oldest" && e.At.Before(b.Topics[i].Oldest):
				b.Topics[i].Oldest = e.At
			}
		}
		if d.fault == "Backlog counts an event too many" {
			b.Topics[i].Events++
		}
		b.Bytes += b.Topics[i].Bytes
	}
	switch d.fault {
	case "Backlog has no LastSeq":
		b.LastSeq = 0
	case "Backlog counts no bytes":
		b.Bytes = 0
	case "Backlog loses the order":
		slices.Reverse(b.Topics)
	case "Backlog keeps a topic without events":
		if len(b.Topics) > 0 {
			b.Topics = append(b.Topics, onex.TopicBacklog{Topic: "z"})
		}
	}
	return b, nil
}

func (d *double) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed && d.fault == "a second Close is an error":
		return errClosed
	case d.closed && d.fault == "a second Close forgets":
		d.model = newModel(d.model.last)
	case d.fault == "Close drops the last event", d.fault == "Close drops the last of several goroutines" && d.overlap.Load():
		if all := d.model.all(); len(all) > 0 {
			d.model.take(all[len(all)-1])
		}
	}
	d.closed = true
	return nil
}

// FillDisk implements [Filler].
func (d *double) FillDisk() (free func()) {
	set := func(full bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.full = full
	}
	set(true)
	return func() { set(false) }
}
