package annotate

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Diagnostic is one mistake: its place, what is wrong, and after a semicolon
// what to write instead.
type Diagnostic struct {
	Pos     token.Position // without a Filename where there is no place to point at
	Message string
}

func (d Diagnostic) String() string {
	if d.Pos.Filename == "" {
		return printable(d.Message)
	}
	return printable(d.Pos.String() + ": " + d.Message)
}

// printable escapes what would steer a terminal, or reorder its text.
func printable(s string) string {
	steers := func(r rune) bool {
		return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError)
	}
	if !strings.ContainsFunc(s, steers) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if steers(r) {
			quoted := strconv.QuoteToASCII(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// Diagnostics are all the mistakes of a run, in source order. As an error they
// read one a line.
type Diagnostics []Diagnostic

func (ds Diagnostics) Error() string {
	lines := make([]string, len(ds))
	for i, d := range ds {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns ds in source order and without repetitions, or nil if there are
// none.
func (ds Diagnostics) Err() error {
	if len(ds) == 0 {
		return nil
	}
	sorted := slices.Clone(ds)
	slices.SortStableFunc(sorted, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	return slices.Compact(sorted)
}

// beyond returns those of ds about lines of which said says nothing.
func (ds Diagnostics) beyond(said Diagnostics) Diagnostics {
	type line struct {
		file string
		line int
	}
	at := map[line]bool{}
	for _, d := range said {
		at[line{d.Pos.Filename, d.Pos.Line}] = true
	}
	return slices.DeleteFunc(slices.Clone(ds), func(d Diagnostic) bool {
		return d.Pos.Filename != "" && at[line{d.Pos.Filename, d.Pos.Line}]
	})
}

func (ds *Diagnostics) add(pos token.Position, format string, args ...any) {
	*ds = append(*ds, Diagnostic{pos, fmt.Sprintf(format, args...)})
}

// short is how a message points at another place.
func short(pos token.Position) string {
	return fmt.Sprintf("%s:%d:%d", filepath.Base(pos.Filename), pos.Line, pos.Column)
}
