package annotate

import (
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// BenchmarkReadLargeFile reads a file of so many functions, and one of eight
// times as many, which should take about eight times as long.
func BenchmarkReadLargeFile(b *testing.B) {
	read := func(functions int) time.Duration {
		src := []byte("package p\n" + strings.Repeat("\n// F does it.\nfunc F() {}\n", functions) + "\n" +
			grammar.Whole + " type=effect service=a x\ntype T struct{}\n")
		start := time.Now()
		if nodes, diags := readNodes("a.go", src, alone); len(nodes) != 1 || len(diags) > 0 {
			b.Fatalf("%d nodes, %v", len(nodes), diags.Err())
		}
		return time.Since(start)
	}
	var small, large time.Duration
	for b.Loop() {
		small += read(5_000)
		large += read(40_000)
	}
	b.ReportMetric(float64(large)/float64(small), "x-5000")
}
