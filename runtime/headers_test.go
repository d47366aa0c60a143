package onex_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// noContext is what a program should not give.
var noContext context.Context

// traceKey has a context's header in these tests.
type traceKey struct{}

func withTrace(ctx context.Context, trace string) context.Context {
	return context.WithValue(ctx, traceKey{}, trace)
}

func traceHeaders(ctx context.Context) []kgo.RecordHeader {
	trace, _ := ctx.Value(traceKey{}).(string)
	return []kgo.RecordHeader{{Key: "traceparent", Value: []byte(trace)}, {Key: "null"}, {Key: "", Value: []byte{}}}
}

// ownHeaders returns the headers of a record that the program has given, which come
// last but for those of a dead letter.
func ownHeaders(rec *kgo.Record, ours int) []kgo.RecordHeader {
	headers := slices.DeleteFunc(slices.Clone(rec.Headers), func(h kgo.RecordHeader) bool { return slices.Contains(onex.DeadLetterHeaders(), h.Key) })
	return headers[min(ours, len(headers)):]
}

// oursOf is how many headers of ours an event has that has a cause, and one that has none.
var oursOf = map[onex.Profile][2]int{onex.ProfileV1: {0, 0}, onex.Profile2: {11, 10}}

// Headers are those of the context in which an event is published: of whatever kind,
// with all ways to publish, in both profiles. Values that are nil or empty stay so.
func TestHeaders(t *testing.T) {
	for profile, ours := range oursOf {
		broker := startKafka(t)
		reused := []byte("a")
		pub := newPublisher(t, onex.Config{Profile: profile, Spool: &memSpool{}, Headers: func(ctx context.Context) []kgo.RecordHeader {
			headers := traceHeaders(ctx)
			reused = append(reused[:0], headers[0].Value...) // each event changes the last one's
			headers[0].Value = reused
			return headers
		}}, broker)
		node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
		op := onex.NewOperation[onex.None, onex.None](node, "x")
		ctx := withTrace(onex.ContextWithCorrelation(testContext(t), id), "1")
		for _, err := range []error{
			onex.StateChanged(ctx, node, id, "a", "b", "c"),
			onex.MetricRecorded(withTrace(ctx, "2"), node, "m", 1, "u"),
			op.Started(withTrace(ctx, "3"), id, onex.None{}, onex.Durable()),
			op.Completed(withTrace(ctx, "4"), id, onex.None{}, time.Second),
			onex.RunBare(withTrace(ctx, "5"), op, func(ctx context.Context) error {
				return onex.MetricRecorded(withTrace(ctx, "7"), node, "m", 1, "u")
			}),
			onex.MetricRecorded(noContext, node, "m", 1, "u"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		topics, want := pub.Topics(), []string{"1", "2", "3", "4", "5", "5", "7", ""}
		var got []string
		for _, topic := range topics {
			for _, rec := range readAll(t, broker, topic) {
				n := ours[1]
				if slices.ContainsFunc(rec.Headers, func(h kgo.RecordHeader) bool { return h.Key == "parent_message_id" }) {
					n = ours[0]
				}
				own := ownHeaders(rec, n)
				if len(own) != 3 {
					t.Fatalf("%v: headers %q", profile, own)
				}
				got = append(got, string(own[0].Value))
				own[0].Value = nil
				if want := []kgo.RecordHeader{{Key: "traceparent"}, {Key: "null"}, {Key: "", Value: []byte{}}}; !reflect.DeepEqual(own, want) {
					t.Errorf("%v: headers %#v", profile, own)
				}
			}
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%v: %q, want %q", profile, got, want)
		}
	}
}

// Whatever Headers returns, or does, the event is published, with those headers that
// can be had, and the log says what is left out.
func TestHeadersThatCannotBe(t *testing.T) {
	long := strings.Repeat("x", 16<<10)
	many := make([]kgo.RecordHeader, 70)
	for i := range many {
		many[i] = kgo.RecordHeader{Key: fmt.Sprint(i), Value: []byte("v")}
	}
	one := kgo.RecordHeader{Key: "k", Value: []byte("v")}
	for name, tt := range map[string]struct {
		cfg     onex.Config
		headers func(context.Context) []kgo.RecordHeader
		want    []kgo.RecordHeader
		log     string
	}{
		"none":      {headers: func(context.Context) []kgo.RecordHeader { return nil }},
		"panic":     {headers: func(context.Context) []kgo.RecordHeader { panic("password=hunter2x") }, log: "Config.Headers panicked"},
		"nil panic": {headers: func(context.Context) []kgo.RecordHeader { panic(nil) }, log: "Config.Headers panicked"},
		"many":      {headers: func(context.Context) []kgo.RecordHeader { return many }, want: many[:64], log: "headers=6 first=64"},
		"at most": {headers: func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{{Key: "k", Value: []byte(long[1:])}}
		}, want: []kgo.RecordHeader{{Key: "k", Value: []byte(long[1:])}}},
		"one long": {headers: func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{{Key: "k", Value: []byte(long)}, one}
		}, want: []kgo.RecordHeader{one}, log: "they are too large"},
		"long key": {headers: func(context.Context) []kgo.RecordHeader { return []kgo.RecordHeader{one, {Key: long}} }, want: []kgo.RecordHeader{one}, log: "they are too large"},
		"no room": {cfg: onex.Config{MaxInFlightBytes: 8 << 10}, headers: func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{{Key: "k", Value: []byte(long[:4<<10])}}
		}, log: "MaxInFlightBytes"},
		"of letters": {headers: func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{one, {Key: onex.HeaderEventID, Value: []byte("1")}, {Key: onex.HeaderFailureReason}}
		}, want: []kgo.RecordHeader{one}, log: "headers=2 first=event_id"},
		"of V2": {cfg: onex.Config{Profile: onex.Profile2}, headers: func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{{Key: "parent_message_id", Value: []byte("1")}, one, {Key: "correlation_id", Value: []byte("1")}}
		}, want: []kgo.RecordHeader{one}, log: "headers=2 first=parent_message_id"},
		"as of V2": {headers: func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{{Key: "correlation_id", Value: []byte("1")}}
		}, want: []kgo.RecordHeader{{Key: "correlation_id", Value: []byte("1")}}},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			broker := startKafka(t)
			var log bytes.Buffer
			tt.cfg.Headers, tt.cfg.Logger = tt.headers, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
			pub := newPublisher(t, tt.cfg, broker)
			if err := operation(pub, "effect", "x").Started(testContext(t), id, onex.None{}); err != nil {
				t.Fatal(err)
			}
			if err := pub.Close(testContext(t)); err != nil {
				t.Fatal(err)
			}
			topics := pub.Topics()
			rec := readAll(t, broker, topics[len(topics)-1])[0]
			if got := ownHeaders(rec, oursOf[tt.cfg.Profile][1]); len(got)+len(tt.want) > 0 && !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%d headers: %.200q, want %.200q", len(got), got, tt.want)
			}
			said := 0
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, "eaders") {
					said++
				}
			}
			if want := min(1, len(tt.log)); said != want || !strings.Contains(log.String(), tt.log) || strings.Contains(log.String(), "hunter2x") {
				t.Errorf("said %d times, want %d with %q:\n%s", said, want, tt.log, &log)
			}
		})
	}
}

