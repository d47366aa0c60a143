package annotate

import (
	"strings"
	"testing"
	"time"
)

// A file of eight times the size takes about eight times as long, and not 64
// times, however many comments are in it.
func TestReadingGrowsWithTheFile(t *testing.T) {
	took := func(functions int) time.Duration {
		src := []byte("package p\n" + strings.Repeat("\n// F does it.\nfunc F() {}\n", functions) + "\n" +
			whole + " type=effect service=a x\ntype T struct{}\n")
		least := time.Hour
		for range 3 {
			start := time.Now()
			if nodes, diags := readNodes("a.go", src, alone); len(nodes) != 1 || len(diags) > 0 {
				t.Fatalf("%d nodes, %v", len(nodes), diags.Err())
			}
			least = min(least, time.Since(start))
		}
		return least
	}
	if small, large := took(5_000), took(40_000); large > 25*small {
		t.Errorf("%v for 5000 functions, and %v for 40000", small, large)
	}
}
