package annotate

import (
	"go/token"
	"testing"
)

// What would steer a terminal, or put its text in another order, is escaped.
func TestDiagnosticIsPrintable(t *testing.T) {
	for message, want := range map[string]string{
		"plain é\n\tand more": "plain é\n\tand more",
		"\x1b[2Jgone\r\x07":   `\x1b[2Jgone\r\a`,
		"a\u202eb\x7f\xff":    `a\u202eb\x7f\xff`,
	} {
		if got := (Diagnostic{Message: message}).String(); got != want {
			t.Errorf("%q is printed as %q, want %q", message, got, want)
		}
	}
	d := Diagnostic{Pos: token.Position{Filename: "a\x1b.go", Line: 1, Column: 2}, Message: "m"}
	if got, want := d.String(), `a\x1b.go:1:2: m`; got != want {
		t.Errorf("printed as %q, want %q", got, want)
	}
}
