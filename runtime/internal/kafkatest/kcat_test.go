//go:build kafka

package kafkatest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// kcatRecord is a record as kcat prints it.
type kcatRecord struct {
	Topic        string
	Partition    int
	Key, Payload string
}

// kcat reads topics with kcat, which nobody here has written.
func kcat(t *testing.T, settings []string, topics ...string) (records []kcatRecord) {
	t.Helper()
	path, err := exec.LookPath("kcat")
	if err != nil {
		t.Fatalf("%v; install it: apt-get install kcat, or brew install kcat", err)
	}
	for _, topic := range topics {
		var stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), path, append([]string{"-C", "-t", topic, "-e", "-q", "-J", "-X", "fetch.wait.max.ms=20"}, settings...)...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", cmd, err, stderr.Bytes())
		}
		for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
			var r kcatRecord
			if err := dec.Decode(&r); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			records = append(records, r)
		}
	}
	return records
}

// kcatPartitions lets kcat publish under the records' keys, by the rule of
// Java's producer, and returns where they went.
func (b *bench) kcatPartitions(records []kcatRecord, n int32) map[string]int {
	b.t.Helper()
	topic := b.namespace + ".kcat"
	b.CreateTopics(b.t, n, nil, topic)
	var lines strings.Builder
	for _, r := range records {
		fmt.Fprintf(&lines, "%s|\n", r.Key)
	}
	cmd := exec.Command("kcat", append([]string{"-P", "-t", topic, "-K", "|", "-X", "partitioner=murmur2_random"}, b.kcatPlaintext()...)...)
	cmd.Stdin = strings.NewReader(lines.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	partitions := map[string]int{}
	for _, r := range kcat(b.t, b.kcatPlaintext(), topic) {
		partitions[r.Key] = r.Partition
	}
	return partitions
}

func (b *bench) kcatPlaintext() []string {
	return []string{"-b", strings.Join(b.Addresses(kafkacluster.Plaintext), ",")}
}

// kcatTLS is how kcat reads with TLS and a password: that of PLAIN, because the
// librdkafka of some systems (2.0 with Debian 12) answers SCRAM with a nonce that
// Kafka does not accept.
func (b *bench) kcatTLS() []string {
	return []string{
		"-b", strings.Join(b.Addresses(kafkacluster.SASL), ","),
		"-X", "security.protocol=SASL_SSL", "-X", "sasl.mechanism=PLAIN", "-X", "ssl.ca.location=" + b.File("ca.pem"),
		"-X", "sasl.username=" + kafkacluster.Admin, "-X", "sasl.password=" + kafkacluster.Password(kafkacluster.Admin),
	}
}

// What the example's nodes publish, another client reads: valid JSON with the
// contract's keys in its order, and by key and partition what Java's producer
// would have written.
func TestKcatReadsEverything(t *testing.T) {
	b := newBench(t, 1)
	topics := b.nodesTopics()
	b.CreateTopics(t, 3, nil, topics...)
	pub := b.open(onex.Config{}, b.Seeds(kafkacluster.SASL), b.tls("ca", ""), scram(kafkacluster.Publisher))
	runNodes(t, pub)
	b.close(pub)
	g := pub.Ledger()
	if g.Rejected > 0 || g.Accepted != g.Delivered || g.Accepted < 20 {
		t.Fatalf("ledger %+v", g)
	}
	var partitions map[string]int
	for name, settings := range map[string][]string{"plaintext": b.kcatPlaintext(), "TLS": b.kcatTLS()} {
		records := kcat(t, settings, topics...)
		if partitions == nil {
			partitions = b.kcatPartitions(records, 3)
		}
		if int64(len(records)) != g.Delivered {
			t.Errorf("%s: %d records, and %d events were delivered", name, len(records), g.Delivered)
		}
		ids := map[string]bool{}
		for _, r := range records {
			ids[checkEnvelope(t, r)] = true
			if want := partitions[r.Key]; r.Partition != want {
				t.Errorf("key %s is in partition %d of %s, and kcat puts it into %d", r.Key, r.Partition, r.Topic, want)
			}
		}
		if len(ids) != len(records) {
			t.Errorf("%s: %d records have %d event ids", name, len(records), len(ids))
		}
	}
}

// envelopeKeys and payloadKeys are the contract's.
var (
	envelopeKeys = []string{
		"envelope_version", "event_id", "event_type", "event_version", "event_timestamp", "source_node_id", "source_service", "source_version",
		"source_instance", "correlation_id", "causation_id", "environment", "region", "partition_key", "payload", "metadata",
	}
	payloadKeys = map[string][]string{
		"started":   {"operation", "correlation_id", "node_id", "started_at", "input_summary"},
		"completed": {"operation", "correlation_id", "node_id", "completed_at", "execution_time_ms", "result_summary", "success"},
		"failed":    {"operation", "correlation_id", "node_id", "failed_at", "execution_time_ms", "error_type", "error_message", "success"},
		"changed":   {"node_id", "node_type", "correlation_id", "changed_at", "old_state", "new_state", "transition_reason"},
		"recorded":  {"node_id", "node_type", "recorded_at", "metric_name", "metric_value", "metric_unit"},
	}
)

// checkEnvelope holds a record against the contract, and returns its event id.
func checkEnvelope(t *testing.T, r kcatRecord) (id string) {
	t.Helper()
	var env struct {
		EventID   string `json:"event_id"`
		EventType string `json:"event_type"`
		Payload   json.RawMessage
	}
	if err := json.Unmarshal([]byte(r.Payload), &env); err != nil {
		t.Fatalf("%v in %s", err, r.Payload)
	}
	if got := keysOf(t, r.Payload); !slices.Equal(got, envelopeKeys) {
		t.Errorf("the envelope in %s has the keys %q", r.Topic, got)
	}
	stage := env.EventType[strings.LastIndexByte(env.EventType, '.')+1:]
	got := keysOf(t, string(env.Payload))
	for _, optional := range []string{"metadata", "correlation_id"} { // from the last on
		if n := len(got) - 1; got[n] == optional {
			got = got[:n]
		}
	}
	if want := payloadKeys[stage]; !slices.Equal(got, want) {
		t.Errorf("the payload in %s has the keys %q, want %q", r.Topic, got, want)
	}
	if !strings.HasSuffix(r.Topic, "."+env.EventType+".v1") {
		t.Errorf("an event of type %s is in %s", env.EventType, r.Topic)
	}
	if want := expectedKey(t, r.Payload); r.Key != want {
		t.Errorf("an event in %s has the key %q, want %q", r.Topic, r.Key, want)
	}
	return env.EventID
}

// expectedKey is the contract's: the first of these that is not empty.
func expectedKey(t *testing.T, value string) string {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(value), &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"partition_key", "correlation_id", "source_node_id", "event_id"} {
		if text, _ := fields[name].(string); text != "" {
			return text
		}
	}
	return ""
}

// keysOf returns the keys of a JSON object in their order.
func keysOf(t *testing.T, object string) (keys []string) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(object))
	token := func() json.Token {
		next, err := dec.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, object)
		}
		return next
	}
	for token(); dec.More(); {
		keys = append(keys, token().(string))
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatalf("%v in %s", err, object)
		}
	}
	return keys
}
