package onex_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	vectors2 "github.com/omninode-ai/onexevents/testdata/vectors-2"
)

// What is published with Profile2 is what OmniNode's own packages published, up to
// the time: the record's topic, key, partition and headers, and the envelope.
func TestProfile2(t *testing.T) {
	broker := startKafka(t)
	cases := vectors2.Cases(t)
	byID := map[string]vectors2.Case{}
	for _, c := range cases {
		byID[c.Input.EventID.String()] = c
		publishCase(t, broker, c)
	}
	seen := map[string]bool{}
	for _, rec := range consumeAny(t, broker, len(cases)) {
		env, err := envelope.DecodeV2(rec.Value)
		if err != nil {
			t.Fatal(err)
		}
		c := byID[env.EventID.String()]
		seen[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			if rec.Topic != c.Topic || string(rec.Key) != c.Key || rec.Partition != int32(c.Partition) {
				t.Errorf("topic %s, key %s, partition %d; want %s, %s, %d", rec.Topic, rec.Key, rec.Partition, c.Topic, c.Key, c.Partition)
			}
			var got [][2]string
			for _, h := range rec.Headers {
				got = append(got, [2]string{h.Key, string(h.Value)})
			}
			var want map[string]any
			decodeExact(t, c.Value, &want)
			at := timeOf(want["payload"].(map[string]any))
			headers := append([][2]string(nil), c.Headers...)
			headers[3][1] = at // one reading of the clock
			if !reflect.DeepEqual(got, headers) {
				t.Errorf("headers\n     %q\nwant %q", got, headers)
			}
			want["envelope_timestamp"] = strings.Replace(at, "+00:00", "Z", 1)
			var value map[string]any
			decodeExact(t, rec.Value, &value)
			if !reflect.DeepEqual(value, want) {
				t.Errorf("published\n     %v\nwant %v", value, want)
			}
		})
	}
	if len(seen) != 66 {
		t.Errorf("%d of 66 events were read", len(seen))
	}
}

func publishCase(t *testing.T, broker string, c vectors2.Case) {
	t.Helper()
	var value struct{ Payload json.RawMessage }
	var a arguments
	var summaries struct {
		Input  json.RawMessage `json:"input_summary"`
		Result json.RawMessage `json:"result_summary"`
	}
	var fields map[string]any
	if err := errors.Join(json.Unmarshal(c.Value, &value), json.Unmarshal(value.Payload, &a), json.Unmarshal(value.Payload, &summaries)); err != nil {
		t.Fatal(err)
	}
	decodeExact(t, value.Payload, &fields)
	a.InputTypes, a.ResultTypes = []byte(summaries.Input), []byte(summaries.Result)
	a.value = mapOf
	if metadata, ok := fields["metadata"].(map[string]any); ok {
		a.Metadata = metadata
	}
	now, err := time.Parse(time.RFC3339Nano, timeOf(fields))
	if err != nil {
		t.Fatal(err)
	}
	ids := []uuid.UUID{c.Input.EventID, c.Input.MintedID}
	pub := newPublisher(t, onex.Config{
		Profile: onex.Profile2, Environment: c.Input.Environment, Now: func() time.Time { return now },
		NewID: func() uuid.UUID { id := ids[0]; ids = ids[1:]; return id },
	}, broker)
	node := onex.NewNode(pub, c.Input.NodeID, onex.NodeSpec{Type: c.Input.NodeType, Service: c.Input.Service})
	a.publish(t, node, c.Input.Kind, c.Input.Operation, onex.WithCausationID(c.Input.CausationID))
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
}

// mapOf returns a map that has the keys and the types of a summary, whatever keys
// they are.
func mapOf(t *testing.T, types jsontext.Value) any {
	t.Helper()
	var summary map[string]string
	if err := json.Unmarshal(types, &summary); err != nil {
		t.Fatal(err)
	}
	value := map[string]any{}
	for key, name := range summary {
		value[key] = examples[name]
	}
	return value
}

// timeOf returns the time that a payload says.
func timeOf(payload map[string]any) string {
	for _, key := range []string{"started_at", "completed_at", "failed_at", "changed_at", "recorded_at"} {
		if at, ok := payload[key].(string); ok {
			return at
		}
	}
	return ""
}

