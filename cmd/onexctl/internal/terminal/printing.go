package terminal

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
)

// PrintJSON prints a value for programs, on a line.
func PrintJSON(s Streams, v any) error {
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%s\n", EscapeJSON(text))
	return err
}

// PrintableLines returns a text of several lines for a terminal.
func PrintableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Printable(line)
	}
	return strings.Join(lines, "\n")
}
