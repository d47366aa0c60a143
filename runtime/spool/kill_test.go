package spool_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/runtime/spool"
)

// writerDir makes the test binary a process that writes to a spool until it is
// killed.
const writerDir = "SPOOL_TEST_WRITER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const killBatch = 7

// writeForEver appends, removes and finishes, and says so: of what it appends
// afterwards, of what it removes before.
func writeForEver(dir string) error {
	s, err := spool.Open(dir)
	if err != nil {
		return err
	}
	b, err := s.Backlog()
	if err != nil {
		return err
	}
	for seq := b.LastSeq + 1; ; seq += killBatch {
		batch := sequence("a", seq, seq+killBatch-1)
		for i := range batch {
			batch[i].At = batch[i].At.AddDate(1000, 0, 0) // never too old
		}
		batch[0].Operation = fmt.Sprint("op-", seq)
		if _, err := s.Append(batch); err != nil {
			return err
		}
		fmt.Printf("appended %d\n", seq+killBatch-1)
		if seq%5 == 0 && seq > 300 {
			fmt.Printf("removed %d\n", seq-300)
			if err := s.Remove("a", seq-300); err != nil {
				return err
			}
		}
		if seq%2 == 0 {
			if err := s.Finish(batch[0].Operation); err != nil {
				return err
			}
			fmt.Printf("finished %d\n", seq)
		}
	}
}

// A process that is killed at any moment leaves a spool with everything that it
// was told is there, and whole batches only.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(3, 3))
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	appended, removed, finished := uint64(0), uint64(0), map[string]bool{}
	for round := range rounds {
		process := exec.Command(os.Args[0])
		process.Env = append(os.Environ(), writerDir+"="+dir)
		process.Stderr = os.Stderr
		out, err := process.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := rnd.IntN(60); lines.Scan(); n-- {
			if n == 0 {
				holder := fmt.Sprintf("process %d on ", process.Process.Pid)
				if _, err := spool.Open(dir); !errors.Is(err, spool.ErrInUse) || !strings.Contains(err.Error(), holder) {
					t.Errorf("opening it beside that process: %v", err)
				}
				if err := process.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			var what string
			var seq uint64
			if _, err := fmt.Sscan(lines.Text(), &what, &seq); err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			switch what {
			case "appended":
				appended = seq
			case "removed":
				removed = seq
			case "finished":
				finished[fmt.Sprint("op-", seq)] = true
			}
		}
		if err := process.Wait(); process.ProcessState.ExitCode() != -1 {
			t.Fatalf("the process ended by itself: %v", err)
		}

		s := open(t, dir)
		got := seqs(read(t, s, "a", 0, 1e6))
		if len(got) == 0 || got[0] > removed+1 || got[len(got)-1] < appended || got[len(got)-1]%killBatch != 0 {
			t.Fatalf("round %d: %d events from %d on; up to %d were appended, up to %d removed", round, len(got), got[:min(1, len(got))], appended, removed)
		}
		for i, seq := range got {
			if seq != got[0]+uint64(i) {
				t.Fatalf("round %d: event %d comes after %d", round, seq, got[i-1])
			}
		}
		started := map[string]bool{}
		for _, e := range unfinished(t, s) {
			started[e.Operation] = true
		}
		for seq := uint64(1); seq < appended; seq += killBatch {
			// The last to be finished may be so without having been reported.
			if op := fmt.Sprint("op-", seq); started[op] == finished[op] && seq+killBatch-1 != appended {
				t.Fatalf("round %d: %s is unfinished: %t, and finished: %t", round, op, started[op], finished[op])
			}
		}
		appended = got[len(got)-1]
		finished = map[string]bool{}
		for seq := uint64(1); seq < appended; seq += killBatch {
			op := fmt.Sprint("op-", seq)
			finished[op] = !started[op]
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if appended < uint64(rounds) {
		t.Errorf("only %d events in %d rounds", appended, rounds)
	}
}
