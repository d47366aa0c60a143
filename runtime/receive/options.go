package receive

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/topics"
)

// Policy says what becomes of a record that was not handled.
type Policy int

const (
	byDefault Policy = iota

	// Skip: Dispatch returns nil.
	Skip

	// Error: Dispatch returns the error.
	Error

	// DeadLetter: the record goes to its topic of dead letters, and Dispatch returns
	// nil. See [DeadLetters].
	DeadLetter
)

// OnUnknown says what becomes of events for which there is no handler. Default [Skip].
func OnUnknown(p Policy) Option { return func(m *Mux) { m.policies[unknown] = p } }

// OnUndecodable says what becomes of records that are no events, and of events whose
// payload is not what their type announces. Default [DeadLetter] if there are dead
// letters, else [Error].
func OnUndecodable(p Policy) Option { return func(m *Mux) { m.policies[undecodable] = p } }

// OnPanic says what becomes of events whose handler has panicked; it is not called
// again. Default [DeadLetter] if there are dead letters, else [Error].
func OnPanic(p Policy) Option { return func(m *Mux) { m.policies[panicked] = p } }

// OnFailure says what becomes of events whose handler has returned an error as often as
// [Retry] allows. Default [DeadLetter] if there are dead letters, else [Error].
func OnFailure(p Policy) Option { return func(m *Mux) { m.policies[failed] = p } }

// Retry calls a handler that returns an error again, attempts times in all, first after
// the pause first, then after twice that and so on, up to most. Meanwhile Dispatch
// waits. Default: it is not called again.
func Retry(attempts int, first, most time.Duration) Option {
	return func(m *Mux) { m.attempts, m.first, m.most = attempts, first, max(first, most) }
}

// DeadLetters has records written as dead letters by send, which is the program's own
// producer, and returns when the record is acknowledged. The record is what onexctl and
// the publisher know: in the topic with .dlq behind its name, or on the bus of Profile2
// with onex.dlq for onex.evt; with the event's own key and headers and those of
// [onex.DeadLetterHeaders]; its reason is masked by [onex.MaskSecrets]. What was no JSON
// object is in it as one with the key "undecodable", which has the bytes in base64, and
// cannot be replayed. A dead letter that is read itself stays where it is.
func DeadLetters(send func(context.Context, Record) error) Option {
	return func(m *Mux) { m.letters = send }
}

const maxReason = 2 << 10 // bytes

var errNoLetters = errors.New("there is nowhere to send it; give NewMux the option DeadLetters")

// bury sends a dead letter. It does not count as handled: who replays it wants it to
// be.
func (m *Mux) bury(ctx context.Context, f failure) error {
	if m.letters == nil {
		return errors.Join(errNoLetters, f.err)
	}
	letters := topics.Letters{Suffix: ".dlq", OnexDLQ: f.isOnTheBus}
	if f.what == undecodable && letters.Are(f.record.Topic) {
		return nil // it is one already; a consumer of all topics would make letters of letters for ever
	}
	reason := encode.ErrorText(f.err, encode.Mask, maxReason)
	letter := envelope.DeadLetter{
		OriginalTopic: f.record.Topic, OriginalKey: string(f.record.Key), OriginalData: f.record.Value,
		FailureReason: reason, FailureTimestamp: time.Now(), RetryAttempts: f.attempts,
	}
	value, err := letter.AppendJSON(nil)
	if err != nil { // of a value that is no JSON object
		letter.OriginalData = standIn(f.record.Value)
		value, err = letter.AppendJSON(nil)
	}
	if err != nil {
		return err
	}
	r := Record{
		Topic: letters.Of(f.record.Topic), Key: f.record.Key, Value: value,
		Headers: append(f.record.Headers[:len(f.record.Headers):len(f.record.Headers)],
			Header{onex.HeaderOriginalTopic, []byte(f.record.Topic)},
			Header{onex.HeaderOriginalPartition, strconv.AppendInt(nil, int64(f.record.Partition), 10)},
			Header{onex.HeaderFailureReason, []byte(reason)},
		),
	}
	if f.event.ID != uuid.Nil {
		r.Headers = append(r.Headers, Header{onex.HeaderEventID, []byte(f.event.ID.String())})
	}
	return m.letters(ctx, r)
}

// standIn returns a JSON object that has a value which is none.
func standIn(value []byte) json.RawMessage {
	object, _ := json.Marshal(map[string][]byte{"undecodable": value}) // which cannot fail
	return object
}

// Deduplicate drops events that were handled before, by their ids: it remembers the
// last n of them, 48 bytes each, and nothing from one process to the next. Of several
// goroutines with one event, one handles it, and the others wait for that.
func Deduplicate(n int) Option {
	return DeduplicateIn(&window{ids: map[uuid.UUID]bool{}, size: max(n, 1)})
}

// DeduplicateIn drops events that were handled before, by what a store says, as
// [Deduplicate] does. An error of the store is one of Dispatch.
func DeduplicateIn(s Store) Option { return func(m *Mux) { m.store = s } }

// window remembers the last ids that it was told.
type window struct {
	size int

	mu    sync.Mutex
	ids   map[uuid.UUID]bool
	order []uuid.UUID // a ring
	next  int         // the oldest, once it is full
}

func (w *window) Handled(_ context.Context, id uuid.UUID) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ids[id], nil
}

func (w *window) Done(_ context.Context, id uuid.UUID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.ids[id]:
		return nil
	case len(w.order) < w.size:
		w.order = append(w.order, id)
	default:
		delete(w.ids, w.order[w.next])
		w.order[w.next] = id
		w.next = (w.next + 1) % w.size
	}
	w.ids[id] = true
	return nil
}
