package receive_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
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

// What Profile2 makes of a type is for its envelopes alone, and so is a type of
// Python's, which may stand in the name of the topic alone.
func TestTypesOfProfile2(t *testing.T) {
	var got []string
	note := func(name string) { got = append(got, name) }
	mux := receive.NewMux()
	receive.On(mux, stamping.StamperEventStampFailed2, func(_ context.Context, e receive.Event[envelope.OperationFailed]) error {
		note(e.Type)
		return nil
	})
	receive.On(mux, "python-node.*", func(_ context.Context, e receive.Event[map[string]int]) error {
		note(e.Type + fmt.Sprint(e.Payload))
		return nil
	})
	records := append(published(t, onex.ProfileV1), published(t, onex.Profile2)...)
	for _, topic := range []string{"onex.evt.python-node.document-stored.v1", "slot-1.onex.cmd.python-node.store.v2", "python-node.document-stored.v1", "onex.evt.python-node.v1"} {
		records = append(records, receive.Record{Topic: topic, Value: []byte(`{"payload":{"pages":3},"event_type":null}`)})
	}
	records = append(records, receive.Record{Topic: "t", Value: []byte(`{"payload":{"pages":4},"event_type":"python-node.document-read"}`)})
	for _, r := range records {
		if err := mux.Dispatch(context.Background(), r); err != nil {
			t.Error(err)
		}
	}
	want := []string{"effect.stamp.failed", "python-node.document-storedmap[pages:3]", "python-node.storemap[pages:3]", "python-node.document-readmap[pages:4]"}
	if !slices.Equal(got, want) {
		t.Errorf("handled %q, want %q", got, want)
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
		"let the handler of *.failed take envelope.OperationFailed": func(m *receive.Mux) {
			receive.On(m, "*.failed", func(context.Context, receive.Event[*envelope.OperationFailed]) error { return nil })
		},
	} {
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, want) {
					t.Errorf("panic %q, want %q in it", text, want)
				}
			}()
			register(receive.NewMux(nil))
		}()
	}
	receive.On(receive.NewMux(), "reducer.state.changed", func(context.Context, receive.Event[envelope.StateChanged]) error { return nil })
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
