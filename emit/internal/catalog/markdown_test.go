package catalog

import (
	"html"
	"math/rand/v2"
	"strings"
	"testing"
)

// Whatever source holds, a reader of Markdown sees it as it stands, in a cell of
// a table too.
func TestMarkdownHasTextAsItIs(t *testing.T) {
	pieces := []string{
		"`", "``", "```", "|", `\`, `\|`, "<img src=x onerror=alert(1)>", "</code>", " ", "  ", "\n", "\r\n", "a", "_b_", "**", "~~",
		"&lt;", "&", "[x](javascript:x)", "![", "]", "`json:\"a``b\"`",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var source string
		for range random.IntN(6) {
			source += pieces[random.IntN(len(pieces))]
		}
		source = strings.TrimSpace(source)
		flat := strings.NewReplacer("\r\n", " ", "\n", " ").Replace(source)
		for _, of := range []struct{ says, want, markdown string }{
			{"code", flat, code(source)},
			{"text", flat, literally(flat)},
		} {
			if !strings.Contains(of.markdown, "|") { // outside of tables pipes mean nothing
				if got := readInline(t, of.markdown); got != of.want {
					t.Fatalf("%s %q is %q, and is read as %q", of.says, source, of.markdown, got)
				}
			}
			var p markdownPage
			p.row([]string{of.markdown, "end"})
			cells := readRow(p.String())
			if len(cells) != 2 || cells[1] != "end" {
				t.Fatalf("%s %q makes a row of %q", of.says, source, cells)
			}
			if got := readInline(t, cells[0]); got != of.want {
				t.Fatalf("%s %q is %q in a row, and is read as %q", of.says, source, of.markdown, got)
			}
		}
	}
}

// readRow takes a row apart as GitHub's Markdown does: at the pipes without a
// backslash in front of them, wherever they stand.
func readRow(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "|"), "|")
	if strings.ContainsAny(line, "\r\n") {
		return nil
	}
	var cells []string
	var cell strings.Builder
	for i := range len(line) {
		switch {
		case line[i] == '|' && line[i-1] != '\\':
			cells = append(cells, strings.TrimSpace(cell.String()))
			cell.Reset()
		case line[i] == '\\' && i+1 < len(line) && line[i+1] == '|':
		default:
			cell.WriteByte(line[i])
		}
	}
	return append(cells, strings.TrimSpace(cell.String()))
}

// readInline returns what CommonMark makes of a line, if no more than code spans,
// backslashes and entities mean anything in it; anything else fails the test.
func readInline(t *testing.T, s string) string {
	t.Helper()
	var out strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '`':
			open := run(s[i:])
			end := i + open
			for end < len(s) && (s[end] != '`' || run(s[end:]) != open) {
				end += max(1, run(s[end:]))
			}
			if end == len(s) {
				t.Fatalf("%q has backticks without an end", s)
			}
			inner := s[i+open : end]
			if strings.HasPrefix(inner, " ") && strings.HasSuffix(inner, " ") && strings.Trim(inner, " ") != "" {
				inner = inner[1 : len(inner)-1]
			}
			out.WriteString(inner)
			i = end + open
		case c == '\\' && i+1 < len(s) && strings.IndexByte("\\`*_[]!|~", s[i+1]) >= 0:
			out.WriteByte(s[i+1])
			i += 2
		case c == '&':
			entity, _, _ := strings.Cut(s[i:], ";")
			out.WriteString(html.UnescapeString(entity + ";"))
			i += len(entity) + 1
		case strings.IndexByte("<>*_[]~", c) >= 0:
			t.Fatalf("%q has markup at %q", s, s[i:])
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String()
}

// run returns the length of the run of backticks that s begins with.
func run(s string) int { return len(s) - len(strings.TrimLeft(s, "`")) }
