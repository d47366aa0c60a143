package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// readme is README.md, taken apart.
type readme struct {
	repo  string // absolute
	text  string
	code  []string // the Go blocks
	shell []string // the commands, a line each
	shown string   // what onexctl tail prints
}

var fenced = regexp.MustCompile("(?ms)^```(go|sh|text)\n(.*?)^```$")

func readReadme(t *testing.T) readme {
	t.Helper()
	repo, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(repo, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := readme{repo: repo, text: string(text)}
	for _, block := range fenced.FindAllStringSubmatch(r.text, -1) {
		switch block[1] {
		case "go":
			r.code = append(r.code, block[2])
		case "sh":
			r.shell = append(r.shell, strings.Split(strings.TrimSpace(block[2]), "\n")...)
		default:
			r.shown += block[2]
		}
	}
	if all := strings.Count(r.text, "\n```") / 2; len(r.code) != 3 || all != len(fenced.FindAllString(r.text, -1)) {
		t.Fatalf("README has %d Go blocks, and %d blocks in all", len(r.code), all)
	}
	return r
}

// Every command in README is run here, or by .ci/run.
func TestReadmeCommands(t *testing.T) {
	r := readReadme(t)
	if lines := strings.Count(r.text, "\n"); lines >= 150 {
		t.Errorf("README has %d lines, want fewer than 150", lines)
	}
	var inRepo, inModule []string
	for _, line := range r.shell {
		switch {
		case strings.Contains(line, "./example"):
			inRepo = append(inRepo, line)
		case strings.HasPrefix(line, "go test "):
			gate, err := os.ReadFile(filepath.Join(r.repo, ".ci", "run"))
			if err != nil || !strings.Contains(string(gate), `test_command=$(grep -m1 '^go test' README.md)`) {
				t.Errorf(".ci/run does not run %q: %v", line, err)
			}
		default:
			inModule = append(inModule, line)
		}
	}
	if len(inRepo) != 1 || len(inModule) != 2 {
		t.Fatalf("commands in the repository: %q; in a module: %q", inRepo, inModule)
	}
	t.Run("repository", func(t *testing.T) { runInClone(t, r, inRepo[0]) })
	t.Run("module", func(t *testing.T) { runInModule(t, r, inModule) })
}

// runInClone runs the command that shows the example, in a copy of the
// repository without what is generated.
func runInClone(t *testing.T, r readme, command string) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(r.repo)); err != nil {
		t.Fatal(err)
	}
	removed := 0
	err := filepath.WalkDir(filepath.Join(dir, "example"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_events_gen.go") {
			removed++
			return os.Remove(path)
		}
		return err
	})
	if err != nil || removed == 0 {
		t.Fatalf("%d generated files removed, %v", removed, err)
	}
	out := shell(t, dir, nil, command)
	for _, want := range []string{
		"CORRELATION", "orchestrator.orchestration.completed", "effect.stamp.failed", "EmptyDocumentError", "open → collecting",
		"document_size = 16 bytes", "ledger: 29 accepted = 29 delivered + 0 dead-lettered + 0 spooled + 0 in flight + 0 lost; 0 rejected",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the example does not print %q:\n%s", want, out)
		}
	}
}

