package receive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
)

// Mux gives events to the handlers that were registered for them. The zero Mux has
// none, and works. Handlers are registered before the first Dispatch; after that it may
// be used by several goroutines at once.
type Mux struct {
	routes   []route
	policies [outcomes]Policy
	letters  func(context.Context, Record) error
	store    Store
	attempts int
	first    time.Duration
	most     time.Duration
	inFlight sync.Map // of events that are deduplicated, by id: a channel, closed at the end
}

// Option sets up a [Mux].
type Option func(*Mux)

// NewMux returns a Mux without handlers.
func NewMux(opts ...Option) *Mux {
	m := &Mux{}
	for _, opt := range opts {
		if opt != nil {
			opt(m)
		}
	}
	return m
}

// Event is an event for a handler, with the payload that the handler wants.
type Event[P any] struct {
	envelope.Event // what both envelopes say; its Payload is the JSON of Payload

	Payload  P
	Envelope envelope.Envelope // all of it: an *envelope.V1 or an *envelope.V2
	Record   Record
}

// route is a handler and what it is for.
type route struct {
	pattern string

	// accept returns the handler's call for an event; nil if the event has another
	// payload.
	accept func(*received) (func(context.Context) error, error)
}

// received is an event on its way to handlers.
type received struct {
	record   Record
	envelope envelope.Envelope
	event    envelope.Event
}

// On registers a handler for an event type, such as StamperEventStampFailed, or for a
// pattern in which a star stands for any text: "*.failed", "effect.*". What Profile2
// makes of a type, such as StamperEventStampFailed2 or a type of Python's, is for the
// envelopes of Profile2 alone. The handler gets the events whose payload is a P:
//
//   - one of envelope.OperationStarted, OperationCompleted, OperationFailed,
//     StateChanged and MetricRecorded: those events alone, so that with "*" and
//     OperationFailed it gets all failures
//   - [envelope.Payload]: any of the five
//   - another type, for events that are none of the five: what encoding/json makes of
//     the payload
//
// Several handlers of one event are called in the order in which they were registered.
// On panics if it gets no pattern or no handler, or if the events of that type never
// have such a payload, as a pointer to one.
func On[P any](m *Mux, pattern string, handle func(context.Context, Event[P]) error) {
	switch {
	case pattern == "":
		panic("receive: On wants an event type, or a pattern such as *.failed")
	case handle == nil:
		panic("receive: On wants a handler for " + pattern)
	case isPayload[P]() && reflect.TypeFor[P]().Kind() == reflect.Pointer:
		panic(fmt.Sprintf("receive: no event has the payload %v; let the handler of %s take %v", reflect.TypeFor[P](), pattern, reflect.TypeFor[P]().Elem()))
	case !strings.Contains(pattern, "*") && !strings.HasSuffix(strings.ReplaceAll(pattern, "-", "."), endOf[P]()):
		panic(fmt.Sprintf("receive: an event %s never has the payload %v; look at the handler's type", pattern, reflect.TypeFor[P]()))
	}
	m.routes = append(m.routes, route{pattern, func(r *received) (func(context.Context) error, error) {
		payload, ok, err := payloadAs[P](r)
		if !ok || err != nil {
			return nil, err
		}
		e := Event[P]{Event: r.event, Payload: payload, Envelope: r.envelope, Record: r.record}
		return func(ctx context.Context) error { return handle(ctx, e) }, nil
	}})
}

// endOf returns how the types of the events end that have such a payload, "" if they
// end in any way.
func endOf[P any]() string {
	var zero P
	if p, ok := any(zero).(envelope.Payload); ok {
		return strings.TrimPrefix(p.EventType(""), ".")
	}
	return ""
}

// isPayload tells whether P is one of the five payloads, or all of them.
func isPayload[P any]() bool {
	return reflect.TypeFor[P]().Implements(reflect.TypeFor[envelope.Payload]())
}

// payloadAs reads an event's payload; ok is false if it is not a P.
func payloadAs[P any](r *received) (payload P, ok bool, err error) {
	if isPayload[P]() {
		p, err := envelope.PayloadOf(r.envelope)
		if errors.Is(err, envelope.ErrEventType) {
			return payload, false, nil
		}
		payload, ok = p.(P)
		return payload, ok || err != nil, err
	}
	if err := json.Unmarshal(r.event.Payload, &payload); err != nil {
		return payload, true, fmt.Errorf("the payload of %s: %w", r.event.Type, err)
	}
	return payload, true, nil
}

// matches tells whether a pattern means an event type.
func matches(pattern, eventType string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == eventType
	}
	rest, ok := strings.CutPrefix(eventType, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// Record is a record of Kafka, as any client has it.
type Record struct {
	Topic     string
	Partition int32
	Offset    int64
	Key       []byte
	Value     []byte
	Headers   []Header
}

// Header is a header of a record.
type Header struct {
	Key   string
	Value []byte
}

// PanicError is that a handler has panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("the handler has panicked: %v", e.Value) }

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Store remembers which events were handled. Several goroutines may call it at once.
type Store interface {
	// Handled tells whether Done was called with the event's id.
	Handled(ctx context.Context, eventID uuid.UUID) (bool, error)

	// Done notes that the event was handled.
	Done(ctx context.Context, eventID uuid.UUID) error
}
