package receive_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	"github.com/omninode-ai/onexevents/example/stamping"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/receive"
)

// victim, in the environment, makes the test binary a process that is killed in a
// handler: broker, namespace, folder, the number of the call in which it waits to be
// killed, and whether that is before or after the call's effect.
const victim = "RECEIVE_TEST_VICTIM"

// runTests may be replaced by what knows more to do at the end.
var runTests = (*testing.M).Run

func TestMain(m *testing.M) {
	if args := os.Getenv(victim); args != "" {
		if err := consume(strings.Fields(args)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(runTests(m))
}

const (
	documents = 6
	total     = 5 * documents // events
	never     = total + 1
)

// Processes are killed in their handlers, before and after the effect. Each event is
// handled at least once, and has its effect once.
func TestKilledInAHandler(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(2))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	killInHandlers(t, cluster.ListenAddrs()[0], "dev")
}

func killInHandlers(t *testing.T, broker, namespace string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	pub, err := onex.NewPublisher(onex.Config{Namespace: namespace, Logger: slog.New(slog.DiscardHandler)}, kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	s := stamping.NewStamper(pub, "s-1")
	if _, err := pub.EnsureTopics(ctx, onex.TopicSettings{}); err != nil {
		t.Fatal(err)
	}
	for i := range documents {
		if _, err := s.Stamp(ctx, stamping.Document{ID: fmt.Sprint(i), Text: "All things flow."}); err != nil {
			t.Fatal(err)
		}
	}
	if err := pub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, death := range []string{"3 before", "3 after", "1 before", "7 after", fmt.Sprint(never, " before")} {
		process := exec.CommandContext(ctx, os.Args[0])
		process.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %s", victim, broker, namespace, folder, death))
		process.Stderr = os.Stderr
		out, err := process.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		last := ""
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if last = lines.Text(); last == "waiting" {
				_ = process.Process.Kill() // which cannot be caught
			}
		}
		err = process.Wait()
		if want := map[bool]string{true: "waiting", false: "done"}[err != nil]; last != want || ctx.Err() != nil {
			t.Fatalf("%s: the process has said %q, and ended with %v", death, last, err)
		}
	}
	calls, effects := countLines(t, folder, "calls"), countLines(t, folder, "effects")
	again := 0
	for id, n := range effects {
		if n != 1 || calls[id] < 1 {
			t.Errorf("event %s had %d effects, and %d calls", id, n, calls[id])
		}
		again += calls[id] - 1
	}
	if len(effects) != total || len(calls) != total || again != 2 {
		t.Errorf("%d events were handled and %d had an effect, want %d; %d calls came again, want those of the 2 processes that were killed before an effect", len(calls), len(effects), total, again)
	}
}

func countLines(t *testing.T, folder, file string) map[string]int {
	t.Helper()
	counts, err := linesOf(filepath.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func linesOf(path string) (map[string]int, error) {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		counts[strings.TrimSpace(line)]++
	}
	return counts, nil
}

// effects is a file in which a line is an effect, and the note of it.
type effects struct {
	path string
	done map[string]int
}

func (e *effects) Handled(_ context.Context, id uuid.UUID) (bool, error) {
	return e.done[id.String()] > 0, nil
}

// Done has nothing to do: the handler has written the note with its effect.
func (e *effects) Done(context.Context, uuid.UUID) error { return nil }

func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		return err
	}
	return f.Close()
}

// consume handles events until all have had their effect.
func consume(args []string) error {
	broker, namespace, folder, when := args[0], args[1], args[2], args[4]
	var deadly int
	if _, err := fmt.Sscan(args[3], &deadly); err != nil {
		return err
	}
	e := &effects{path: filepath.Join(folder, "effects")}
	var err error
	if e.done, err = linesOf(e.path); err != nil {
		return err
	}
	die := func(call int, at string) {
		if call == deadly && at == when {
			fmt.Println("waiting")
			select {}
		}
	}
	calls := 0
	mux := receive.NewMux(receive.DeduplicateIn(e))
	receive.On(mux, "*", func(_ context.Context, ev receive.Event[envelope.Payload]) error {
		id := ev.ID.String()
		if err := appendLine(filepath.Join(folder, "calls"), id); err != nil {
			return err
		}
		calls++
		die(calls, "before")
		if err := appendLine(e.path, id); err != nil {
			return err
		}
		e.done[id]++
		die(calls, "after")
		return nil
	})

	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumerGroup(namespace), kgo.InstanceID("receiver"), // which takes over at once
		kgo.ConsumeRegex(), kgo.ConsumeTopics(`^`+strings.ReplaceAll(namespace, ".", `\.`)+`\.stamping\..*\.v1$`),
		kgo.MetadataMinAge(100*time.Millisecond), kgo.MetadataMaxAge(time.Second), // topics are found soon
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll())
	if err != nil {
		return err
	}
	ctx := context.Background()
	for len(e.done) < total {
		for _, r := range client.PollFetches(ctx).Records() {
			if err := mux.Dispatch(ctx, recordOf(r)); err != nil {
				return err
			}
			if err := client.CommitRecords(ctx, r); err != nil {
				return err
			}
		}
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
	fmt.Println("done")
	return nil
}
