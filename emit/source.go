package emit

import (
	"bytes"
	"fmt"
	"strings"
)

// goSource is Go source in the making, formatted as gofmt would have it as long
// as the types in it are.
type goSource struct{ bytes.Buffer }

// line adds a line.
func (s *goSource) line(format string, args ...any) {
	fmt.Fprintf(s, format, args...)
	s.WriteByte('\n')
}

// doc adds a text as a comment, broken into lines. A line break in the text
// stays one, and a line that begins with a tab stays whole.
func (s *goSource) doc(format string, args ...any) { s.comment("//", format, args...) }

// comment is doc behind a margin, the slashes included.
func (s *goSource) comment(margin, format string, args ...any) {
	const width = 77 // of a line with its slashes
	for paragraph := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		if paragraph == "" || strings.HasPrefix(paragraph, "\t") {
			s.line("%s%s", margin, paragraph)
			continue
		}
		s.WriteString(margin)
		used := len("//")
		for word := range strings.FieldsSeq(paragraph) {
			if used+1+len(word) > width && used > len("//") {
				s.WriteByte('\n')
				s.WriteString(margin)
				used = len("//")
			}
			s.WriteByte(' ')
			s.WriteString(word)
			used += 1 + len(word)
		}
		s.WriteByte('\n')
	}
}
