package main

import (
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onexevents/testdata/benchkit"
)

// BenchmarkCold lets go tool build each generator with an empty build cache, for
// which whoever runs it on a new machine waits, and reports how many times as
// long that takes as it does for onexevents, in turn, as x-onexevents.
func BenchmarkCold(b *testing.B) {
	ours := buildTool(filepath.Join("..", ".."), onexevents)
	b.Run(command.name, func(b *testing.B) {
		medians := benchkit.InTurn(b, func() { ours(b) })
		b.ReportMetric(float64(medians[0]), "ns/op")
	})
	for _, g := range others {
		if g.tool == onexevents {
			continue
		}
		build := buildTool(".", g.tool)
		b.Run(g.name, func(b *testing.B) {
			medians := benchkit.InTurn(b, func() { build(b) }, func() { ours(b) })
			b.ReportMetric(float64(medians[0]), "ns/op")
			b.ReportMetric(benchkit.Ratio(medians[0], medians[1]), "x-onexevents")
		})
	}
}

// buildTool returns a job that makes go tool build a tool of the module in dir,
// and print where it is instead of running it.
func buildTool(dir, tool string) func(*testing.B) {
	return func(b *testing.B) {
		b.Helper()
		benchkit.Run(b, dir, []string{"GOCACHE=" + b.TempDir()}, "go", "tool", "-n", tool)
	}
}
