package benchkit

import (
	"bytes"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// InTurn runs the jobs in turn, as often as b asks for, and returns the median
// time of each. What else the machine does meanwhile slows all of them down,
// so that their ratios say more than their times.
func InTurn(b *testing.B, jobs ...func()) []time.Duration {
	times := make([][]time.Duration, len(jobs))
	for b.Loop() {
		for i, job := range jobs {
			start := time.Now()
			job()
			times[i] = append(times[i], time.Since(start))
		}
	}
	medians := make([]time.Duration, len(jobs))
	for i, t := range times {
		slices.Sort(t)
		medians[i] = t[len(t)/2]
	}
	return medians
}

// Ratio returns how many times as long a is as b.
func Ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// Run runs a process to its end, in dir and with env added to the environment.
// A process that fails ends the benchmark.
func Run(b *testing.B, dir string, env []string, name string, args ...string) {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", cmd, err, stderr.Bytes())
	}
}
