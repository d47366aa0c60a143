package onex

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// disk carries out what the machine wants of the spool. It is one goroutine, so
// that nobody but it waits for the disk; what is to be written meanwhile goes
// there together.
type disk struct {
	spool Spool
	shell *shell
	check func(Spooled) error // says why a row is not to be sent
	idle  func()              // is called whenever there is nothing else to do

	refused error                     // the spool's last answer to what was to be written
	hung    chan error                // answers what has taken too long; nil while nothing has
	late    func(m *delivery.Machine) // tells the machine that what was asked for is done
	hurried chan struct{}             // closed when nobody can wait for long any more
	holds   atomic.Pointer[Backlog]   // what the spool held when it was asked last

	todo  chan []delivery.Effect // is taken when the last has been done
	ended chan struct{}
}

// expiry is how often a spool in which nothing happens is asked to drop what
// is too old, which also shows whether it is still there.
const expiry = 5 * time.Second

func newDisk(spool Spool, s *shell, check func(Spooled) error) *disk {
	return &disk{spool: spool, shell: s, check: check, hurried: make(chan struct{}), todo: make(chan []delivery.Effect), ended: make(chan struct{})}
}

// hurry says that whoever waits for the disk has no time left.
func (d *disk) hurry() { close(d.hurried) }

// end ends the goroutine, to which nothing more may be given.
func (d *disk) end() {
	close(d.todo)
	<-d.ended
}

// close closes the spool. One that hangs is closed when it answers again.
func (d *disk) close() error {
	isHung := d.hung != nil
	err := d.call("close the spool", false, 0, d.spool.Close, nil)
	if isHung && errors.Is(err, delivery.ErrHangs) {
		go guest.Apart(func() { _ = d.spool.Close() })
	}
	return err
}

func (d *disk) run() {
	defer close(d.ended)
	ticker := time.NewTicker(expiry)
	defer ticker.Stop()
	for {
		select {
		case todo, ok := <-d.todo:
			if !ok {
				return
			}
			d.carryOut(todo)
		case err := <-d.hung:
			d.answers(err)
		case <-ticker.C:
			d.store(nil)
			d.measure()
		}
		d.idle()
	}
}

// carryOut does all that is to be done. The machine wants one thing at a time of
// each topic, so everything that is to be written can be written first, at once.
func (d *disk) carryOut(todo []delivery.Effect) {
	var stores []delivery.Store
	for _, x := range todo {
		if s, ok := x.(delivery.Store); ok {
			stores = append(stores, s)
		}
	}
	if len(stores) > 0 {
		d.store(stores)
	}
	for _, x := range todo {
		switch x := x.(type) {
		case delivery.Load:
			d.load(x)
		case delivery.Remove:
			err := d.call("remove from the spool", true, 0, func() error { return d.spool.Remove(x.Topic.Name, x.Through) }, nil)
			if err != nil {
				d.shell.reporter.warn("delivered events cannot be removed from the spool", "topic", x.Topic.Name, "error", err)
			}
			d.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Removed(x, err, now) })
		case delivery.Finish:
			err := d.call("finish operations in the spool", true, 0, func() error { return d.spool.Finish(x.Operations...) }, nil)
			if err != nil {
				d.shell.reporter.warn("the end of operations cannot be noted in the spool", "operations", len(x.Operations), "error", err)
			}
			d.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Finished(err, now) })
		}
	}
}

// measure finds out what the spool holds, for [Stats]: who wants those must not wait
// for a disk.
func (d *disk) measure() {
	var b Backlog
	err := d.call("ask for the backlog", false, 0, func() (err error) {
		b, err = d.spool.Backlog()
		return err
	}, nil)
	if err == nil {
		d.holds.Store(&b)
	}
}

// store puts events on disk, or only has the spool drop what is too old.
func (d *disk) store(stores []delivery.Store) {
	d.shell.reporter.waitForRoom() // for what the spool will drop
	var events []Spooled
	var bytes int64
	at := time.Now()
	for _, s := range stores {
		for _, e := range s.Events {
			row := Spooled{Seq: e.Seq, Topic: s.Topic.Name, Key: e.Key(), Value: e.Value(), At: at, Headers: headersOf(e)}
			if e.Extra != nil {
				row.Operation, row.Finishes = e.Extra.Starts, e.Extra.Ends
			}
			events = append(events, row)
			bytes += int64(len(row.Key) + len(row.Value))
		}
	}
	var rows []Spooled
	dropped := func(m *delivery.Machine) (dropped []delivery.Dropped) {
		for _, row := range rows {
			dropped = append(dropped, delivery.Dropped{Topic: m.Topic(row.Topic), Event: eventOf(row)})
		}
		return dropped
	}
	// Where there is nothing to write, a full disk does not show.
	writes := len(events) > 0 || errors.Is(d.refused, fs.ErrNotExist)
	d.refused = d.call("write to the spool", writes, bytes, func() (err error) {
		rows, err = d.spool.Append(events)
		return err
	}, func(m *delivery.Machine) { m.Awake(stores, dropped(m)) })
	if d.refused != nil {
		rows = nil
		d.shell.reporter.warn("events cannot be written to the spool", "events", len(events), "error", d.refused)
	}
	d.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Stored(stores, dropped(m), d.refused, now) })
}

