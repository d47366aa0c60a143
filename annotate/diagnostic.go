package annotate

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// Diagnostic is one mistake: its place, what is wrong, and after a semicolon
// what to write instead.
type Diagnostic struct {
	Pos     token.Position // without a Filename where there is no place to point at
	Message string
}

func (d Diagnostic) String() string {
	if d.Pos.Filename == "" {
		return d.Message
	}
	return d.Pos.String() + ": " + d.Message
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
	return slices.DeleteFunc(slices.Clone(ds), func(d Diagnostic) bool {
		same := func(s Diagnostic) bool { return s.Pos.Filename == d.Pos.Filename && s.Pos.Line == d.Pos.Line }
		return d.Pos.Filename != "" && slices.ContainsFunc(said, same)
	})
}

func (ds *Diagnostics) add(pos token.Position, format string, args ...any) {
	*ds = append(*ds, Diagnostic{pos, fmt.Sprintf(format, args...)})
}

// short is how a message points at another place.
func short(pos token.Position) string {
	return fmt.Sprintf("%s:%d:%d", filepath.Base(pos.Filename), pos.Line, pos.Column)
}
