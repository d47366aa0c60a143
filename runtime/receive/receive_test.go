package receive_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
	"github.com/omninode-ai/onexevents/runtime/receive"
	"github.com/omninode-ai/onexevents/testdata/vectors"
	vectors2 "github.com/omninode-ai/onexevents/testdata/vectors-2"
)

// published returns the records of a node that stamps a document and fails at another.
func published(t testing.TB, profile onex.Profile) (records []receive.Record) {
	t.Helper()
	rec := onextest.NewConfig(t, onex.Config{Profile: profile})
	s := stamping.NewStamper(rec.Publisher(), "s-1")
	_, _ = s.Stamp(context.Background(), stamping.Document{ID: "d-1", Text: "All things flow."})
	_, _ = s.Stamp(context.Background(), stamping.Document{ID: "d-2"})
	for i, e := range rec.Events() {
		records = append(records, receive.Record{Topic: e.Topic, Partition: 1, Offset: int64(i), Key: []byte(e.Key), Value: e.Wire()})
	}
	return records
}

// failedRecord is the record of a failed event.
func failedRecord(t testing.TB) receive.Record {
	all := published(t, onex.ProfileV1)
	return all[len(all)-1]
}

// Typed handlers get the events that they are for, of both envelopes, in the order of
// their registration.
func TestDispatch(t *testing.T) {
	for name, profile := range map[string]onex.Profile{"V1": onex.ProfileV1, "2.x": onex.Profile2} {
		t.Run(name, func(t *testing.T) {
			var got []string
			note := func(handler string, e envelope.Event, what any) {
				got = append(got, fmt.Sprintf("%s: %s %v", handler, e.Type, what))
			}
			mux := receive.NewMux()
			receive.On(mux, stamping.StamperEventStampFailed, func(ctx context.Context, e receive.Event[envelope.OperationFailed]) error {
				note("type", e.Event, e.Payload.ErrorType)
				if id, ok := onex.CorrelationFromContext(ctx); !ok || id != e.CorrelationID || e.CorrelationID == uuid.Nil {
					t.Errorf("the context has the correlation id %v, and the event %v", id, e.CorrelationID)
				}
				if e.Record.Offset != 6 || e.Record.Partition != 1 || e.NodeID != "s-1" || e.Envelope == nil {
					t.Errorf("the event is %+v", e)
				}
				return nil
			})
			receive.On(mux, "*", func(_ context.Context, e receive.Event[envelope.OperationFailed]) error {
				note("failures", e.Event, e.Payload.Operation)
				return nil
			})
			receive.On(mux, "effect.*.recorded", func(_ context.Context, e receive.Event[envelope.MetricRecorded]) error {
				note("metrics", e.Event, e.Payload.MetricValue)
				return nil
			})
			receive.On(mux, "compute.*", func(_ context.Context, e receive.Event[envelope.Payload]) error {
				note("compute", e.Event, fmt.Sprintf("%T", e.Payload))
				return nil
			})
			receive.On(mux, "*.digest.completed", func(_ context.Context, e receive.Event[struct {
				Success bool `json:"success"`
			}],
			) error {
				note("own", e.Event, e.Payload.Success)
				return nil
			})
			for _, r := range published(t, profile) {
				if err := mux.Dispatch(context.Background(), r); err != nil {
					t.Error(err)
				}
			}
			want := []string{
				"metrics: effect.metric.recorded 16",
				"compute: compute.digest.started envelope.OperationStarted",
				"compute: compute.digest.completed envelope.OperationCompleted",
				"own: compute.digest.completed true",
				"type: effect.stamp.failed EmptyDocumentError",
				"failures: effect.stamp.failed stamp",
			}
			if !slices.Equal(got, want) {
				t.Errorf("the handlers got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// What a node publishes in a handler hangs below the event.
func TestWhatFollows(t *testing.T) {
	rec := onextest.New(t)
	events := stamping.NewStamperEvents(rec.Publisher(), "s-2")
	mux := receive.NewMux()
	receive.On(mux, "*.failed", func(ctx context.Context, _ receive.Event[envelope.OperationFailed]) error {
		return events.PublishMetricRecorded(ctx, "failures", 1, "")
	})
	r := failedRecord(t)
	if err := mux.Dispatch(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	cause, err := envelope.Decode(r.Value)
	if err != nil {
		t.Fatal(err)
	}
	rec.RequireExactly(onextest.Metric("failures", 1).Causation(cause.EventID.String()).Correlation(*cause.CorrelationID))
}

func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, eventType string
		want               bool
	}{
		{"effect.stamp.failed", "effect.stamp.failed", true},
		{"effect.stamp.failed", "effect.stamp.failed2", false},
		{"*", "effect.stamp.failed", true},
		{"effect.*", "effect.stamp.failed", true},
		{"effect.*", "compute.stamp.failed", false},
		{"*.failed", "effect.stamp.failed", true},
		{"*.failed", "effect.stamp.started", false},
		{"*.stamp.*", "effect.stamp.failed", true},
		{"*.stamp.*", "effect.digest.failed", false},
		{"effect.*.failed", "effect.failed", false},
		{"*p*p*", "stamp.p", true},
		{"*p*p*", "stamp", false},
		{"a*a", "a", false},
	} {
		called := false
		mux := receive.NewMux(receive.OnUnknown(receive.Skip))
		receive.On(mux, tt.pattern, func(context.Context, receive.Event[map[string]any]) error { called = true; return nil })
		v1 := &envelope.V1{
			EnvelopeVersion: "1.0", EventID: uuid.Max, EventType: tt.eventType, EventVersion: "1.0", EventTimestamp: time.Now(),
			SourceNodeID: "n", Environment: "test", Payload: []byte(`{"a":1}`),
		}
		value, err := v1.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := mux.Dispatch(context.Background(), receive.Record{Value: value}); err != nil || called != tt.want {
			t.Errorf("%s is called for %s: %v, want %v; error %v", tt.pattern, tt.eventType, called, tt.want, err)
		}
	}
}

// A handler that would never be called is a mistake that shows at once.
func TestMistakes(t *testing.T) {
	for want, register := range map[string]func(*receive.Mux){
		"wants an event type": func(m *receive.Mux) {
			receive.On(m, "", func(context.Context, receive.Event[envelope.Payload]) error { return nil })
		},
		"wants a handler for *": func(m *receive.Mux) { receive.On[envelope.Payload](m, "*", nil) },
		"effect.stamp.failed never has the payload envelope.OperationStarted": func(m *receive.Mux) {
			receive.On(m, stamping.StamperEventStampFailed, func(context.Context, receive.Event[envelope.OperationStarted]) error { return nil })
		},
		"effect.stamp.failed never has the payload envelope.StateChanged": func(m *receive.Mux) {
			receive.On(m, stamping.StamperEventStampFailed, func(context.Context, receive.Event[envelope.StateChanged]) error { return nil })
		},
	} {
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, want) {
					t.Errorf("panic %q, want %q in it", text, want)
				}
			}()
			register(receive.NewMux())
		}()
	}
	receive.On(receive.NewMux(), "reducer.state.changed", func(context.Context, receive.Event[envelope.StateChanged]) error { return nil })
}

// What is not handled goes where the program says.
func TestPolicies(t *testing.T) {
	good := failedRecord(t)
	broken := good
	broken.Value = []byte(strings.Replace(string(good.Value), `"operation":"stamp"`, `"operation":7`, 1))
	nonsense := good
	nonsense.Value = []byte("\x00 nonsense")
	fails := func(m *receive.Mux) {
		receive.On(m, "*", func(context.Context, receive.Event[envelope.Payload]) error {
			return errors.New("password=hunter2 is wrong")
		})
	}
	panics := func(m *receive.Mux) {
		receive.On(m, "*", func(context.Context, receive.Event[envelope.Payload]) error { panic("boom") })
	}
	for _, tt := range []struct {
		name   string
		record receive.Record
		on     func(*receive.Mux)
		policy func(receive.Policy) receive.Option
		want   string // in the error
	}{
		{"unknown", good, func(*receive.Mux) {}, receive.OnUnknown, "find a handler: there is no handler for its type"},
		{"nonsense", nonsense, fails, receive.OnUndecodable, "receive: a record of dev.stamping.effect.stamp.failed.v1[1] at 6: decode: "},
		{"a broken payload", broken, fails, receive.OnUndecodable, "decode: envelope: payload of effect.stamp.failed: operation"},
		{"a panic", good, panics, receive.OnPanic, "handle: the handler has panicked: boom"},
		{"a failure", good, fails, receive.OnFailure, "handle: password=hunter2 is wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var letters []receive.Record
			send := receive.DeadLetters(func(_ context.Context, r receive.Record) error { letters = append(letters, r); return nil })
			dispatch := func(opts ...receive.Option) error {
				mux := receive.NewMux(opts...)
				tt.on(mux)
				return mux.Dispatch(context.Background(), tt.record)
			}
			if err := dispatch(send, tt.policy(receive.Skip)); err != nil || letters != nil {
				t.Errorf("skipped: %v, %d dead letters", err, len(letters))
			}
			if err := dispatch(send, tt.policy(receive.Error)); err == nil || !strings.Contains(err.Error(), tt.want) || letters != nil {
				t.Errorf("the error is %v, want %q in it, and there are %d dead letters", err, tt.want, len(letters))
			}
			if err := dispatch(tt.policy(receive.DeadLetter)); err == nil || !strings.Contains(err.Error(), "there is nowhere to send it") {
				t.Errorf("without dead letters: %v", err)
			}
			if err := dispatch(send, tt.policy(receive.DeadLetter)); err != nil || len(letters) != 1 {
				t.Errorf("dead letter: %v, %d of them", err, len(letters))
			}
			letters = nil
			byDefault := 1
			if tt.name == "unknown" {
				byDefault = 0
			}
			if err := dispatch(send); err != nil || len(letters) != byDefault {
				t.Errorf("by default: %v, %d dead letters", err, len(letters))
			}
			if err := dispatch(); (err == nil) != (tt.name == "unknown") {
				t.Errorf("by default, without dead letters: %v", err)
			}
		})
	}
}

// A dead letter is what onexctl replays: the record as it was, and why it failed.
func TestDeadLetter(t *testing.T) {
	for name, profile := range map[string]onex.Profile{"V1": onex.ProfileV1, "2.x": onex.Profile2} {
		t.Run(name, func(t *testing.T) {
			all := published(t, profile)
			r := all[len(all)-1]
			r.Headers = []receive.Header{{Key: "trace", Value: []byte("t")}}
			var got receive.Record
			fault := errors.New("the producer is away")
			mux := receive.NewMux(receive.Retry(3, 0, 0), receive.DeadLetters(func(_ context.Context, r receive.Record) error {
				got = r
				return fault
			}))
			receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error {
				return errors.New("password=hunter2 is wrong")
			})
			if err := mux.Dispatch(context.Background(), r); !errors.Is(err, fault) {
				t.Errorf("a dead letter that cannot be sent: %v", err)
			}
			fault = nil
			if err := mux.Dispatch(context.Background(), r); err != nil {
				t.Fatal(err)
			}
			letter, err := envelope.DecodeDeadLetter(got.Value)
			if err != nil {
				t.Fatal(err)
			}
			if letter.OriginalTopic != r.Topic || letter.OriginalKey != string(r.Key) || string(letter.OriginalData) != string(r.Value) ||
				letter.FailureReason != "password=*** is wrong" || letter.RetryAttempts != 3 {
				t.Errorf("the dead letter is %+v", letter)
			}
			topic := map[string]string{"V1": "dev.stamping.effect.stamp.failed.v1.dlq", "2.x": "onex.dlq.stamping.effect-stamp-failed.v1"}[name]
			if got.Topic != topic || string(got.Key) != string(r.Key) {
				t.Errorf("it goes to %s with key %s", got.Topic, got.Key)
			}
			var headers []string
			for _, h := range got.Headers {
				headers = append(headers, h.Key)
			}
			if want := append([]string{"trace"}, onex.DeadLetterHeaders()...); !slices.Equal(headers, want) {
				t.Errorf("its headers are %q, want %q", headers, want)
			}
			if len(r.Headers) != 1 {
				t.Error("the record's own headers have changed")
			}
		})
	}
	// What is no event goes where its topic says, and what is no JSON object is in it all
	// the same.
	var got receive.Record
	mux := receive.NewMux(receive.DeadLetters(func(_ context.Context, r receive.Record) error { got = r; return nil }))
	for topic, want := range map[string]string{"t": "t.dlq", "onex.evt.a.b.v1": "onex.dlq.a.b.v1", "dev.onex.evt.a.b.v1": "dev.onex.dlq.a.b.v1"} {
		if err := mux.Dispatch(context.Background(), receive.Record{Topic: topic, Value: []byte("nonsense")}); err != nil {
			t.Fatal(err)
		}
		if letter, err := envelope.DecodeDeadLetter(got.Value); err != nil || string(letter.OriginalData) != `{"undecodable":"bm9uc2Vuc2U="}` || got.Topic != want {
			t.Errorf("%s in %s, want it in %s: %v", letter.OriginalData, got.Topic, want, err)
		}
	}
}

