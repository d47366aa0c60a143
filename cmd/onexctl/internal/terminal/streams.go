package terminal

import (
	"fmt"
	"io"
	"strings"
)

// Streams are what a command reads from and prints to.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Say prints a message to Err, as text and nothing more: whatever it is about has
// been written by somebody else. Its second line and what follows are indented,
// so that none can be taken for another message.
func (s Streams) Say(command, format string, args ...any) {
	fmt.Fprintf(s.Err, "%s: %s\n", command, strings.ReplaceAll(PrintableLines(fmt.Sprintf(format, args...)), "\n", "\n\t"))
}
