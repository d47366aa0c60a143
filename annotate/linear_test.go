package annotate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onexevents/annotate"
)

// Four times as much to read takes about four times as long, whatever it is:
// what is quadratic takes sixteen.
func TestReadIsLinear(t *testing.T) {
	const directive = "//onex:operations type=effect service=a x(In,Out)\n"
	for what, part := range map[string]func(i int) string{
		"block comments": func(int) string { return "/* onex: block */\n" },
		"near misses":    func(int) string { return "/* onex:operations type=effect service=a x */\n\n" },
		"misplaced":      func(i int) string { return fmt.Sprintf("%sfunc f%d() {}\n\n", directive, i) },
		"cut off":        func(i int) string { return fmt.Sprintf("%s\ntype T%d struct{}\n\n", directive, i) },
		"nodes":          func(i int) string { return fmt.Sprintf("%stype T%d struct{}\n\n", directive, i) },
		"operations":     func(i int) string { return fmt.Sprintf("//onex:operations x%d(In)\n", i) },
		"mistakes":       func(int) string { return "//onex:operations x((,=]'y\n" },
	} {
		t.Run(what, func(t *testing.T) {
			src := func(n int) []byte {
				var b strings.Builder
				b.WriteString("package a\n\n" + directive)
				for i := range n {
					b.WriteString(part(i))
				}
				b.WriteString("type Last struct{}\n")
				return []byte(b.String())
			}
			few, many := src(500), src(2000)
			ratio := 1e9
			for range 5 { // a busy machine can only make it larger
				ratio = min(ratio, float64(reading(many))/float64(reading(few)))
			}
			if ratio > 9 {
				t.Errorf("four times as much takes %.1f times as long", ratio)
			}
		})
	}
}

func reading(src []byte) time.Duration {
	start := time.Now()
	annotate.Read("a.go", src)
	return time.Since(start)
}
