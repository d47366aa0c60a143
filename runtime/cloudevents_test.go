package onex_test

import (
	"bytes"
	"context"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/onextest"
)

// cloudHeaders returns the headers of a record that are a CloudEvent's, each of which it
// has once.
func cloudHeaders(t *testing.T, rec *kgo.Record) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, h := range rec.Headers {
		if len(h.Key) < 3 || h.Key[:3] != "ce_" && h.Key != "content-type" {
			continue
		}
		if _, twice := found[h.Key]; twice {
			t.Errorf("%s twice", h.Key)
		}
		found[h.Key] = string(h.Value)
	}
	return found
}

// checkCloudEvent reports a record that is not the CloudEvent that its envelope says.
func checkCloudEvent(t *testing.T, rec *kgo.Record, value []byte, more map[string]string) {
	t.Helper()
	env, err := envelope.DecodeAny(value)
	if err != nil {
		t.Fatal(err)
	}
	e := env.Event()
	eventType := e.Type
	if v2, ok := env.(*envelope.V2); ok {
		eventType = *v2.EventType
	}
	want := map[string]string{
		"content-type": "application/json", "ce_specversion": "1.0", "ce_type": eventType, "ce_source": "/a/n%2F1",
		"ce_id": e.ID.String(), "ce_time": e.Time.Format(time.RFC3339Nano), "ce_partitionkey": string(rec.Key),
	}
	maps.Copy(want, more)
	if got := cloudHeaders(t, rec); !maps.Equal(got, want) {
		t.Errorf("%s\nhas the headers %q\nwant            %q", rec.Topic, got, want)
	}
	if e.Time.Location() != time.UTC {
		t.Errorf("the envelope's time is %v", e.Time)
	}
}

// With CloudEvents the record of each event says with its headers what its envelope
// says, in both profiles: at once, after a time in the spool, in a dead letter, and for
// an operation whose process has ended. The value is what it is without them.
func TestCloudEvents(t *testing.T) {
	for profile := range oursOf {
		sp := &memSpool{}
		subject := func(context.Context) []kgo.RecordHeader {
			return []kgo.RecordHeader{{Key: "ce_subject", Value: []byte("s")}, {Key: "ce_id", Value: []byte("mine")}}
		}
		config := onex.Config{Profile: profile, CloudEvents: true, Spool: sp, Headers: subject}
		first := newPublisher(t, config, noKafka(t))
		node := onex.NewNode(first, "n/1", onex.NodeSpec{Type: "effect", Service: "a"})
		ctx := testContext(t)
		if err := onex.NewOperation[onex.None, onex.None](node, "x").Started(ctx, id, onex.None{}, onex.Durable()); err != nil {
			t.Fatal(err)
		}
		if err := onex.MetricRecorded(ctx, node, "unfit", 1, "u", onex.Durable(), onex.WithCorrelationID(id)); err != nil {
			t.Fatal(err)
		}
		metrics := first.Topics()[0]
		_ = first.Close(closed(ctx))

		k := newKafka(t).start()
		config.Headers = nil
		next := newPublisher(t, config, k.addr(), append(quick(), uncompressed)...)
		refuse(k.cluster, metrics, "unfit", kerr.MessageTooLarge)
		node = onex.NewNode(next, "n/1", onex.NodeSpec{Type: "effect", Service: "a"})
		if err := onex.StateChanged(ctx, node, uuid.New(), "a", "b", "c", onex.WithPartitionKey("key ä")); err != nil {
			t.Fatal(err)
		}
		if err := next.Close(ctx); err != nil {
			t.Fatal(err)
		}
		if got, want := next.Ledger(), (onex.Ledger{Accepted: 4, Delivered: 3, DeadLettered: 1}); got != want {
			t.Fatalf("ledger %+v, want %+v", got, want)
		}
		seen := 0
		withSubject := map[string]string{"ce_subject": "s"}
		for _, topic := range next.Topics() {
			for _, rec := range readAll(t, k.addr(), topic) {
				env, err := envelope.DecodeAny(rec.Value)
				if err != nil {
					t.Fatal(err)
				}
				more := withSubject // which the failed event has from its started event
				if env.Event().Type == "effect.state.changed" {
					more = nil
				}
				checkCloudEvent(t, rec, rec.Value, more)
				seen++
			}
		}
		letter := readAll(t, k.addr(), map[onex.Profile]string{onex.ProfileV1: metrics + ".dlq", onex.Profile2: "onex.dlq.a.effect-metric-recorded.v1"}[profile])[0]
		inside, err := envelope.DecodeDeadLetter(letter.Value)
		if err != nil {
			t.Fatal(err)
		}
		checkCloudEvent(t, letter, inside.OriginalData, withSubject)
		if seen != 3 {
			t.Errorf("%d events", seen)
		}
	}
}

// Without CloudEvents there are no such headers but the program's own. With them the
// value of an event is the same, and a key that no attribute can have is left out.
func TestCloudEventsOrNot(t *testing.T) {
	own := func(context.Context) []kgo.RecordHeader {
		return []kgo.RecordHeader{{Key: "ce_id", Value: []byte("mine")}}
	}
	publish := func(cfg onex.Config, key string) onextest.Event {
		cfg.Headers = own
		rec := onextest.NewConfig(t, cfg)
		if err := operation(rec.Publisher(), "effect", "x").Started(t.Context(), id, onex.None{}, onex.WithPartitionKey(key)); err != nil {
			t.Fatal(err)
		}
		return rec.Events()[0]
	}
	for profile := range oursOf {
		off, on := publish(onex.Config{Profile: profile}, "k"), publish(onex.Config{Profile: profile, CloudEvents: true}, "k")
		if off.Headers["ce_id"] != "mine" || off.Headers["ce_type"] != "" || off.Headers["content-type"] != "" {
			t.Errorf("without: %v", off.Headers)
		}
		if on.Headers["ce_id"] == "mine" || on.Headers["ce_partitionkey"] != "k" {
			t.Errorf("with: %v", on.Headers)
		}
		if !bytes.Equal(off.Wire(), on.Wire()) {
			t.Errorf("%s\nis with CloudEvents\n%s", off.Wire(), on.Wire())
		}
		for key, want := range map[string]string{"ä €": "ä €", "a\x01": "", "a\u0085b": "", "\ufffe": ""} {
			if got, has := publish(onex.Config{Profile: profile, CloudEvents: true}, key).Headers["ce_partitionkey"]; got != want || has != (want != "") {
				t.Errorf("of the key %q: %q", key, got)
			}
		}
	}
}
