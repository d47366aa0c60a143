package terminal

import (
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	table := Table{Header: []string{"A", "B"}, Rows: [][]Cell{{{Text: "größer"}, {Text: strings.Repeat("x", 30)}}, {{Text: "\x1b[2J"}, {Text: "", Colour: Red}}}}
	for width, want := range map[int]string{
		0:  "A        B\ngrößer   " + strings.Repeat("x", 30) + "\n\\x1b[2J\n",
		20: "A        B\ngrößer   xxxxxxxxxx…\n\\x1b[2J\n",
		5:  "A        B\ngrößer   xxxxxxx…\n\\x1b[2J\n", // narrower it would say nothing
	} {
		var b strings.Builder
		if err := table.Fprint(&b, false, width); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != want {
			t.Errorf("with %d columns:\n%q\nwant\n%q", width, got, want)
		}
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "0s", 59 * time.Second: "59s", time.Minute: "1m", 47 * time.Hour: "47h", 72 * time.Hour: "3d",
	} {
		if got := Age(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}
