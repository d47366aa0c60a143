package encode

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// Scratch is what one event is encoded in. It has a payload of each type, so
// that none is made on the heap.
type Scratch struct {
	Started   envelope.OperationStarted
	Completed envelope.OperationCompleted
	Failed    envelope.OperationFailed
	State     envelope.StateChanged
	Metric    envelope.MetricRecorded

	Header Header

	// More are headers that the event has behind those of its form, as [AppendHeader]
	// writes them.
	More []byte

	record  []byte
	summary []byte
}

var scratches = sync.Pool{New: func() any { return &Scratch{record: make([]byte, 0, 2<<10)} }}

// NewScratch returns a scratch that was used before, or a new one.
func NewScratch() *Scratch { return scratches.Get().(*Scratch) }

// Summarize returns the summary of v, until the next call. It leaves room for the
// rest of an event of limit bytes.
func (s *Scratch) Summarize(v any, limit int) []byte {
	s.summary = envelope.AppendSummaryWithin(s.summary[:0], v, min(limit/2, envelope.MaxSummaryBytes))
	return s.summary
}

// Header is what an envelope has beside its form and its payload; strings that are
// "" are left out.
type Header struct {
	ID                        uuid.UUID
	At                        time.Time
	CorrelationID             uuid.UUID // for a metric that has none, where it has to have one
	CausationID, PartitionKey string
}

// Record is what is sent of an event: the envelope, and behind it the record's key
// and then its headers.
type Record struct {
	Bytes              []byte
	KeyLen, HeadersLen uint16

	NoMore bool // there was no room for the scratch's More
}

// Record returns the record of the payload p, which is one of the scratch's, and of
// the scratch's header, in memory of its own. An envelope of more than limit bytes
// is ErrTooLarge. If all of it would have more than room bytes, it goes without More.
//
// Then the scratch, with what it refers to, is no longer the caller's.
func (s *Scratch) Record(f Form, p envelope.Payload, limit, room int) (r Record, err error) {
	h := &s.Header
	if s.record, err = f.appendValue(s.record[:0], h, p); err != nil {
		return r, err
	}
	size := len(s.record)
	if size > limit {
		return r, fmt.Errorf("%w: %d bytes, and Config.MaxEventBytes is %d", ErrTooLarge, size, limit)
	}
	s.record = f.appendKey(s.record, h, p)
	key := len(s.record) - size
	s.record = f.appendHeaders(s.record, s.record[size:], h, p)
	headers := len(s.record) - size - key
	if err := errors.Join(Within("the key", key, math.MaxUint16), Within("all headers", headers, math.MaxUint16)); err != nil {
		return r, err
	}
	if more := len(s.More); more > 0 {
		r.NoMore = headers+more > math.MaxUint16 || len(s.record)+more > room
		if !r.NoMore {
			s.record = append(s.record, s.More...)
			headers += more
		}
	}
	r.KeyLen, r.HeadersLen = uint16(key), uint16(headers)
	r.Bytes = make([]byte, len(s.record))
	copy(r.Bytes, s.record)
	s.free(p)
	return r, nil
}

// kept bounds what a scratch keeps from one event for the next.
const kept = 64 << 10

// free gives s back after the payload p, of which nothing is kept alive.
func (s *Scratch) free(p envelope.Payload) {
	switch p := p.(type) {
	case *envelope.OperationStarted:
		*p = envelope.OperationStarted{}
	case *envelope.OperationCompleted:
		*p = envelope.OperationCompleted{}
	case *envelope.OperationFailed:
		*p = envelope.OperationFailed{}
	case *envelope.StateChanged:
		*p = envelope.StateChanged{}
	case *envelope.MetricRecorded:
		*p = envelope.MetricRecorded{}
	}
	s.Header = Header{}
	s.record, s.summary, s.More = reusable(s.record), reusable(s.summary), reusable(s.More)
	scratches.Put(s)
}

func reusable(b []byte) []byte {
	if cap(b) > kept {
		return nil
	}
	return b[:0]
}
