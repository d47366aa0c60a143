package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/omninode-ai/onexevents/envelope"
	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/receive"
)

// victim, in the environment, makes the test binary a process that is killed in a
// handler: broker, folder, the number of the call in which it waits to be killed,
// whether that is before or after the call's effect, and the topics.
const victim = "EXAMPLE_TEST_VICTIM"

// runTests may be replaced by what knows more to do at the end.
var runTests = (*testing.M).Run

func TestMain(m *testing.M) {
	if args := os.Getenv(victim); args != "" {
		if err := work(strings.Fields(args)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(runTests(m))
}

const (
	documents = 6 // each is stamped, for which there is one bill
	never     = documents + 1
)

// Processes are killed in their handlers, before and after the effect. Each event is
// handled at least once, and has its effect once.
func TestKilledInAHandler(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.DefaultNumPartitions(2))
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
	cfg := onex.Config{Namespace: namespace, Logger: slog.New(slog.DiscardHandler)}
	topics, err := stamp(ctx, cfg, []kgo.Opt{kgo.SeedBrokers(broker)}, slices.Repeat([]string{"All things flow."}, documents)...)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, death := range []string{"3 before", "2 after", "1 before", "1 after", fmt.Sprint(never, " before")} {
		process := exec.CommandContext(ctx, os.Args[0])
		process.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %s", victim, broker, folder, death, strings.Join(topics, " ")))
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
	calls, effects := events(t, filepath.Join(folder, "calls")), events(t, filepath.Join(folder, "bills"))
	again := 0
	for id, n := range calls {
		if effects[id] != 1 {
			t.Errorf("event %s has %d bills", id, effects[id])
		}
		again += n - 1
	}
	if len(calls) != documents || len(effects) != documents || again != 2 {
		t.Errorf("%d events were handled and %d have a bill, want %d; %d calls came again, want those of the 2 processes that were killed before an effect", len(calls), len(effects), documents, again)
	}
}

// events counts the lines of each event in a file.
func events(t *testing.T, path string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		counts[strings.Fields(line)[0]]++
	}
	return counts
}

// work reacts to events as the program does, until all documents have their bills or
// it waits to be killed.
func work(args []string) error {
	broker, folder, when, topics := args[0], args[1], args[3], args[4:]
	var deadly int
	if _, err := fmt.Sscan(args[2], &deadly); err != nil {
		return err
	}
	b, err := openBills(filepath.Join(folder, "bills"))
	if err != nil {
		return err
	}
	calls, err := openBills(filepath.Join(folder, "calls"))
	if err != nil {
		return err
	}
	client, err := newClient(topics, []kgo.Opt{kgo.SeedBrokers(broker), kgo.ConsumerGroup("billing of " + topics[0])})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	die := func(at string) {
		if n == deadly && at == when {
			fmt.Println("waiting")
			select {}
		}
	}
	err = consume(ctx, client, newMux(b, handlers{
		stamped: func(_ context.Context, e receive.Event[envelope.OperationCompleted]) error {
			n++
			if err := calls.add(e.ID, "a call"); err != nil {
				return err
			}
			die("before")
			if err := b.add(e.ID, "1 cent"); err != nil {
				return err
			}
			die("after")
			if len(b.billed) == documents {
				cancel()
			}
			return nil
		},
		failed: func(context.Context, receive.Event[envelope.OperationFailed]) error { return nil },
	}))
	client.CloseAllowingRebalance()
	fmt.Println("done")
	return err
}

// A bill that was not written to its end is none, and is written again.
func TestBillCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bills")
	first, second := uuid.New(), uuid.New()
	if err := os.WriteFile(path, fmt.Appendf(nil, "%s 1 cent\n%s 1 c", first, second), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := openBills(path)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[uuid.UUID]bool{first: true, second: false} {
		if got, _ := b.Handled(t.Context(), id); got != want {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
	if err := errors.Join(b.add(second, "1 cent"), b.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if want := fmt.Sprintf("%s 1 cent\n%s 1 cent\n", first, second); err != nil || string(text) != want {
		t.Errorf("the file has %q, %v", text, err)
	}
}

// The program bills what was stamped, tells of what was not, and puts aside what is no
// event.
func TestRun(t *testing.T) {
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", "")
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]int{
		"billed a stamp of stamper-1\n":              2,
		"stamper-1 has failed: EmptyDocumentError\n": 1,
		"a dead letter to dev.stamping.":             1,
	} {
		if n := strings.Count(out.String(), line); n != want {
			t.Errorf("%q is there %d times, want %d:\n%s", line, n, want, &out)
		}
	}
}
