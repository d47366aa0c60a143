package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal tells whether somebody looks at what is printed, or types what is
// read.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// paint colours what is printed to one stream, or does not.
type paint bool

// newPaint colours what goes to a terminal, unless NO_COLOR is set.
func newPaint(w io.Writer) paint {
	return paint(os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w))
}

// colour is one of ECMA-48, "" the terminal's own.
type colour string

const (
	plain  colour = ""
	dim    colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	cyan   colour = "36"
)

// in returns text in a colour. The text has to be printable.
func (p paint) in(c colour, text string) string {
	if !p || c == plain || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
