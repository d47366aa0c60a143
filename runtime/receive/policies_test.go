package receive_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/receive"
)

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

// Who reads the topics of dead letters too makes no dead letters of these.
func TestDeadLetterIsNoneAgain(t *testing.T) {
	for profile, topic := range map[onex.Profile]string{onex.ProfileV1: "dev.stamping.effect.stamp.failed.v1.dlq", onex.Profile2: "onex.dlq.stamping.effect-stamp-failed.v1"} {
		var letters []receive.Record
		mux := receive.NewMux(receive.DeadLetters(func(_ context.Context, r receive.Record) error { letters = append(letters, r); return nil }))
		receive.On(mux, "*", func(context.Context, receive.Event[envelope.OperationFailed]) error { return errors.New("no") })
		all := published(t, profile)
		if err := mux.Dispatch(context.Background(), all[len(all)-1]); err != nil || len(letters) != 1 || letters[0].Topic != topic {
			t.Fatalf("%v, dead letters %v", err, letters)
		}
		if err := mux.Dispatch(context.Background(), letters[0]); err != nil || len(letters) != 1 {
			t.Errorf("%v, and a dead letter of a dead letter: %v", err, letters[1:])
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
