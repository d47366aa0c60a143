package onex_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	onex "github.com/omninode-ai/onexevents/runtime"
	"github.com/omninode-ai/onexevents/runtime/spool"
)

// victim makes the test binary a process that publishes durable events until
// it is killed.
const victim = "ONEX_TEST_VICTIM"

func TestMain(m *testing.M) {
	if args := os.Getenv(victim); args != "" {
		fmt.Fprintln(os.Stderr, publishForEver(strings.Fields(args)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// publishForEver publishes the numbers from first on, and prints each when its
// event is durable.
func publishForEver(args []string) error {
	dir, addr := args[0], args[1]
	first, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	sp, err := spool.Open(dir)
	if err != nil {
		return err
	}
	pub, err := onex.NewPublisher(onex.Config{Spool: sp, SpoolAfter: 100 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)},
		append(quick(), kgo.SeedBrokers(addr))...)
	if err != nil {
		return err
	}
	node := onex.NewNode(pub, "n1", onex.NodeSpec{Type: "effect", Service: "a"})
	for n := first; ; n++ {
		err := onex.MetricRecorded(context.Background(), node, "m", float64(n), "u", onex.WithPartitionKey("k"), onex.Durable())
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// A process is killed at any moment, fifty times, and each time the next one
// takes over: every event that was durable arrives, in order, whether Kafka was
// there or not.
func TestKilledProcess(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	k := newKafka(t).start()
	dir := t.TempDir()
	next := 0
	for round := range rounds {
		switch round % 10 {
		case 5:
			k.kill()
		case 8:
			k.start()
		}
		next = killOne(t, dir, k.addr(), next)
	}
	if k.cluster == nil {
		k.start()
	}
	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := newLoad(t)
	pub := newPublisher(t, l.config(sp), k.addr(), quick()...)
	l.use(pub)
	if err := pub.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	numbers := firsts(l.arrived(k.addr(), l.topic)["k"])
	for i, n := range numbers {
		if n != i {
			t.Fatalf("%d arrived in place of %d", n, i)
		}
	}
	if len(numbers) < next || next < rounds {
		t.Errorf("%d events arrived, and %d were durable", len(numbers), next)
	}
	checkLedger(t, pub.Ledger())
}

// killOne lets a process publish from the number next on, kills it, and
// returns the number from which on another process has to go on.
func killOne(t *testing.T, dir, addr string, next int) int {
	t.Helper()
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", victim, dir, addr, next))
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for left := rand.N(40); lines.Scan(); left-- {
		n, err := strconv.Atoi(lines.Text())
		if err != nil || n != next {
			t.Fatalf("%q in place of %d", lines.Text(), next)
		}
		next++
		if left == 0 {
			if err := process.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := process.Wait(); process.ProcessState.ExitCode() != -1 {
		t.Fatalf("the process ended by itself: %v", err)
	}
	return published(t, dir, next)
}

// published returns next, or the number behind it if the event of that number
// went to the spool without its process having come to say so.
func published(t *testing.T, dir string, next int) int {
	t.Helper()
	sp, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	events, err := sp.Read("dev.a.effect.metric.recorded.v1", 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(events); n > 0 && strings.Contains(string(events[n-1].Value), fmt.Sprintf(`"metric_value":%d.0`, next)) {
		return next + 1
	}
	return next
}
