//go:build kafka && python

package kafkatest_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/receive"
	"github.com/omninode-ai/onexevents/runtime/topics"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// What OmniNode's event bus publishes is read by envelope, receive and onexctl; a Go
// run that reacts to it hangs below it; and what nobody in Python handles can be
// replayed.
func TestPythonPublishes(t *testing.T) {
	const topic = "onex.evt.python-node.document-stored.v1"
	cluster := kafkacluster.Shared(t, 1)
	bootstrap := cluster.Addresses(kafkacluster.Plaintext)[0]
	cluster.CreateTopics(t, 1, nil, topic)
	var ids struct {
		EventID       uuid.UUID `json:"envelope_id"`
		CorrelationID uuid.UUID `json:"correlation_id"`
	}
	if err := json.Unmarshal([]byte(python(t, "new", "", "bus.py", "publish", bootstrap, topic)), &ids); err != nil {
		t.Fatal(err)
	}
	record := recordsOf(t, cluster, topic)[0]
	env, err := envelope.DecodeAny(record.Value)
	if err != nil {
		t.Fatal(err)
	}
	ev := env.Event()
	if ev.ID != ids.EventID || ev.CorrelationID != ids.CorrelationID || ev.Type != "python-node.document-stored" {
		t.Errorf("read as %+v, published %+v", ev, ids)
	}

	t.Run("reaction", func(t *testing.T) {
		ctx := patience(t, time.Minute)
		pub, err := onex.NewPublisher(onex.Config{Profile: onex.Profile2}, cluster.Seeds(kafkacluster.Plaintext))
		if err != nil {
			t.Fatal(err)
		}
		node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "reacting"})
		store := onex.NewOperation[onex.None, string](node, "store")
		if _, err := pub.EnsureTopics(ctx, topics.Settings{Events: topics.Shape{ReplicationFactor: 1}}); err != nil {
			t.Fatal(err)
		}
		mux := receive.NewMux(receive.OnUnknown(receive.Error))
		receive.On(mux, "python-node.*", func(ctx context.Context, e receive.Event[map[string]string]) error {
			_, err := onex.RunNoInput(ctx, store, func(ctx context.Context) (string, error) {
				return e.Payload["document"], onex.MetricRecorded(ctx, node, "stored", 1, "documents")
			})
			return err
		})
		if err := mux.Dispatch(ctx, receive.Record{Topic: record.Topic, Key: record.Key, Value: record.Value}); err != nil {
			t.Fatal(err)
		}
		if err := pub.Close(ctx); err != nil {
			t.Fatal(err)
		}
		started := recordsOf(t, cluster, "onex.evt.reacting.effect-store-started.v1")
		last := started[len(started)-1].Headers
		if got := last[len(last)-1]; got.Key != "parent_message_id" || string(got.Value) != ids.EventID.String() {
			t.Errorf("what follows from it has the header %s %s", got.Key, got.Value)
		}
		drawn := onexctl(t, bootstrap, "trace", ids.CorrelationID.String())
		t.Logf("\n%s", drawn)
		if tree := regexp.MustCompile(`\npython-node.document-stored .*\n  effect.store n1 .*\n    effect.metric.recorded n1 `); !tree.MatchString(drawn) {
			t.Errorf("onexctl trace does not draw the run below Python's event:\n%s", drawn)
		}
	})

	t.Run("dead letter", func(t *testing.T) {
		const letters = "onex.dlq.omnibase-infra.python-node.v1"
		cluster.CreateTopics(t, 1, nil, letters)
		python(t, "new", "", "bus.py", "bury", bootstrap, topic, letters)
		letter := ids.EventID.String()
		listed := onexctl(t, bootstrap, "dlq", "list", "-topic", letters, letter)
		t.Logf("\n%s", listed)
		onexctl(t, bootstrap, "dlq", "replay", letter)
		all := recordsOf(t, cluster, topic)
		again := all[len(all)-1]
		if len(all) != 2 || string(again.Value) != string(record.Value) || string(again.Key) != string(record.Key) || (again.Key == nil) != (record.Key == nil) {
			t.Fatalf("%d records; the last is %s %s", len(all), again.Key, again.Value)
		}
		for i, h := range record.Headers { // as Python has written them, but for where they say when
			if again := again.Headers[i]; again.Key != h.Key || h.Key != "timestamp" && string(again.Value) != string(h.Value) {
				t.Errorf("header %s: %s, and in Python's %s: %s", again.Key, again.Value, h.Key, h.Value)
			}
		}
		// It can be handled, and is the same event.
		var got struct{ Got json.RawMessage }
		for line := range strings.Lines(python(t, "new", "", "bus.py", "consume", bootstrap, topic)) {
			if err := json.Unmarshal([]byte(line), &got); err != nil || !strings.Contains(string(got.Got), "d-1") {
				t.Errorf("handled %s, %v", line, err)
			}
		}
	})
}

// onexctl runs the command, and returns what it prints; that there are dead letters,
// which is exit code 1, is no failure.
func onexctl(t *testing.T, bootstrap string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(patience(t, 3*time.Minute), "go", append([]string{"run", "./cmd/onexctl"}, args...)...)
	cmd.Dir, cmd.Stderr = "../../..", os.Stderr
	cmd.Env = append(os.Environ(), "KAFKA_BOOTSTRAP_SERVERS="+bootstrap)
	out, err := cmd.Output()
	if err != nil && (len(args) < 2 || args[1] != "list") {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}
