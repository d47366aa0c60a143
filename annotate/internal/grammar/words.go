package grammar

import (
	"go/token"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is one word of a directive's arguments: an option or an operation with
// all that its brackets hold.
type Word struct {
	Text   string
	Broken bool // reported already; no more is known than where it begins
	Pos    token.Pos
	Before token.Pos // of the comma in front of it, if there is one
	After  token.Pos // of the comma behind it
}

// SplitWords takes the arguments of a directive apart at spaces and commas
// outside of brackets. It reports what it cannot split.
func SplitWords(args string, pos token.Pos, report func(token.Pos, string, ...any)) []Word {
	s := scanner{args, pos, report}
	var words []Word
	comma := token.NoPos // the last separator, if it was a comma
	for {
		s.skipSpace()
		switch {
		case s.rest == "":
			if comma.IsValid() {
				report(comma, "nothing follows this comma; remove it")
			}
			return words
		case s.atRemark():
			return words
		case s.rest[0] == ',':
			if comma.IsValid() || len(words) == 0 {
				report(s.pos, "there is nothing in front of this comma; remove it")
			} else {
				words[len(words)-1].After = s.pos
				comma = s.pos
			}
			s.take(1)
			continue
		}
		start, before := s, comma
		comma = token.NoPos
		broken := !s.skipWord()
		text := start.rest[:len(start.rest)-len(s.rest)]
		words = append(words, Word{Text: text, Broken: broken, Pos: start.pos, Before: before})
	}
}

// scanner walks through the arguments of a directive and knows where it is.
type scanner struct {
	rest   string
	pos    token.Pos
	report func(token.Pos, string, ...any)
}

func (s *scanner) take(n int) {
	s.rest = s.rest[n:]
	s.pos += token.Pos(n)
}

func (s *scanner) skipSpace() {
	s.take(len(s.rest) - len(strings.TrimLeftFunc(s.rest, unicode.IsSpace)))
}

// atRemark reports a comment that begins here, and skips the rest of the line
// with it.
func (s *scanner) atRemark() bool {
	if !strings.HasPrefix(s.rest, "//") && !strings.HasPrefix(s.rest, "/*") {
		return false
	}
	s.report(s.pos, "a remark cannot stand in a directive; move it to a line of its own")
	s.take(len(s.rest))
	return true
}

// skipWord goes to the end of the word that begins here. It is false, after a
// report, if the word has no shape.
func (s *scanner) skipWord() bool {
	type bracket struct {
		close byte
		pos   token.Pos
	}
	var open []bracket
	good := true
	for s.rest != "" {
		r, size := utf8.DecodeRuneInString(s.rest)
		if len(open) == 0 && (r == ',' || unicode.IsSpace(r)) {
			return good
		}
		if s.atRemark() {
			return false
		}
		switch r {
		case '(':
			open = append(open, bracket{')', s.pos})
		case '[':
			open = append(open, bracket{']', s.pos})
		case '{':
			open = append(open, bracket{'}', s.pos})
		case ')', ']', '}':
			switch {
			case len(open) == 0:
				s.report(s.pos, "%q closes nothing; remove it", r)
				good = false
			case open[len(open)-1].close != byte(r):
				s.report(s.pos, "%q where %q belongs; balance the brackets", r, open[len(open)-1].close)
				s.take(len(s.rest)) // whatever follows cannot be told apart
				return false
			default:
				open = open[:len(open)-1]
			}
		case '"', '`', '\'':
			quoted, err := strconv.QuotedPrefix(s.rest)
			if err != nil {
				s.report(s.pos, "%q is never closed; remove it", r)
				s.take(len(s.rest))
				return false
			}
			if len(open) == 0 {
				s.report(s.pos, "nothing is quoted in a directive; write %s", unquote(quoted))
				good = false
			}
			size = len(quoted)
		}
		s.take(size)
	}
	if len(open) > 0 {
		last := open[len(open)-1]
		s.report(last.pos, "this bracket is never closed; add %q", last.close)
		return false
	}
	return good
}

// unquote returns what a quoted value means if it can be written without
// quotes, and a description of that otherwise.
func unquote(quoted string) string {
	s, err := strconv.Unquote(quoted)
	if err != nil || s == "" || strings.ContainsFunc(s, unicode.IsSpace) {
		return "a value without quotes and spaces"
	}
	return s
}