// A handler that fails is called again, later and later, while nothing else of its
// partition is; the handlers that have done their part are not.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var first, second []time.Duration
		mux := receive.NewMux(receive.Retry(5, time.Second, 3*time.Second))
		receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error {
			first = append(first, time.Since(begun))
			return nil
		})
		receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error {
			if second = append(second, time.Since(begun)); len(second) < 5 {
				return errors.New("not yet")
			}
			return nil
		})
		r := failedRecord(t)
		if err := mux.Dispatch(t.Context(), r); err != nil {
			t.Error(err)
		}
		s := time.Second
		if want := []time.Duration{0, s, 3 * s, 6 * s, 9 * s}; !slices.Equal(second, want) || len(first) != 1 {
			t.Errorf("called at %v, want %v; the other %d times", second, want, len(first))
		}

		// The end of the context is the end of the trying, and no dead letter.
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		tries := 0
		mux = receive.NewMux(receive.Retry(10, time.Minute, time.Minute), receive.DeadLetters(func(context.Context, receive.Record) error {
			t.Error("a dead letter")
			return nil
		}))
		receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error { tries++; return errors.New("no") })
		if err := mux.Dispatch(ctx, r); !errors.Is(err, context.DeadlineExceeded) || tries != 2 {
			t.Errorf("error %v after %d tries", err, tries)
		}
	})
}

