package onex

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
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
			row := Spooled{Seq: e.Seq, Topic: s.Topic.Name, Key: e.Key(), Value: e.Value(), At: at}
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
	events := make([]*delivery.Event, len(rows))
	for i, row := range rows {
		events[i] = eventOf(row)
	}
	d.shell.tell(func(m *delivery.Machine, now delivery.Time) { m.Loaded(x, events, err, now) })
}

func eventOf(row Spooled) *delivery.Event {
	e := newEvent(row.Value, string(row.Key))
	e.Seq = row.Seq
	return e
}

func newEvent(value []byte, key string) *delivery.Event {
	record := make([]byte, 0, len(value)+len(key))
	return &delivery.Event{Record: append(append(record, value...), key...), KeyLen: uint32(len(key))}
}

var errGoexit = errors.New("the spool has ended its goroutine (runtime.Goexit)")

// try calls the spool, which may be of the program's own making.
func (d *disk) try(what string, call func() error) error {
	end := d.shell.health.Disk(what)
	err := errGoexit
	if cause := apart(func() { err = call() }); cause != nil {
		err = fmt.Errorf("panic: %v", cause)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", what, err)
	}
	end(err)
	return err
}

// takeOver makes the events that an earlier publisher has left in the spool
// its own, and adds a failed event for every operation that died with it.
func (p *Publisher) takeOver(spool Spool) error {
	var backlog Backlog
	var unfinished []Spooled
	err := p.shell.disk.try("read what is there", func() (err error) {
		if backlog, err = spool.Backlog(); err != nil {
			return err
		}
		unfinished, err = spool.Unfinished()
		return err
	})
	if err != nil {
		return err
	}
	p.shell.tell(func(m *delivery.Machine, _ delivery.Time) {
		m.Begin(backlog.LastSeq)
		for _, t := range backlog.Topics {
			m.Inherit(m.Topic(t.Topic), t.Events, t.FirstSeq)
		}
	})
	for _, started := range unfinished {
		p.reportProcessLost(started)
	}
	return nil
}

// processLost is the error_type of an operation whose process ended before it.
const processLost = "ProcessLost"

// reportProcessLost publishes that an operation has failed, beyond the bounds if
// need be: it has been accepted long ago. Until that is on disk or has arrived,
// the operation counts as unfinished, and the next process would report it.
func (p *Publisher) reportProcessLost(started Spooled) {
	topic, event, err := p.failedEvent(started)
	if err != nil {
		p.shell.reporter.warn("an operation of an earlier process cannot be reported as failed", "operation", started.Operation, "error", err)
	}
	p.shell.tell(func(m *delivery.Machine, _ delivery.Time) {
		if err != nil {
			m.Forfeit(started.Operation)
			return
		}
		event.Extra = &delivery.Extra{Ends: started.Operation}
		m.Admit(m.Topic(topic), event)
	})
}

// failedEvent makes the failed event of an operation from its started event.
func (p *Publisher) failedEvent(started Spooled) (topic string, e *delivery.Event, err error) {
	env, err := envelope.Decode(started.Value)
	if err != nil {
		return "", nil, err
	}
	payload, err := env.DecodePayload()
	if err != nil {
		return "", nil, err
	}
	begun, ok := payload.(envelope.OperationStarted)
	var node struct {
		Type    string `json:"node_type"`
		Service string `json:"service_name"`
	}
	if err := json.Unmarshal(env.Metadata, &node); err != nil || !ok {
		return "", nil, fmt.Errorf("it was not started by an event %s", env.EventType)
	}
	topic, err = p.cfg.topicBeside(started.Topic, node.Service, env.EventType, envelope.OperationFailed{Operation: begun.Operation}.EventType(node.Type))
	if err != nil {
		return "", nil, err
	}
	now := p.cfg.now()
	cause := env.EventID.String()
	failed, err := envelope.Wrap(p.cfg.newID(), envelope.OperationFailed{
		Operation: begun.Operation, CorrelationID: begun.CorrelationID, NodeID: begun.NodeID, FailedAt: now,
		ExecutionTimeMS: max(0, float64(now.Sub(begun.StartedAt))/float64(time.Millisecond)),
		ErrorType:       processLost, ErrorMessage: "the process ended before the operation did", Metadata: begun.Metadata,
	}, node.Type, node.Service)
	if err != nil {
		return "", nil, err
	}
	failed.SourceService, failed.SourceVersion, failed.SourceInstance = env.SourceService, env.SourceVersion, env.SourceInstance
	failed.Environment, failed.Region, failed.PartitionKey = env.Environment, env.Region, env.PartitionKey
	failed.CausationID = &cause
	value, err := failed.AppendJSON(nil)
	if err != nil {
		return "", nil, err
	}
	e = newEvent(value, failed.RecordKey())
	e.Rank = delivery.RankEnded
	return topic, e, nil
}
