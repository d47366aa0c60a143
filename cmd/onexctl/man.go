package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/command"
	"github.com/omninode-ai/onexevents/cmd/onexctl/internal/terminal"
)

func man(_ context.Context, s terminal.Streams, args []string) (bool, error) {
	if len(args) > 0 {
		return false, command.Misuse("argument %q is too much", args[0])
	}
	out := bufio.NewWriter(s.Out)
	fmt.Fprintf(out, ".TH ONEXCTL 1 \"\" \"onexctl %s\"\n.SH NAME\nonexctl \\- look after the events of nodes, dead letters, spools and topics\n.SH DESCRIPTION\n", roff(version().Version))
	writePage(out, strings.Split(strings.TrimSpace(manual()), "\n"))
	return true, out.Flush()
}

// writePage writes lines of a Go comment in the language of man(1): headings, text,
// flags with what they mean below them, and what stays as it is.
func writePage(out *bufio.Writer, lines []string) {
	before := ""
	for i, line := range lines {
		text := strings.TrimLeft(line, "\t")
		depth := len(line) - len(text)
		kind := "text"
		switch {
		case strings.HasPrefix(line, "# "):
			kind, text = "heading", strings.ToUpper(line[2:])
		case text == "":
			kind = "end"
		case depth == 2:
			kind = "meaning"
		case depth == 1 && i+1 < len(lines) && (strings.HasPrefix(lines[i+1], "\t\t") || text[0] == '-' && strings.HasSuffix(line, ",")):
			kind = "flag"
		case depth == 1:
			kind = "example"
		}
		if before == "example" && kind != "example" {
			fmt.Fprintln(out, ".fi\n.RE")
		}
		switch {
		case kind == "heading":
			fmt.Fprintf(out, ".SH %s\n", roff(text))
		case kind == "text" && before == "end":
			fmt.Fprintf(out, ".PP\n%s\n", roff(text))
		case kind == "flag":
			fmt.Fprintf(out, ".TP\n.B %s\n", roff(text))
		case kind == "example" && before != "example":
			fmt.Fprintf(out, ".RS\n.nf\n%s\n", roff(text))
		case kind != "end":
			fmt.Fprintln(out, roff(text))
		}
		before = kind
	}
	if before == "example" {
		fmt.Fprintln(out, ".fi\n.RE")
	}
}

// roff is text that stays text in that language.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
