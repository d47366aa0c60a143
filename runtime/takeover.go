package onex

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/runtime/internal/delivery"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/guest"
)

// This file is about what an earlier process has left in the spool.

// claims has the spools that publishers of this process have.
var claims sync.Map

// claim makes a spool this publisher's, and says so if it is another's.
func claim(spool Spool) error {
	if spool == nil || !reflect.ValueOf(spool).Comparable() {
		return nil
	}
	if _, taken := claims.LoadOrStore(spool, nil); taken {
		return errors.New("another publisher has the spool; give each publisher one of its own")
	}
	return nil
}

func unclaim(spool Spool) {
	if reflect.ValueOf(spool).Comparable() {
		claims.Delete(spool)
	}
}

// letGo closes the spool of a publisher that there will not be.
func letGo(spool Spool) error {
	if spool == nil {
		return nil
	}
	closed := make(chan error, 1)
	go func() {
		var err error
		if failure := guest.Apart(func() { err = spool.Close() }); failure != nil {
			err = failure
		}
		unclaim(spool)
		closed <- err
	}()
	select {
	case err := <-closed:
		return err
	case <-time.After(diskPatience):
		return fmt.Errorf("close the spool: %w", delivery.ErrHangs)
	}
}

// heritage is what is yet to be said of the operations that have begun and not ended:
// those of earlier processes, and those that have taken too long for anybody to end them. There
// may be far more of them than fit into memory.
type heritage struct {
	disk *disk

	last  uint64    // the highest Seq of an earlier process
	begun time.Time // to read all of them, which is done again now and then
	again bool      // it is not for the first time
	after string    // the operation up to which they were read
	done  bool      // they were all read
	told  bool      // and who closes the publisher knows that

	page    []Spooled        // of those that were read, what is left
	foreign map[uint64]error // which of those are not fit to be spoken of
}

const (
	// heritagePage is how many operations are read at a time.
	heritagePage = 500

	// operationAge is how long a durable operation may take. Then nobody is going to say
	// how it has ended.
	operationAge = 7 * 24 * time.Hour

	// heritageAgain is how often operations are looked for that have taken too long.
	heritageAgain = time.Hour
)

// takeOver makes the events that an earlier publisher has left in the spool
// its own, and adds a failed event for the operations that died with it: for the first
// ones now, and for the others as there is room.
func (p *Publisher) takeOver(spool Spool) error {
	d := p.shell.disk
	var backlog Backlog
	err := d.call("read what is there", false, startBytes, func() (err error) {
		backlog, err = spool.Backlog()
		return err
	}, nil)
	if err != nil {
		return err
	}
	d.holds.Store(&backlog)
	h := &heritage{disk: d, last: backlog.LastSeq, begun: time.Now()}
	d.idle = h.inherit
	if err := h.read(); err != nil {
		return err
	}
	p.shell.tell(func(m *delivery.Machine, _ delivery.Time) {
		m.Begin(backlog.LastSeq)
		for _, t := range backlog.Topics {
			m.Inherit(m.Topic(t.Topic), t.Events, t.FirstSeq)
		}
	})
	h.inherit()
	return nil
}

// startBytes gives a spool the time at the start to read so much.
const startBytes = 1 << 30

// read reads the next operations.
func (h *heritage) read() error {
	d := h.disk
	var page []Spooled
	err := d.call("read the unfinished operations", false, startBytes, func() (err error) {
		if paged, ok := d.spool.(PagedSpool); ok {
			page, err = paged.UnfinishedAfter(h.after, heritagePage)
		} else {
			page, err = d.spool.Unfinished()
		}
		return err
	}, nil)
	if err != nil {
		return err
	}
	foreign, err := d.reject(page)
	if err != nil {
		return err
	}
	h.foreign, h.page = foreign, page
	if _, paged := d.spool.(PagedSpool); !paged || len(page) < heritagePage {
		h.done = true
	} else {
		h.after = page[len(page)-1].Operation
	}
	return nil
}

// inherit says of operations that they have failed, as long as there is room in memory, and
// reads more of them.
func (h *heritage) inherit() {
	s := h.disk.shell
	for {
		for ; len(h.page) > 0; h.page = h.page[1:] {
			if !s.hasRoom() {
				return
			}
			h.inheritOne(h.page[0])
		}
		if h.done {
			if !h.again && !h.told {
				h.told = true
				s.tell(func(*delivery.Machine, delivery.Time) { s.inherited = true })
			}
			if time.Since(h.begun) < heritageAgain {
				return
			}
			*h = heritage{disk: h.disk, last: h.last, begun: time.Now(), again: true}
		}
		if err := h.read(); err != nil {
			s.reporter.warn("the unfinished operations cannot be read from the spool", "error", err)
			return // until the disk has something to do again
		}
	}
}

