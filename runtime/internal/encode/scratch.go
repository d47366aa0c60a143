package encode

import (
	"fmt"
	"sync"

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

// Header is what an envelope has beside its template and its payload; the
// strings are null if they are "".
type Header struct {
	ID                        uuid.UUID
	CausationID, PartitionKey string
}

// Record returns a new slice with the envelope of the payload p, which is one of
// the scratch's, and the record's key behind it, of keyLen bytes. An envelope of
// more than limit bytes is ErrTooLarge.
//
// Then the scratch, with what it refers to, is no longer the caller's.
func (s *Scratch) Record(t *envelope.Template, h Header, p envelope.Payload, limit int) (record []byte, keyLen int, err error) {
	if s.record, err = t.AppendJSON(s.record[:0], h.ID, h.CausationID, h.PartitionKey, p); err != nil {
		return nil, 0, err
	}
	size := len(s.record)
	if size > limit {
		return nil, 0, fmt.Errorf("%w: %d bytes, and Config.MaxEventBytes is %d", ErrTooLarge, size, limit)
	}
	s.record = t.AppendKey(s.record, h.ID, h.PartitionKey, p)
	record = make([]byte, len(s.record))
	copy(record, s.record)
	keyLen = len(record) - size
	s.free(p)
	return record, keyLen, nil
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
	s.record, s.summary = reusable(s.record), reusable(s.summary)
	scratches.Put(s)
}

func reusable(b []byte) []byte {
	if cap(b) > kept {
		return nil
	}
	return b[:0]
}