// A panic is not tried again, and is known by its value and its stack.
func TestPanic(t *testing.T) {
	calls, cause := 0, errors.New("boom")
	mux := receive.NewMux(receive.Retry(5, time.Hour, time.Hour))
	receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error { calls++; panic(cause) })
	err := mux.Dispatch(context.Background(), failedRecord(t))
	p, ok := errors.AsType[*receive.PanicError](err)
	if !ok || calls != 1 || !errors.Is(err, cause) || !strings.Contains(string(p.Stack), "TestPanic") {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

// An event that comes again is handled once, as far as the window goes; one that has
// failed is not handled.
func TestDeduplicate(t *testing.T) {
	records := published(t, onex.ProfileV1)
	var handled []string
	var fail error
	mux := receive.NewMux(receive.Deduplicate(2), receive.DeadLetters(func(context.Context, receive.Record) error { return nil }))
	receive.On(mux, "*", func(_ context.Context, e receive.Event[envelope.Payload]) error {
		handled = append(handled, fmt.Sprint(e.Record.Offset))
		return fail
	})
	dispatch := func(numbers ...int) {
		t.Helper()
		for _, n := range numbers {
			if err := mux.Dispatch(context.Background(), records[n]); err != nil {
				t.Error(err)
			}
		}
	}
	dispatch(0, 0, 1, 0, 1, 2, 2, 1, 0)
	fail = errors.New("no")
	dispatch(3) // to the dead letters
	fail = nil
	dispatch(3, 3) // from there
	if got, want := strings.Join(handled, " "), "0 1 2 0 3 3"; got != want {
		t.Errorf("handled %s, want %s", got, want)
	}
}

// store is one of a program's own.
type store struct {
	done        map[uuid.UUID]bool
	asks, notes error
}

func (s *store) Handled(_ context.Context, id uuid.UUID) (bool, error) { return s.done[id], s.asks }

func (s *store) Done(_ context.Context, id uuid.UUID) error {
	s.done[id] = s.notes == nil
	return s.notes
}

// A store of the program's takes the place of the window. What it cannot say or note is
// an error, and the record comes again.
func TestStore(t *testing.T) {
	s := &store{done: map[uuid.UUID]bool{}}
	calls := 0
	mux := receive.NewMux(receive.DeduplicateIn(s))
	receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error { calls++; return nil })
	r := failedRecord(t)
	dispatch := func() error { return mux.Dispatch(context.Background(), r) }
	away := errors.New("the store is away")
	s.asks = away
	if err := dispatch(); !errors.Is(err, away) || calls != 0 {
		t.Errorf("error %v after %d calls", err, calls)
	}
	s.asks, s.notes = nil, away
	if err := dispatch(); !errors.Is(err, away) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
	s.notes = nil
	if err := errors.Join(dispatch(), dispatch()); err != nil || calls != 2 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

func FuzzDispatch(f *testing.F) {
	for _, r := range published(f, onex.ProfileV1) {
		f.Add(r.Value)
	}
	for _, r := range published(f, onex.Profile2) {
		f.Add(r.Value)
	}
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, value []byte) {
		letters := 0
		mux := receive.NewMux(receive.OnUnknown(receive.DeadLetter), receive.DeadLetters(func(_ context.Context, r receive.Record) error {
			letters++
			_, err := envelope.DecodeDeadLetter(r.Value)
			return err
		}))
		handled := 0
		receive.On(mux, "*", func(context.Context, receive.Event[envelope.Payload]) error { handled++; return nil })
		if err := mux.Dispatch(context.Background(), receive.Record{Topic: "t", Value: value}); err != nil || handled+letters != 1 {
			t.Errorf("%d handled, %d dead letters, error %v", handled, letters, err)
		}
	})
}

// Handlers get the events that Python's packages have written, old and new.
func TestPython(t *testing.T) {
	var old []struct{ Envelope json.RawMessage }
	vectors.Read(t, "events.json", &old)
	var values []json.RawMessage
	for _, e := range old {
		values = append(values, e.Envelope)
	}
	for _, c := range vectors2.Cases(t) {
		values = append(values, c.Value)
	}
	kinds := map[string]int{}
	mux := receive.NewMux(receive.OnUnknown(receive.Error))
	receive.On(mux, "*", func(_ context.Context, e receive.Event[envelope.Payload]) error {
		kinds[fmt.Sprintf("%T", e.Envelope)+fmt.Sprintf(" %T", e.Payload)]++
		return nil
	})
	for _, value := range values {
		if err := mux.Dispatch(context.Background(), receive.Record{Topic: "t", Value: value}); err != nil {
			t.Errorf("%v in %s", err, value)
		}
	}
	if len(kinds) != 10 {
		t.Errorf("the handler got %v, want five of each envelope", kinds)
	}
}