func (d *disk) load(x delivery.Load) {
	var rows []Spooled
	err := d.call("read from the spool", false, 0, func() (err error) {
		rows, err = d.spool.Read(x.Topic.Name, x.After, x.Limit)
		return err
	}, nil)
	var foreign map[uint64]error
	if err == nil {
		foreign, err = d.reject(rows)
	}
	if err != nil {
		d.shell.reporter.warn("events cannot be read from the spool", "topic", x.Topic.Name, "error", err)
		rows = nil
	}
	events := make([]*delivery.Event, len(rows))
	for i, row := range rows {
		events[i] = eventOf(row)
	}
	d.shell.tell(func(m *delivery.Machine, now delivery.Time) {
		m.Loaded(x, events, err, now)
		for _, e := range events {
			if why := foreign[e.Seq]; why != nil {
				m.Discard(e, why)
			}
		}
	})
}

// reject finds what is not fit to be sent, and has the spool keep it for people to look
// into.
func (d *disk) reject(rows []Spooled) (foreign map[uint64]error, err error) {
	var rejected []Spooled
	var reasons []error
	for _, row := range rows {
		if why := d.check(row); why != nil {
			rejected, reasons = append(rejected, row), append(reasons, why)
		}
	}
	if len(rejected) == 0 {
		return nil, nil
	}
	foreign = map[uint64]error{}
	for i, row := range rejected {
		foreign[row.Seq] = reasons[i]
	}
	if keeper, ok := d.spool.(RejectingSpool); ok {
		err = d.call("keep rejected events", true, 0, func() error { return keeper.Reject(rejected, reasons) }, nil)
	}
	return foreign, err
}

// eventOf makes an event of what was read. One that nobody has published, since its key
// or its headers are too long, loses them; it is going to be rejected.
func eventOf(row Spooled) *delivery.Event {
	if !hasRoomFor(row) {
		row.Key, row.Headers = nil, nil
	}
	record := make([]byte, 0, len(row.Value)+len(row.Key))
	record = append(append(record, row.Value...), row.Key...)
	size := len(record)
	for _, h := range row.Headers {
		record = encode.AppendHeader(record, h.Key, h.Value)
	}
	return &delivery.Event{Seq: row.Seq, Record: record, KeyLen: uint16(len(row.Key)), HeadersLen: uint16(len(record) - size)}
}

// hasRoomFor tells whether an event can have such a key and such headers.
func hasRoomFor(row Spooled) bool {
	size := 0
	for _, h := range row.Headers {
		size += len(h.Key) + len(h.Value) + 2*binary.MaxVarintLen32
	}
	return len(row.Key) <= math.MaxUint16 && size <= math.MaxUint16
}

// attached is what the publisher keeps with few events.
type attached struct {
	ctx     context.Context // for the client's hooks
	durable chan error      // told once when the event is on disk, or cannot be
}

func attachedTo(e *delivery.Event) *attached {
	if e.Extra == nil {
		return nil
	}
	a, _ := e.Extra.Attached.(*attached)
	return a
}

// How long the spool may take for anything, and when nobody can wait for long any more;
// and in addition, how many bytes it has to write in a second.
const (
	diskPatience    = 5 * time.Second
	closingPatience = 2 * time.Second
	slowestDisk     = 8 << 20
)

// call asks the spool for something, which may be of the program's own making. A spool
// that does not answer in time is left alone until it does; meanwhile the answer is
// [delivery.ErrHangs], at once. If it turns out to be done then, late is called.
func (d *disk) call(what string, writes bool, bytes int64, ask func() error, late func(*delivery.Machine)) error {
	if d.hung != nil {
		select {
		case err := <-d.hung:
			d.answers(err)
		default:
			return fmt.Errorf("%s: %w", what, delivery.ErrHangs)
		}
	}
	end := d.shell.health.Disk(what, writes)
	answer := make(chan error, 1)
	go func() {
		var err error
		if failure := guest.Apart(func() { guest.Within(func() { err = ask() }) }); failure != nil {
			err = failure
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", what, guest.Tame(err))
		}
		end(err)
		answer <- err
	}()
	begun := time.Now()
	more := time.Duration(bytes * int64(time.Second) / slowestDisk)
	patience, hurried := time.NewTimer(diskPatience+more), d.hurried
	defer patience.Stop()
	for {
		select {
		case err := <-answer:
			return err
		case <-hurried:
			hurried = nil
			patience.Reset(min(diskPatience+more-time.Since(begun), closingPatience+more))
		case <-patience.C:
			d.hung, d.late = answer, late
			d.shell.reporter.warn("the spool does not answer", "what", what, "for", time.Since(begun).Round(time.Millisecond))
			return fmt.Errorf("%s: %w", what, delivery.ErrHangs)
		}
	}
}

// answers notes that the spool answers again.
func (d *disk) answers(err error) {
	late := d.late
	d.hung, d.late = nil, nil
	d.shell.reporter.warn("the spool answers again", "error", err)
	if err != nil || late == nil {
		late = func(m *delivery.Machine) { m.Awake(nil, nil) }
	}
	d.shell.tell(func(m *delivery.Machine, _ delivery.Time) { late(m) })
}
