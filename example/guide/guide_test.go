package guide_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What the comparison says of speed is what the benchmarks' page has.
func TestComparisonHasTheBenchmarksFigures(t *testing.T) {
	data, err := os.ReadFile("../../testdata/publishbench/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range table(t, "comparison.md", "## What it costs") {
		peer := regexp.MustCompile("`([a-z_0-9]+)`\\)").FindStringSubmatch(cells[0])[1]
		row := regexp.MustCompile(`(?m)^\| ` + peer + ` \| [^|]+ \| ([\d.]+) `).FindSubmatch(data)
		if row == nil || string(row[1]) != cells[1] {
			t.Errorf("%s: %s, and the benchmarks' page has %s", peer, cells[1], row)
		}
	}
	if !strings.Contains(string(data), "onexevents delivers ×") {
		t.Error("the benchmarks' page has no such column")
	}
}
