package annotate

import (
	"bytes"
	"errors"
	goscanner "go/scanner"
	"go/token"
)

// withoutLines returns src with its //line comments disarmed, because the
// parser's errors would be where those say, and those that are wrong would be
// errors; and every other thing at its place.
func withoutLines(src []byte) []byte {
	for _, line := range [][]byte{[]byte("//line "), []byte("/*line ")} {
		if bytes.Contains(src, line) {
			src = bytes.ReplaceAll(src, line, append(line[:2:2], "     "...))
		}
	}
	return src
}

// syntaxErrors turns the parser's error into diagnostics.
func syntaxErrors(name string, err error, remedy string) (diags Diagnostics) {
	var list goscanner.ErrorList
	if !errors.As(err, &list) {
		diags.add(token.Position{Filename: name}, "%v; %s", err, remedy)
	}
	for _, e := range list {
		diags.add(e.Pos, "%s; %s", e.Msg, remedy)
	}
	return diags
}
