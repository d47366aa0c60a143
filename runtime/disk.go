package onex

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

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

	mu     sync.Mutex
	todo   []delivery.Effect
	closed bool
	woken  chan struct{} // has room for one
	ended  chan struct{}
}

// expiry is how often a spool in which nothing happens is asked to drop what
// is too old.
const expiry = time.Minute

func newDisk(spool Spool, s *shell) *disk {
	return &disk{spool: spool, shell: s, woken: make(chan struct{}, 1), ended: make(chan struct{})}
}

func (d *disk) do(x delivery.Effect) {
	d.mu.Lock()
	d.todo = append(d.todo, x)
	d.mu.Unlock()
	d.wake()
}

func (d *disk) wake() {
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

// close ends the goroutine once it has done what there is to do.
func (d *disk) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.wake()
	<-d.ended
}

func (d *disk) take() (todo []delivery.Effect, closed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	todo, d.todo = d.todo, nil
	return todo, d.closed
}

func (d *disk) run() {
	defer close(d.ended)
	ticker := time.NewTicker(expiry)
	defer ticker.Stop()
	for {
		select {
		case <-d.woken:
		case <-ticker.C:
			d.store(nil)
		}
		for {
			todo, closed := d.take()
			if len(todo) == 0 && closed {
				return
			}
			if len(todo) == 0 {
				break
			}
			d.carryOut(todo)
		}
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
			err := d.try("remove from the spool", func() error { return d.spool.Remove(x.Topic.Name, x.Through) })
			if err != nil {
				d.shell.reporter.warn("delivered events cannot be removed from the spool", "topic", x.Topic.Name, "error", err)
			}
			d.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Removed(x, err, now) })
		case delivery.Finish:
			err := d.try("finish operations in the spool", func() error { return d.spool.Finish(x.Operations...) })
			if err != nil {
				d.shell.reporter.warn("the end of operations cannot be noted in the spool", "operations", len(x.Operations), "error", err)
			}
			d.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Finished(err, now) })
		}
	}
}

// store puts events on disk, or only has the spool drop what is too old.
func (d *disk) store(stores []delivery.Store) {
	d.shell.reporter.waitForRoom() // for what the spool will drop
	var events []Spooled
	at := time.Now()
	for _, s := range stores {
		for _, e := range s.Events {
			row := Spooled{Seq: e.Seq, Topic: s.Topic.Name, Key: e.Key(), Value: e.Value(), At: at, Headers: headersOf(e)}
			if e.Extra != nil {
				row.Operation, row.Finishes = e.Extra.Starts, e.Extra.Ends
			}
			events = append(events, row)
		}
	}
	var rows []Spooled
	err := d.try("write to the spool", func() (err error) {
		rows, err = d.spool.Append(events)
		return err
	})
	if err != nil {
		d.shell.reporter.warn("events cannot be written to the spool", "events", len(events), "error", err)
	}
	d.shell.tell(func(m *delivery.Machine, now delivery.Time) {
		dropped := make([]delivery.Dropped, len(rows))
		for i, row := range rows {
			dropped[i] = delivery.Dropped{Topic: m.Topic(row.Topic), Event: eventOf(row)}
		}
		m.Stored(stores, dropped, err, now)
	})
}

func (d *disk) load(x delivery.Load) {
	var rows []Spooled
	err := d.try("read from the spool", func() (err error) {
		rows, err = d.spool.Read(x.Topic.Name, x.After, x.Limit)
		return err
	})
	if err != nil {
		d.shell.reporter.warn("events cannot be read from the spool", "topic", x.Topic.Name, "error", err)
	}
	events := make([]*delivery.Event, 0, len(rows))
	for _, row := range rows {
		if len(row.Key) <= math.MaxUint16 { // as all have that this package has encoded
			events = append(events, eventOf(row))
		}
	}
	d.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Loaded(x, events, err, now) })
}

func eventOf(row Spooled) *delivery.Event {
	record := make([]byte, 0, len(row.Value)+len(row.Key))
	record = append(append(record, row.Value...), row.Key...)
	size := len(record)
	for _, h := range row.Headers {
		record = encode.AppendHeader(record, h.Key, h.Value)
	}
	if len(record)-size > math.MaxUint16 {
		record = record[:size] // none that this package has encoded
	}
	return &delivery.Event{Seq: row.Seq, Record: record, KeyLen: uint16(len(row.Key)), HeadersLen: uint16(len(record) - size)}
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

// try calls the spool, which may be of the program's own making.
func (d *disk) try(what string, call func() error) error {
	end := d.shell.health.Disk(what)
	var err error
	if failure := guest.Apart(func() { guest.Within(func() { err = call() }) }); failure != nil {
		err = failure
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", what, guest.Tame(err))
	}
	end(err)
	return err
}

// headersOf returns the headers of an event's record.
func headersOf(e *delivery.Event) (headers []kgo.RecordHeader) {
	if e.HeadersLen == 0 {
		return nil
	}
	headers = make([]kgo.RecordHeader, 0, usualHeaders)
	for name, value := range encode.Headers(e.Headers()) {
		key, ok := headerNames[string(name)]
		if !ok {
			key = string(name)
		}
		headers = append(headers, kgo.RecordHeader{Key: key, Value: value})
	}
	return headers
}

// usualHeaders is how many an event of Profile2 has.
const usualHeaders = 11

// headerNames are those that need not be made anew for each event.
var headerNames = func() map[string]string {
	names := map[string]string{}
	for _, name := range []string{
		"content_type", "correlation_id", "message_id", "timestamp", "source", "event_type", "schema_version", "priority",
		"retry_count", "max_retries", "parent_message_id",
	} {
		names[name] = name
	}
	return names
}()
