//go:build unix

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// service, in the environment, makes the test binary the service, with that spool.
const service = "EXAMPLE_TEST_SERVICE"

func TestMain(m *testing.M) {
	folder := os.Getenv(service)
	if folder == "" {
		os.Exit(m.Run())
	}
	if err := run(os.Stdout, folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A service that gets SIGTERM while Kafka is away has closed in time, and has lost
// nothing: the next one delivers it.
func TestSIGTERMWithoutKafka(t *testing.T) {
	folder := t.TempDir()
	away := start(t, folder, "127.0.0.1:1")
	if away.inherited != 0 || away.accepted == 0 || away.spooled != away.accepted || away.lost != 0 {
		t.Errorf("without Kafka: %+v", away)
	}
	if away.took > allowed {
		t.Errorf("it took %v to close, want about %v", away.took, grace)
	}

	cluster, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.DefaultNumPartitions(3))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	delivered := 0
	for before := away; before.spooled > 0; { // on a busy machine, one start is not enough
		back := start(t, folder, cluster.ListenAddrs()[0])
		if back.inherited != before.spooled || back.accepted <= back.inherited || back.delivered+back.spooled != back.accepted || back.lost != 0 {
			t.Fatalf("with Kafka: %+v, after %+v", back, before)
		}
		delivered += back.delivered
		before = back
	}
	if n := records(t, cluster.ListenAddrs()[0], delivered); n < delivered {
		t.Errorf("Kafka has %d events of %d", n, delivered)
	}
}

// allowed is what an orchestrator gives a process before it kills it: Kubernetes, by
// default.
const allowed = 30 * time.Second

// outcome is what a service has printed, and how long it took after SIGTERM.
type outcome struct {
	inherited, accepted, delivered, spooled, lost int
	took                                          time.Duration
}

// start starts a service, sends it SIGTERM when it has stamped a document, and wants it
// to end well.
func start(t *testing.T, folder, brokers string) (o outcome) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	process := exec.CommandContext(ctx, os.Args[0])
	process.Env = append(os.Environ(), service+"="+folder, "KAFKA_BOOTSTRAP_SERVERS="+brokers)
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var begin time.Time
	var printed strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		printed.WriteString(line + "\n")
		_, _ = fmt.Sscanf(line, "%d events of an earlier", &o.inherited)
		if line == "the first document is stamped" {
			begin = time.Now()
			_ = process.Process.Signal(syscall.SIGTERM)
		}
		if _, counts, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(line, "closed in ") {
			if _, err := fmt.Sscanf(counts, "%d accepted = %d delivered + %d in the spool + %d lost", &o.accepted, &o.delivered, &o.spooled, &o.lost); err != nil {
				t.Error(err)
			}
		}
	}
	o.took = time.Since(begin)
	if err := process.Wait(); err != nil {
		t.Fatalf("it ends with %v:\n%s", err, &printed)
	}
	return o
}

// records counts the records of the service's topics, which are want or more.
func records(t *testing.T, brokers string, want int) (n int) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeRegex(), kgo.ConsumeTopics(`^dev\.stamping\..*\.v1$`))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for n < want && ctx.Err() == nil {
		n += client.PollFetches(ctx).NumRecords()
	}
	return n
}