// inheritOne says of an operation that it has failed, if nobody else will.
func (h *heritage) inheritOne(started Spooled) {
	isOwn := started.Seq > h.last
	switch why := h.foreign[started.Seq]; {
	case isOwn && time.Since(started.At) < operationAge, !isOwn && h.again:
	case why != nil:
		h.disk.shell.forfeit(started, why)
	default:
		h.disk.shell.reportLost(started, isOwn)
	}
}

// processLost is the error_type of an operation whose process ended before it.
const processLost = "ProcessLost"

// reportLost publishes that an operation has failed, beyond the bounds if need be: it
// has been accepted long ago. Until that is on disk or has arrived, the operation
// counts as unfinished, and the next process would report it.
func (s *shell) reportLost(started Spooled, isOwn bool) {
	topic, key, event, err := s.failedEvent(started)
	if err != nil {
		s.forfeit(started, err)
		return
	}
	event.Extra = &delivery.Extra{Ends: started.Operation}
	s.tell(func(m *delivery.Machine, _ delivery.Time) {
		if !isOwn || m.Abandon(key, started.Operation) {
			m.Admit(m.Topic(topic), event)
		}
	})
}

// forfeit forgets an operation of which nothing can be said.
func (s *shell) forfeit(started Spooled, why error) {
	s.reporter.warn("an operation cannot be reported as failed", "operation", started.Operation, "error", why)
	s.tell(func(m *delivery.Machine, _ delivery.Time) { m.Forfeit(started.Operation) })
}

// hasRoom tells whether there is room in memory for what nobody waits for.
func (s *shell) hasRoom() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.HasSpare()
}

// failedEvent makes the failed event of an operation from its started event, in
// the same form. It also returns what the first and the last event of the operation
// have in common.
func (s *shell) failedEvent(started Spooled) (topic, key string, e *delivery.Event, err error) {
	env, err := envelope.DecodeAny(started.Value)
	if err != nil {
		return "", "", nil, err
	}
	payload, err := env.DecodePayload()
	if err != nil {
		return "", "", nil, err
	}
	ev := env.Event()
	begun, ok := payload.(envelope.OperationStarted)
	if !ok {
		return "", "", nil, fmt.Errorf("it was not started by an event %s", ev.Type)
	}
	now := s.cfg.now()
	scratch := encode.NewScratch()
	scratch.Failed = envelope.OperationFailed{
		Operation: begun.Operation, CorrelationID: begun.CorrelationID, NodeID: begun.NodeID, FailedAt: now,
		ExecutionTimeMS: max(0, float64(now.Sub(begun.StartedAt))/float64(time.Millisecond)),
		ErrorType:       processLost, ErrorMessage: "the process ended before the operation did", Metadata: begun.Metadata,
	}
	scratch.Header = encode.Header{ID: s.cfg.newID(), At: now, CausationID: ev.ID.String()}
	failedType := scratch.Failed.EventType(ev.NodeType)
	var form encode.Form
	switch env := env.(type) {
	case *envelope.V1:
		topic, err = s.cfg.topicBeside(started.Topic, ev.Service, ev.Type, failedType, ev.Version)
		form = s.cfg.cloudEvent(encode.V1(*env, scratch.Failed, ev.NodeType, ev.Service), failedType, ev.Service, ev.NodeID)
		if env.PartitionKey != nil {
			scratch.Header.PartitionKey = *env.PartitionKey
		}
	case *envelope.V2:
		topic, err = topicBesideV2(started.Topic, ev.Service, ev.Type, failedType, ev.Version)
		form = encode.V2(scratch.Failed, ev.NodeType, ev.Service, ev.NodeID, ev.Environment, withoutNamespace(topic), ev.Version)
		form = s.cfg.cloudEvent(form, envelope.EventTypeV2(ev.Service, failedType), ev.Service, ev.NodeID)
		scratch.Header.PartitionKey = string(started.Key)
	}
	if err != nil {
		return "", "", nil, err
	}
	_, isV2 := env.(*envelope.V2)
	for _, h := range started.Headers {
		if !isOurs(h.Key, isV2, true) { // a CloudEvent's are those of the started event
			scratch.More = encode.AppendHeader(scratch.More, h.Key, h.Value)
		}
	}
	r, err := scratch.Record(form, &scratch.Failed, math.MaxInt, math.MaxInt)
	if err != nil {
		return "", "", nil, err
	}
	e = &delivery.Event{Record: r.Bytes, KeyLen: r.KeyLen, HeadersLen: r.HeadersLen, Rank: delivery.RankEnded}
	return topic, operationKey(begun.NodeID, begun.Operation, begun.CorrelationID), e, nil
}