// What has gone wrong with headers is not told more than a hundred times in a second.
func TestHeadersPanicOften(t *testing.T) {
	var log bytes.Buffer
	pub := newPublisher(t, onex.Config{
		Logger:  slog.New(slog.NewTextHandler(&log, nil)),
		Headers: func(context.Context) []kgo.RecordHeader { panic("no") },
	}, startKafka(t))
	op := operation(pub, "effect", "x")
	for range 1000 {
		if err := op.Started(testContext(t), id, onex.None{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "Config.Headers panicked"); n == 0 || n > 500 || !strings.Contains(log.String(), "held_back") {
		t.Errorf("told %d times", n)
	}
}

// Headers count for the bytes in flight.
func TestHeadersInFlight(t *testing.T) {
	published := func(value string) (n int) {
		pub := newPublisher(t, onex.Config{MaxInFlightBytes: 256 << 10, Headers: func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{{Key: "k", Value: []byte(value)}}
		}}, noKafka(t))
		op := operation(pub, "effect", "x")
		for op.Started(testContext(t), id, onex.None{}) == nil {
			n++
		}
		return n
	}
	if few, many := published(strings.Repeat("x", 8<<10)), published(""); few == 0 || few > 256/8 || many < 100 {
		t.Errorf("%d events with large headers, and %d with small ones", few, many)
	}
}

// Headers are those of the moment of publishing after whatever may become of an event: it
// waits on disk for the next process, which has no Headers; it becomes a dead letter;
// its operation's process ends, which the next one says.
func TestHeadersStay(t *testing.T) {
	for profile, ours := range oursOf {
		dir := t.TempDir()
		open := func() onex.Spool {
			sp, err := spool.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			return sp
		}
		first := newPublisher(t, onex.Config{Profile: profile, Spool: open(), Headers: traceHeaders}, noKafka(t))
		ctx := withTrace(testContext(t), "of the request")
		node := onex.NewNode(first, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
		if err := onex.NewOperation[onex.None, onex.None](node, "x").Started(ctx, id, onex.None{}, onex.Durable()); err != nil {
			t.Fatal(err)
		}
		if err := onex.MetricRecorded(ctx, node, "unfit", 1, "u", onex.Durable(), onex.WithCorrelationID(id)); err != nil {
			t.Fatal(err)
		}
		topics := first.Topics()
		_ = first.Close(closed(context.Background()))

		k := newKafka(t).start()
		next := newPublisher(t, onex.Config{Profile: profile, Spool: open(), Headers: func(context.Context) []kgo.RecordHeader { panic("it is not asked again") }}, k.addr(), append(quick(), uncompressed)...)
		refuse(k.cluster, topics[0], "unfit", kerr.MessageTooLarge)
		if err := next.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if got, want := next.Ledger(), (onex.Ledger{Accepted: 3, Delivered: 2, DeadLettered: 1}); got != want {
			t.Fatalf("ledger %+v, want %+v", got, want)
		}
		letter := topics[0] + ".dlq"
		if profile == onex.Profile2 {
			letter = "onex.dlq.a.effect-metric-recorded.v1"
		}
		failed := strings.Replace(topics[len(topics)-1], "started", "failed", 1)
		want := traceHeaders(ctx)
		for topic, n := range map[string]int{letter: ours[1], topics[len(topics)-1]: ours[1], failed: ours[0]} {
			rec := readAll(t, k.addr(), topic)[0]
			if got := ownHeaders(rec, n); !reflect.DeepEqual(got, want) {
				t.Errorf("%s has headers %q, want %q", topic, got, want)
			}
		}
	}
}

// The recorder of tests shows the headers, and a publisher that is switched off asks for none.
func TestHeadersWithoutKafka(t *testing.T) {
	rec := onextest.NewConfig(t, onex.Config{Headers: traceHeaders})
	if err := operation(rec.Publisher(), "effect", "x").Started(withTrace(t.Context(), "1"), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	if got := rec.Events()[0].Headers["traceparent"]; got != "1" {
		t.Errorf("traceparent %q", got)
	}
	var log bytes.Buffer
	pub := onextest.NewConfig(t, onex.Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), Headers: func(context.Context) []kgo.RecordHeader { panic("no") }}).Publisher()
	if err := operation(pub, "effect", "x").Started(t.Context(), id, onex.None{}); err != nil || !strings.Contains(log.String(), "Config.Headers panicked") {
		t.Errorf("%v, log %s", err, &log)
	}
	off, err := onex.NewPublisher(onex.Config{Disabled: true, Headers: func(context.Context) []kgo.RecordHeader { t.Error("asked"); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := operation(off, "effect", "x").Started(t.Context(), id, onex.None{}); err != nil {
		t.Error(err)
	}
}
