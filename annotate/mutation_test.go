package annotate_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What a diagnostic says to write is never refused itself, whatever has been
// done to a directive that was right.
func TestRemediesOfMutations(t *testing.T) {
	right := []string{
		ok + "stamp(In,Out) verify state=Phase metric=false",
		"type=orchestrator service=my-service_2 route(*In,[]Out), query_index@2(map[string]In) x(,Out) y()",
		"service=a state=false type=reducer a(func(In) (Out, error), struct{ A In }) b_c(time.Time) d@10",
	}
	pieces := []string{
		" ", ",", "=", ":", ";", "(", ")", "[", "]", "{", "}", "<", ">", "*", "&", "|", "@", "#", "-", "_", ".", "/", "->", "\"", "'", "`", "“", "é", "X", "1", "error", "type", "state", "ctx ", "nil", "=x",
	}
	random := rand.New(rand.NewPCG(1, 2))
	refused := map[string]string{}
	for range 2_000 {
		args := []byte(right[random.IntN(len(right))])
		for range 1 + random.IntN(2) {
			at, piece := random.IntN(len(args)), pieces[random.IntN(len(pieces))]
			switch random.IntN(3) {
			case 0:
				args = slices.Insert(args, at, []byte(piece)...)
			case 1:
				args = slices.Delete(args, at, at+1)
			default:
				args = slices.Replace(args, at, at+1, []byte(piece)...)
			}
		}
		for _, d := range diagnosticsOf(t, string(args)) {
			if words := toBeWritten(d); words != "" && !isAccepted(t, words) {
				refused[d] = string(args)
			}
		}
	}
	for d, args := range refused {
		t.Errorf("%s\n%s", args, d)
	}
}

// isAccepted tells whether words can stand in a directive: as an option, an
// operation, or the value of one.
func isAccepted(t *testing.T, words string) bool {
	t.Helper()
	if key, _, isOption := strings.Cut(words, "="); isOption && !strings.ContainsAny(key, "(@") {
		rest := map[string]string{"type": "service=a x ", "service": "type=effect x "}
		before, ok := rest[key]
		if !ok {
			before = "type=effect service=a x "
		}
		return len(diagnosticsOf(t, before+words)) == 0
	}
	if slices.Contains([]string{"type", "service", "state", "metric"}, words) {
		return true
	}
	for _, around := range [][2]string{{ok, ""}, {ok + "x(", ")"}, {"service=a x type=", ""}, {"type=effect x service=", ""}} {
		said := diagnosticsOf(t, around[0]+words+around[1])
		if len(said) == 0 || strings.Contains(said[0], "no import of this package") { // is another mistake
			return true
		}
	}
	return false
}
