package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// IsTerminal tells whether somebody looks at what is printed, or types what is
// read.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Paint colours what is printed to one stream, or does not.
type Paint bool

// NewPaint colours what goes to a terminal, unless NO_COLOR is set.
func NewPaint(w io.Writer) Paint {
	return Paint(os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && IsTerminal(w))
}

// Colour is one of ECMA-48, "" the terminal's own.
type Colour string

const (
	Plain  Colour = ""
	Dim    Colour = "2"
	Red    Colour = "31"
	Green  Colour = "32"
	Yellow Colour = "33"
	Cyan   Colour = "36"
)

// In returns text in a colour. The text has to be printable.
func (p Paint) In(c Colour, text string) string {
	if !p || c == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
