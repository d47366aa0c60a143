//go:build kafka && python

package kafkatest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	"github.com/omninode-ai/onexevents/example/workflow"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/topics"
	kafkacluster "github.com/omninode-ai/onexevents/testdata/kafka"
)

const pythonFolder = "../../../testdata/python"

// installed is the folder of the Python environments.
var installed = sync.OnceValues(func() (string, error) {
	cmd := exec.Command(filepath.Join(pythonFolder, "install"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
})

// python runs a script of testdata/python with OmniNode's packages, the new ones or
// the old, and returns what it prints.
func python(t *testing.T, packages, input string, args ...string) string {
	t.Helper()
	folder, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{filepath.Join(folder, "new")}
	if packages == "old" { // it runs on what the new one needs
		paths = []string{filepath.Join(folder, "old"), paths[0]}
	}
	args[0] = filepath.Join(pythonFolder, args[0])
	cmd := exec.CommandContext(patience(t, 3*time.Minute), filepath.Join(folder, "python"), args...)
	cmd.Env = []string{"PYTHONPATH=" + strings.Join(paths, ":"), "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	cmd.Stdin = strings.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%.5000s", cmd, err, out, stderr.String())
	}
	return string(out)
}

// publishExample publishes what the nodes of the example do, and returns the
// records of it.
func publishExample(t *testing.T, cluster *kafkacluster.Cluster, cfg onex.Config) []*kgo.Record {
	t.Helper()
	pub, err := onex.NewPublisher(cfg, cluster.Seeds(kafkacluster.Plaintext))
	if err != nil {
		t.Fatal(err)
	}
	ctx := patience(t, time.Minute)
	o := workflow.New(pub, "orchestrator-1")
	if err := o.Waiting(ctx, 2); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"All things flow.", ""} {
		_, err := o.Orchestrate(onex.ContextWithCorrelation(ctx, uuid.New()), workflow.Request{
			Workflow: "w", Documents: []stamping.Document{{ID: "d-1", Text: "Nothing stands still."}, {ID: "d-2", Text: text}},
		})
		if (err != nil) != (text == "") {
			t.Fatal(err)
		}
	}
	// Some nodes are made when they are needed.
	if _, err := pub.EnsureTopics(ctx, topics.Settings{Events: topics.Shape{ReplicationFactor: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := pub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	records := recordsOf(t, cluster, pub.Topics()...)
	if delivered := pub.Ledger().Delivered; int64(len(records)) != delivered || delivered == 0 {
		t.Fatalf("%d records, and %d events were delivered", len(records), delivered)
	}
	return records
}

// recordsOf returns all records of topics.
func recordsOf(t *testing.T, cluster *kafkacluster.Cluster, topics ...string) (records []*kgo.Record) {
	t.Helper()
	ctx := patience(t, time.Minute)
	ends, err := cluster.Admin(t).ListEndOffsets(ctx, topics...)
	if err != nil {
		t.Fatal(err)
	}
	due := int64(0)
	ends.Each(func(o kadm.ListedOffset) { due += o.Offset })
	client, err := kgo.NewClient(cluster.Seeds(kafkacluster.Plaintext), kgo.ConsumeTopics(topics...), kgo.KeepControlRecords())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for int64(len(records)) < due {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%d of %d records: %v", len(records), due, err)
		}
		records = append(records, fetches.Records()...)
	}
	return slices.DeleteFunc(records, func(r *kgo.Record) bool { return r.Attrs.IsControl() }) // of transactions
}

// OmniNode's Python packages of today read what Go publishes with Profile2, and route
// it to handlers.
func TestPython(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	bootstrap := cluster.Addresses(kafkacluster.Plaintext)[0]
	records := publishExample(t, cluster, onex.Config{Profile: onex.Profile2, Environment: "example"})

	t.Run("models", func(t *testing.T) {
		var values strings.Builder
		for _, r := range records {
			line, err := json.Marshal(string(r.Value))
			if err != nil {
				t.Fatal(err)
			}
			values.Write(append(line, '\n'))
		}
		for _, packages := range []string{"new", "old"} {
			out := python(t, packages, values.String(), "validate.py")
			t.Log(strings.TrimSpace(out))
			if want := fmt.Sprintf("%d taken, 0 refused", len(records)); !strings.Contains(out, want) {
				t.Errorf("%s, want %s", out, want)
			}
		}
	})

	t.Run("contract", func(t *testing.T) {
		cmd := exec.Command("go", "run", "./cmd/onexevents", "catalog", "-format", "contract", "./example/...")
		cmd.Dir, cmd.Stderr = "../../..", os.Stderr
		contract, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		out := strings.TrimSpace(python(t, "new", string(contract), "contract.py"))
		t.Log(out)
		if nodes := strings.Count(string(contract), "\nnode_type:"); nodes == 0 || !strings.HasPrefix(out, fmt.Sprint(nodes, " contracts")) {
			t.Errorf("%s, want %d", out, nodes)
		}
	})

	t.Run("dispatcher", func(t *testing.T) {
		kinds := map[string]*kgo.Record{} // one topic of each kind, with its last record
		for _, r := range records {
			parts := strings.Split(r.Topic, "-")
			kinds[parts[len(parts)-1]] = r
		}
		if len(kinds) != 5 {
			t.Fatalf("kinds %v", kinds)
		}
		var names []string
		for _, r := range kinds {
			names = append(names, r.Topic)
		}
		handled := map[string][]string{}
		for line := range strings.Lines(python(t, "new", "", append([]string{"bus.py", "consume", bootstrap}, names...)...)) {
			var got struct {
				Handler string
				Got     json.RawMessage
			}
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			handled[got.Handler] = append(handled[got.Handler], string(got.Got))
		}
		for kind, r := range kinds {
			env, err := envelope.DecodeV2(r.Value)
			if err != nil {
				t.Fatal(err)
			}
			got := handled[*env.EventType]
			t.Logf("%s: %d events to the handler of %s", kind, len(got), *env.EventType)
			if !slices.ContainsFunc(got, func(text string) bool { return strings.Contains(text, env.CorrelationID.String()) }) {
				t.Errorf("%s: the handler of %s got %.500q", kind, *env.EventType, got)
			}
		}
	})
}

// A plain aiokafka consumer without any codec reads what is published by default.
func TestPythonWithoutCodecs(t *testing.T) {
	cluster := kafkacluster.Shared(t, 1)
	for _, profile := range []onex.Profile{onex.ProfileV1, onex.Profile2} {
		cfg := onex.Config{Profile: profile, Environment: "example", Namespace: strings.ReplaceAll(newNamespace(), ".", "-")}
		read := map[string]bool{}
		records := publishExample(t, cluster, cfg)
		for _, r := range records {
			read[r.Topic] = true
		}
		args := []string{"plain.py", cluster.Addresses(kafkacluster.Plaintext)[0]}
		for topic := range read {
			args = append(args, topic)
		}
		out := strings.TrimSpace(python(t, "new", "", args...))
		t.Logf("%s: %s of %d records", profile, out, len(records))
		if out != fmt.Sprint(len(records)) {
			t.Errorf("profile %s: %s of %d records were read", profile, out, len(records))
		}
	}
}
