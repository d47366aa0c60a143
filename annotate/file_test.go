package annotate

import (
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// BenchmarkReadLargeFile reads a file of so many parts, and one of eight times
// as many, which should take about eight times as long: functions, comments that
// seem to mean something, and directives that stand on nothing or in the wrong
// place.
func BenchmarkReadLargeFile(b *testing.B) {
	for name, part := range map[string]string{
		"functions": "\n// F does it.\nfunc F() {}\n",
		"blocks":    "\n/* onex: is mentioned here */\nvar _ int\n",
		"misplaced": "\n" + grammar.Whole + " type=effect service=a x\nfunc F() {}\n",
		"cut off":   "\n" + grammar.Whole + " type=effect service=a x\n\n\nvar (\n\tA int\n)\n",
	} {
		b.Run(name, func(b *testing.B) {
			read := func(parts int) time.Duration {
				src := []byte("package p\n" + strings.Repeat(part, parts) + "\n" + grammar.Whole + " type=effect service=a x\ntype T struct{}\n")
				start := time.Now()
				if nodes, _ := readNodes("a.go", src, alone); len(nodes) != 1 {
					b.Fatalf("%d nodes", len(nodes))
				}
				return time.Since(start)
			}
			var small, large time.Duration
			for b.Loop() {
				small += read(5_000)
				large += read(40_000)
			}
			b.ReportMetric(float64(large)/float64(small), "x-5000")
		})
	}
}