// runInModule builds the module that README describes, with its files and its
// commands, and looks for its events in Kafka.
func runInModule(t *testing.T, r readme, commands []string) {
	broker := startKafka(t)
	dir := t.TempDir()
	for name, content := range map[string]string{
		"stamper.go":  r.code[0],
		"calls.go":    compiled(r.code[1]),
		"main.go":     r.code[2],
		"beside.go":   beside(t, r),
		"own_test.go": promises,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	shell(t, dir, nil, "go mod init example.com/own && go mod edit -replace=github.com/omninode-ai/onexevents="+r.repo)
	for _, command := range commands {
		// The repository is what will be the latest version.
		out := shell(t, dir, []string{"KAFKA_BOOTSTRAP_SERVERS=" + broker}, strings.TrimSuffix(command, "@latest"))
		if strings.HasSuffix(command, "go run .") && !strings.Contains(out, "Accepted:3 Delivered:3 ") {
			t.Errorf("%s prints\n%s", command, out)
		}
	}
	if got := topics(t, broker, 3); fmt.Sprint(got) != "[dev.stamping.effect.metric.recorded.v1 dev.stamping.effect.stamp.completed.v1 dev.stamping.effect.stamp.started.v1]" {
		t.Errorf("topics of the events: %v", got)
	}
	tail := shell(t, r.repo, []string{"KAFKA_BOOTSTRAP_SERVERS=" + broker}, "go run ./cmd/onexctl tail -since 1h -until-end -utc 2>/dev/null")
	if got, want := varying.ReplaceAllString(tail, "…"), varying.ReplaceAllString(r.shown, "…"); got != want || want == "" {
		t.Errorf("onexctl tail prints\n%s\nand README shows\n%s", tail, r.shown)
	}
	shell(t, dir, nil, "go test .")
}

// varying is what differs each time in what onexctl tail prints.
var varying = regexp.MustCompile(`\w+ +\d+ \d+:\d+:\d+\.\d+Z|\b[0-9a-f]{8}\b|[\d.]+ m?s`)

// promises is a test of README's node, which holds what README says of its operations.
const promises = `package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Kafka is away, then the queue is full, then the publisher is closed: no operation fails.
func TestNothingHappensToTheOperation(t *testing.T) {
	losses := 0
	pub, err := onex.NewPublisher(onex.Config{
		MaxInFlight: 5, Logger: slog.New(slog.DiscardHandler), OnLoss: func(onex.Loss) { losses++ },
	}, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	stamper := Stamper{NewStamperEvents(pub, "stamper-1")}
	stamp := func() {
		stamp, err := stamper.Stamp(context.Background(), Document{ID: "d-1"})
		if err != nil || stamp.DocumentID != "d-1" {
			t.Errorf("the operation returns %v, %v", stamp, err)
		}
	}
	for range 1000 {
		stamp()
	}
	err = stamper.events.PublishStampStarted(context.Background(), uuid.New(), Document{})
	if !errors.Is(err, onex.ErrQueueFull) {
		t.Errorf("with the queue full, a publish method returns %v", err)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	err = pub.Close(ended)
	stamp()
	l := pub.Ledger()
	if l.Accepted != 5 || l.Lost != 5 || losses != 5 || l.Rejected != 3*1001+1-5 || err == nil {
		t.Errorf("ledger %+v, %d losses told, Close returns %v", l, losses, err)
	}
	stamper = Stamper{} // that nobody has constructed
	stamp()
}
`

// beside makes a file that imports all folders of the runtime that README names, and
// that are no modules of their own.
func beside(t *testing.T, r readme) string {
	t.Helper()
	file := "package main\n\nimport (\n"
	named := regexp.MustCompile("`(?:runtime/)?((?:spool|onex|receive|topics)[a-z/]*?)/?`").FindAllStringSubmatch(r.text, -1)
	for _, name := range named {
		dir := filepath.Join(r.repo, "runtime", name[1])
		if _, err := os.Stat(filepath.Join(dir, "doc.go")); err != nil {
			continue // no folder
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			continue
		}
		file += "\t_ \"github.com/omninode-ai/onexevents/runtime/" + name[1] + "\"\n"
	}
	if imports := strings.Count(file, "\t_ "); imports < 5 {
		t.Fatalf("README names %d folders of the runtime:\n%s", imports, file)
	}
	return file + ")\n"
}

// compiled makes a file of calls that README shows without their surroundings.
func compiled(calls string) string {
	return `package main

import (
	"context"
	"time"

	"github.com/google/uuid"
	onex "github.com/omninode-ai/onexevents/runtime"
)

func calls(ctx context.Context, s *Stamper, correlationID uuid.UUID, doc Document, stamp Stamp, elapsed time.Duration) (err error) {
` + calls + `
	return err
}

var _ = calls
`
}

func shell(t *testing.T, dir string, env []string, command string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GONOSUMDB=*", "KAFKA_BOOTSTRAP_SERVERS=")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

func startKafka(t *testing.T) string {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}

// topics returns the topics of n records, sorted.
func topics(t *testing.T, broker string, n int) []string {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeRegex(), kgo.ConsumeTopics(".*"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var got []string
	for len(got) < n {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for rec := range fetches.RecordsAll() {
			got = append(got, rec.Topic)
		}
	}
	slices.Sort(got)
	return got
}
