package grammar

import (
	"strings"
	"testing"
)

// Whatever Go refuses without knowing the names in a type is refused, where
// that is; and nothing else is.
func TestCheck(t *testing.T) {
	for src, at := range map[string]int{
		"T": -1, "*p.T": -1, "[]p.T": -1, "map[T]map[p.T][3]T": -1, "[N]int": -1, "[2*3]int": -1, "[p.N + 1]T": -1, "[0]int": -1, "G[T, p.H[T]]": -1,
		"func(a, b T, c ...T) (T, error)": -1, "struct{ T; *U; p.V; x, _, _ int }": -1, "interface{ T; M(T) T; error }": -1, "chan<- T": -1,
		"interface{ G[T] }": -1, "any": -1, "error": -1, "map[iota]iota": -1,
		"comparable": 0, "[]comparable": 2, "interface{int|string}": 0, "interface{~T}": 0, "interface{comparable}": 0, "func(interface{int|T})": 5,
		"map[[]int]T": 4, "map[func()]T": 4, "map[struct{ x []int }]T": 4, "int[string]": 0, "[-1]int": 1, "[1.5]int": 1, `["a"]int`: 1,
		"struct{ a int; a string }": 15, "struct{ T; T }": 11, "interface{ M(); M() }": 16, "func(a, a int)": 8, "G[map[[]int]T]": 6, "p.G[comparable]": 4,
		"map[string]struct{ x [-1]int }": 22,
	} {
		expr, fset, _, what := GoType(src)
		if what != "" {
			t.Errorf("%s: %s", src, what)
			continue
		}
		offset, what := Check(src, expr, fset, func(name string) bool { return name == "iota" })
		if refused := what != ""; refused != (at >= 0) || refused && offset != at {
			t.Errorf("%s: %q at %d, want %d", src, what, offset, at)
		}
	}
	for src, at := range map[string]int{
		"[]": 2, "chan": 4, "[][...]int": 3, "func([...]int)": 6, "struct{ x [...]int }": 11, "G[int][int]": 0, "f(x)": 0, "A+B": 0, "_": 0, "struct{ X _ }": 10, "map[string]": 11, "func(x": 6,
	} {
		if _, _, offset, what := GoType(src); what == "" || offset != at || !strings.Contains(what, "; write ") {
			t.Errorf("%s: %q at %d, want %d", src, what, offset, at)
		}
	}
}