// decodeExact keeps the numbers exact that are not the metric's, which are floats.
func decodeExact(t *testing.T, raw []byte, into *map[string]any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		t.Fatal(err)
	}
	var floats func(v any)
	floats = func(v any) {
		if m, ok := v.(map[string]any); ok {
			for key, v := range m {
				if n, ok := v.(json.Number); ok && (key == "metric_value" || key == "execution_time_ms") {
					m[key], _ = n.Float64()
				}
				floats(v)
			}
		}
	}
	floats(*into)
}

// consumeAny returns n records of topics of Profile2.
func consumeAny(t *testing.T, broker string, n int) (records []*kgo.Record) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeRegex(), kgo.ConsumeTopics(`onex\.(evt|dlq)\..*`),
		kgo.MetadataMinAge(10*time.Millisecond), kgo.MetadataMaxAge(50*time.Millisecond), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := testContext(t)
	for len(records) < n {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%d of %d records: %v", len(records), n, err)
		}
		records = append(records, fetches.Records()...)
	}
	return records
}

// The namespace is in front of the topic, and of that of dead letters, and nowhere
// else; dead letters keep the event's headers.
func TestProfile2Namespace(t *testing.T) {
	for namespace, prefix := range map[string]string{"": "", "slot-1": "slot-1.", "onex": ""} {
		k := newKafka(t).start()
		pub := newPublisher(t, onex.Config{Profile: onex.Profile2, Namespace: namespace}, k.addr(), append(quick(), uncompressed)...)
		topic := prefix + "onex.evt.a-b.effect-metric-recorded.v1"
		refuse(k.cluster, topic, "unfit", kerr.MessageTooLarge)
		node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a_b"})
		for _, unit := range []string{"fit", "unfit"} {
			if err := onex.MetricRecorded(testContext(t), node, "m", 1, unit); err != nil {
				t.Fatal(err)
			}
		}
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if got, want := pub.Ledger(), (onex.Ledger{Accepted: 2, Delivered: 1, DeadLettered: 1}); got != want {
			t.Errorf("ledger %+v, want %+v", got, want)
		}
		event := readAll(t, k.addr(), topic)[0]
		letter := readAll(t, k.addr(), prefix+"onex.dlq.a-b.effect-metric-recorded.v1")[0]
		decoded, err := envelope.DecodeDeadLetter(letter.Value)
		if err != nil || decoded.OriginalTopic != topic {
			t.Errorf("%+v, %v", decoded, err)
		}
		for _, rec := range []*kgo.Record{event, letter} {
			value := rec.Value
			if rec == letter {
				value = decoded.OriginalData
				rec.Headers = slices.DeleteFunc(rec.Headers, func(h kgo.RecordHeader) bool {
					return slices.Contains(onex.DeadLetterHeaders(), h.Key)
				})
			}
			env, err := envelope.DecodeV2(value)
			if err != nil {
				t.Fatal(err)
			}
			checkHeaders(t, rec, env, strings.TrimPrefix(topic, prefix))
			if env.CorrelationID == nil || strings.Contains(string(env.Payload), "correlation_id") || string(rec.Key) != "n1" {
				t.Errorf("key %s, %s", rec.Key, value)
			}
		}
	}
}

// checkHeaders checks the headers that say what the envelope says.
func checkHeaders(t *testing.T, rec *kgo.Record, env *envelope.V2, topic string) {
	t.Helper()
	headers := map[string]string{}
	for _, h := range rec.Headers {
		headers[h.Key] = string(h.Value)
	}
	want := map[string]string{
		"content_type": "application/json", "correlation_id": env.CorrelationID.String(), "message_id": env.EventID.String(),
		"timestamp": headers["timestamp"], "source": "development", "event_type": topic, "schema_version": "1.0.0",
		"priority": "normal", "retry_count": "0", "max_retries": "3",
	}
	if cause := env.Event().CausationID; cause != "" {
		want["parent_message_id"] = cause
	}
	if !reflect.DeepEqual(headers, want) || len(rec.Headers) != len(want) {
		t.Errorf("headers %v, want %v", headers, want)
	}
	if at, err := time.Parse("2006-01-02T15:04:05.999999+00:00", headers["timestamp"]); err != nil || !at.Equal(env.EventTimestamp) {
		t.Errorf("the header says %s, and the body %v", headers["timestamp"], env.EventTimestamp)
	}
}

