package onextest

import (
	"encoding/binary"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/internal/encode"
	"github.com/omninode-ai/onexevents/runtime/internal/standin"
)

// Recorder keeps what its publisher publishes. It is made by [New] or [NewConfig],
// and may be used by several goroutines at once. What they publish at once it has in
// an order that is not always the same.
type Recorder struct {
	t   testing.TB
	cfg onex.Config
	pub *onex.Publisher

	mu     sync.Mutex
	events []Event
	err    error // what publish methods answer
}

// New returns a recorder for the test t.
//
// Its first id ends in 1, the next in 2, and so on: the ids of events and, for runs
// whose context has none, of correlation. Its clock begins with the year 2000, and is
// a millisecond later each time that it is asked. It logs nothing.
func New(t testing.TB) *Recorder {
	t.Helper()
	return NewConfig(t, onex.Config{})
}

// NewConfig is [New] with settings of the program's own, such as its namespace, its
// limits or its mask. What they say of Now, NewID and Logger takes the place of what
// a recorder has; the others that concern delivery have no effect.
func NewConfig(t testing.TB, cfg onex.Config) *Recorder {
	t.Helper()
	d := &deterministic{}
	if cfg.NewID == nil {
		cfg.NewID = d.newID
	}
	if cfg.Now == nil {
		cfg.Now = d.now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.SourceVersion == "" {
		cfg.SourceVersion = "test" // and not whatever the test's binary was built from
	}
	r := &Recorder{t: t, cfg: cfg}
	pub, err := standin.NewPublisher(cfg, &standin.Sink{Take: r.take})
	if err != nil {
		t.Fatalf("onextest: %v", err)
	}
	r.pub = pub.(*onex.Publisher)
	return r
}

// Publisher returns what the events of nodes are made with. It need not be closed;
// closed, it refuses events with [onex.ErrClosed], as every publisher does.
func (r *Recorder) Publisher() *onex.Publisher { return r.pub }

// Config returns the recorder's settings, for a real publisher that gives events the
// same ids and times. Both take them from the same source.
func (r *Recorder) Config() onex.Config { return r.cfg }

// Events returns what was published so far, in this order.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// Reset forgets what was published so far.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = nil
}

// Fail has every publish method return an error that wraps err, until it is called
// with nil: [onex.ErrQueueFull] is a full queue, [onex.ErrNoSpool] a program without
// a spool. Such an event is not recorded.
func (r *Recorder) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// Record adds an event that was read from Kafka, without its headers, as if the recorder's publisher had
// published it, so that a test with a real publisher can be as short. What is not an
// event fails the test.
func (r *Recorder) Record(topic string, key, value []byte) {
	r.t.Helper()
	e, err := decode(topic, key, value)
	if err != nil {
		r.t.Fatalf("onextest: record: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *Recorder) take(sent standin.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	e, err := decode(sent.Topic, sent.Key, sent.Value)
	if err != nil {
		return err
	}
	e.Durable = sent.Durable
	for name, value := range encode.Headers(sent.Headers) {
		if e.Headers == nil {
			e.Headers = map[string]string{}
		}
		e.Headers[string(name)] = string(value)
	}
	r.events = append(r.events, e)
	return nil
}

// deterministic are ids and times that are the same in every run.
type deterministic struct {
	mu         sync.Mutex
	ids, times uint64
}

func (d *deterministic) newID() uuid.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ids++
	id := uuid.UUID{6: 0x40, 8: 0x80} // version 4, and the standard variant
	binary.BigEndian.PutUint32(id[12:], uint32(d.ids))
	return id
}

var epoch = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

func (d *deterministic) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.times++
	return epoch.Add(time.Duration(d.times-1) * time.Millisecond)
}
