package emit_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
	"github.com/omninode-ai/onexevents/emit"
	"github.com/omninode-ai/onexevents/testdata/benchkit"
)

// BenchmarkFile renders one node of three operations:
//
//	go test ./emit -run '^$' -bench . -count 6
//
// testdata/bench/README.md has the bars, and what was measured.
func BenchmarkFile(b *testing.B) {
	n := threeOperations("Stamper")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := emit.File(n); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPackage renders many nodes, on one core and on all of them in turn,
// and reports how many times as long it takes on one, as x-onecore.
func BenchmarkPackage(b *testing.B) {
	p := &annotate.Package{Path: "example.com/m", Dir: "/src"}
	for i := range 200 {
		p.Nodes = append(p.Nodes, threeOperations(fmt.Sprintf("Stamper%d", i)))
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the command has it
	cores := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(cores)
	on := func(cores int) func() {
		return func() {
			runtime.GOMAXPROCS(cores)
			if files, err := emit.Package(p); err != nil || len(files) != len(p.Nodes) {
				b.Fatalf("%d files, %v", len(files), err)
			}
		}
	}
	medians := benchkit.InTurn(b, on(1), on(cores))
	b.ReportMetric(float64(medians[1]), "ns/op")
	b.ReportMetric(float64(medians[0]), "onecore-ns/op")
	b.ReportMetric(benchkit.Ratio(medians[0], medians[1]), "x-onecore")
}

func threeOperations(name string) *annotate.Node {
	n := stamper()
	n.Name = name
	n.Operations = append(n.Operations, annotate.Operation{Name: "query_index", Input: &annotate.Untyped, Result: &annotate.Untyped})
	return n
}