// What waits on disk keeps its headers, and so does the end of an operation that its
// process did not survive, whatever the next publisher's profile.
func TestProfile2OnDisk(t *testing.T) {
	for _, next := range []onex.Profile{onex.Profile2, onex.ProfileV1} {
		spool := &memSpool{}
		first := newPublisher(t, onex.Config{Profile: onex.Profile2, Namespace: "slot", Spool: spool}, noKafka(t))
		op := operation(first, "effect", "x")
		ctx := onex.ContextWithDurable(onex.ContextWithCorrelation(testContext(t), id))
		if err := op.Started(ctx, id, onex.None{}, onex.WithCausationID("550e8400-e29b-41d4-a716-446655440000")); err != nil {
			t.Fatal(err)
		}
		_ = first.Close(closed(context.Background()))

		broker := startKafka(t)
		cfg := onex.Config{Profile: next, Spool: spool}
		pub := newPublisher(t, cfg, broker)
		if err := pub.Close(testContext(t)); err != nil {
			t.Fatal(err)
		}
		var started uuid.UUID
		for _, stage := range []string{"started", "failed"} {
			topic := "onex.evt.a.effect-x-" + stage + ".v1"
			rec := readAll(t, broker, "slot."+topic)[0]
			env, err := envelope.DecodeV2(rec.Value)
			if err != nil {
				t.Fatal(err)
			}
			checkHeaders(t, rec, env, topic)
			if string(rec.Key) != id.String() {
				t.Errorf("key %s", rec.Key)
			}
			if stage == "started" {
				started = env.EventID
			} else if env.Event().CausationID != started.String() {
				t.Errorf("caused by %s, want %s", env.Event().CausationID, started)
			}
		}
	}
}

// A cause that is no UUID is in the tag alone.
func TestProfile2Cause(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{Profile: onex.Profile2}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	causes := []string{"run-7", "550E8400-E29B-41D4-A716-446655440000", "(550e8400-e29b-41d4-a716-446655440000)"}
	for _, cause := range causes {
		if err := onex.MetricRecorded(testContext(t), node, "m", 1, "u", onex.WithCausationID(cause)); err != nil {
			t.Fatal(err)
		}
	}
	for i, rec := range consumeAny(t, broker, len(causes)) {
		env, err := envelope.DecodeV2(rec.Value)
		if err != nil {
			t.Fatal(err)
		}
		last := rec.Headers[len(rec.Headers)-1]
		if is := last.Key == "parent_message_id"; is != (i == 1) || is && string(last.Value) != strings.ToLower(causes[i]) || env.Metadata.Tags["causation_id"] != causes[i] {
			t.Errorf("%s: header %s %s, tags %v", causes[i], last.Key, last.Value, env.Metadata.Tags)
		}
	}
}

// A later version of an operation's events has a topic and a schema version of its
// own, and one event type.
func TestProfile2Versions(t *testing.T) {
	broker := startKafka(t)
	pub := newPublisher(t, onex.Config{Profile: onex.Profile2}, broker)
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	op := onex.NewOperationVersion[onex.None, onex.None](node, "x", 2)
	if err := op.Started(testContext(t), id, onex.None{}); err != nil {
		t.Fatal(err)
	}
	rec := consumeAny(t, broker, 1)[0]
	env, err := envelope.DecodeV2(rec.Value)
	if err != nil {
		t.Fatal(err)
	}
	const topic = "onex.evt.a.effect-x-started.v2"
	if rec.Topic != topic || *env.EventType != "a.effect-x-started" || env.PayloadSchemaVersion.Major != 2 || env.Event().Version != 2 {
		t.Errorf("topic %s, %s", rec.Topic, rec.Value)
	}
	checkHeaders(t, rec, env, topic)
}
