package annotate_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/omninode-ai/onexevents/annotate"
)

// Every remedy, followed to the letter, is true: what comes of it is accepted,
// at the first try.
func TestRemedies(t *testing.T) {
	for _, tt := range remedies {
		said := diagnosticsOf(t, tt.args)
		if got := strings.Join(said, "¦"); got != tt.diagnostics || got == "" {
			t.Errorf("%s\n got %s\nwant %s", tt.args, got, tt.diagnostics)
		}
		for _, d := range said {
			if words := toBeWritten(d); !strings.Contains(tt.followed, words) {
				t.Errorf("%s\n%s\nand %q has no %s", tt.args, d, tt.followed, words)
			}
		}
		if said := diagnosticsOf(t, tt.followed); len(said) > 0 {
			t.Errorf("%s, followed as %s, says\n%s", tt.args, tt.followed, strings.Join(said, "\n"))
		}
	}
}

// toBeWritten returns the words that a diagnostic says to write, if it says
// them whole, or "".
func toBeWritten(diagnostic string) string {
	m := literally.FindStringSubmatch(diagnostic)
	if m == nil || m[1] == "one" {
		return ""
	}
	return m[1]
}

var literally = regexp.MustCompile(`[;:] (?:write|did you mean) ((?:[a-z0-9_-]+=|[a-z0-9_]+(?:@[0-9]+)?\(|[*\[\]A-Z])[^ <>?,]*(?:,[^ <>?,]+)*|[a-z0-9_@-]+)(?:\?|,? (?:without|or|if) .*)?$`)

// diagnosticsOf returns what is said of a directive, each with its place in the
// arguments, from 1; 0 is the directive itself.
func diagnosticsOf(t *testing.T, args string) (said []string) {
	t.Helper()
	const before = "//onex:operations "
	_, diags := annotate.Read("a.go", []byte("package a\n\nimport time \"time\"\n"+before+args+"\ntype Node struct{}\n\ntype (\n\tIn struct{}\n\tOut struct{ at time.Time }\n)\n"))
	var sorted annotate.Diagnostics
	errors.As(diags.Err(), &sorted)
	for _, d := range sorted {
		column := max(0, d.Pos.Column-len(before))
		said = append(said, fmt.Sprintf("%d: %s", column, d.Message))
	}
	return said
}
