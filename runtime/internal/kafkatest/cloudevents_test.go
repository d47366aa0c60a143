//go:build kafka && python

package kafkatest_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

// cloudEvent is an event as the readers of testdata/cloudevents print it.
type cloudEvent struct {
	ID, Type, Source string
	Time             int64 // in microseconds
	DataContentType  string
	PartitionKey     string
	Data             json.RawMessage
}

// cloudEventOf returns what a record is as a CloudEvent, read from its envelope.
func cloudEventOf(t *testing.T, r *kgo.Record) cloudEvent {
	t.Helper()
	env, err := envelope.DecodeAny(r.Value)
	if err != nil {
		t.Fatal(err)
	}
	e := env.Event()
	c := cloudEvent{e.ID.String(), e.Type, "/" + e.Service + "/" + e.NodeID, e.Time.UnixMicro(), "application/json", string(r.Key), r.Value}
	if v2, ok := env.(*envelope.V2); ok {
		c.Type = *v2.EventType
	}
	return c
}

// plain returns JSON as all of the languages write it.
func plain(t *testing.T, text []byte) string {
	t.Helper()
	var v any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// The SDKs of CloudEvents for Python, Go and Java read our events of both profiles from
// Apache Kafka, with the attributes and the data that their envelopes say.
func TestCloudEvents(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	bootstrap := cluster.Addresses(kafkacluster.Plaintext)[0]
	const readers = "../../../testdata/cloudevents"
	install := exec.Command(filepath.Join(readers, "install"))
	install.Stderr = os.Stderr
	out, err := install.Output()
	if err != nil {
		t.Fatal(err)
	}
	installed := strings.TrimSpace(string(out))

	want, topics := map[string]cloudEvent{}, map[string]bool{}
	for _, profile := range []onex.Profile{onex.ProfileV1, onex.Profile2} {
		for _, r := range publishExample(t, cluster, onex.Config{Profile: profile, Namespace: "cloud", CloudEvents: true}) {
			c := cloudEventOf(t, r)
			want[c.ID] = c
			topics[r.Topic] = true
		}
	}
	args := append([]string{bootstrap}, slices.Sorted(maps.Keys(topics))...)
	for language, command := range map[string][]string{
		"Python": {"python3", filepath.Join(readers, "read.py")},
		"Go":     {filepath.Join(installed, "go")},
		"Java":   {"java", "-cp", filepath.Join(installed, "jars", "*"), filepath.Join(readers, "Read.java")},
	} {
		t.Run(language, func(t *testing.T) {
			var stderr bytes.Buffer
			cmd := exec.CommandContext(patience(t, 2*time.Minute), command[0], append(command[1:], args...)...)
			cmd.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(installed, "python"))
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s\n%.5000s", err, out, stderr.String())
			}
			seen := 0
			for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); seen++ {
				var got cloudEvent
				if err := dec.Decode(&got); err != nil {
					t.Fatalf("%v in %s", err, out)
				}
				w := want[got.ID]
				if a, b := plain(t, got.Data), plain(t, w.Data); a != b {
					t.Errorf("the data are\n%s\nwant\n%s", a, b)
				}
				got.Data, w.Data = nil, nil
				if !reflect.DeepEqual(got, w) {
					t.Errorf("%+v\nwant\n%+v", got, w)
				}
			}
			if seen != len(want) || seen == 0 {
				t.Errorf("%d events, want %d", seen, len(want))
			}
			t.Logf("%d CloudEvents read", seen)
		})
	}
}
