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
	Text   string    // as it is written, without quotes outside of brackets
	Broken bool      // reported already; no more is known than where it begins
	Quote  token.Pos // of the first quote outside of brackets, if there is one
	Pos    token.Pos
	Before token.Pos // of the comma in front of it, if there is one
	After  token.Pos // of the comma behind it
}

// SplitWords takes the arguments of a directive apart at spaces and commas
// outside of brackets. It reports what it cannot split; lost tells that it has
// not understood all words, so that nothing can be said to be missing.
func SplitWords(args string, pos token.Pos, report func(token.Pos, string, ...any)) (words []Word, lost bool) {
	s := scanner{rest: args, pos: pos, report: report}
	comma := token.NoPos // the last separator, if it was a comma
	for {
		s.skipSpace()
		switch {
		case s.rest == "":
			if comma.IsValid() {
				report(comma, "nothing follows this comma; remove it")
			}
			return words, s.lost
		case s.skipRemark():
			continue
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
		w := Word{Pos: s.pos, Before: comma}
		comma = token.NoPos
		s.word(&w)
		words = append(words, w)
	}
}

// scanner walks through the arguments of a directive and knows where it is.
type scanner struct {
	rest   string
	pos    token.Pos
	lost   bool // not all has been understood
	report func(token.Pos, string, ...any)
}

func (s *scanner) take(n int) {
	s.rest = s.rest[n:]
	s.pos += token.Pos(n)
}

func (s *scanner) skipSpace() {
	s.take(len(s.rest) - len(strings.TrimLeftFunc(s.rest, unicode.IsSpace)))
}

// skipRemark reports a comment that begins here, and skips it.
func (s *scanner) skipRemark() bool {
	line := strings.HasPrefix(s.rest, "//")
	if !line && !strings.HasPrefix(s.rest, "/*") {
		return false
	}
	s.report(s.pos, "a remark cannot stand in a directive; move it to a line of its own")
	end := strings.Index(s.rest, "*/")
	if line || end < 0 {
		s.lost = true
		s.take(len(s.rest))
		return true
	}
	s.take(end + len("*/"))
	return true
}

// bracket is one that is open.
type bracket struct {
	close byte
	pos   token.Pos
}

// word goes to the end of the word that begins here.
func (s *scanner) word(w *Word) {
	var open []bracket
	var text strings.Builder
	defer func() { w.Text = text.String() }()
	for s.rest != "" {
		r, size := utf8.DecodeRuneInString(s.rest)
		if len(open) == 0 && (r == ',' || unicode.IsSpace(r)) {
			return
		}
		if s.skipRemark() {
			if len(open) > 0 {
				s.lose(w)
				return
			}
			continue
		}
		taken := s.rest[:size]
		switch r {
		case '(', '[', '{':
			open = append(open, bracket{closes[r], s.pos})
		case ')', ']', '}':
			switch {
			case len(open) == 0:
				s.report(s.pos, "%q closes nothing; remove it", r)
				w.Broken = true
			case open[len(open)-1].close != byte(r):
				s.report(s.pos, "%q where %q belongs; write %q", r, open[len(open)-1].close, open[len(open)-1].close)
				s.lose(w) // whatever follows cannot be told apart
				return
			default:
				open = open[:len(open)-1]
			}
		case '"', '`', '\'':
			if len(open) == 0 {
				text.WriteString(s.quoted(w, byte(r)))
				continue
			}
			quoted, err := strconv.QuotedPrefix(s.rest)
			if err != nil {
				s.report(s.pos, "%s is never closed; remove it", taken)
				s.lose(w)
				return
			}
			taken = quoted
		}
		text.WriteString(taken)
		s.take(len(taken))
	}
	if len(open) > 0 {
		add := ""
		for i := len(open) - 1; i >= 0; i-- {
			add += string(open[i].close)
		}
		s.report(open[len(open)-1].pos, "this bracket is never closed; add %s", quotedBy(add))
		s.lose(w)
	}
}

var closes = map[rune]byte{'(': ')', '[': ']', '{': '}'}

// quotedBy puts one character in the quotes of a character.
func quotedBy(s string) string {
	if len(s) == 1 {
		return "'" + s + "'"
	}
	return strconv.Quote(s)
}

// lose gives up the rest of the line.
func (s *scanner) lose(w *Word) {
	w.Broken, s.lost = true, true
	s.take(len(s.rest))
}

// quoted takes what stands in quotes, and returns it without them. A quote that
// is never closed it reports, and takes alone.
func (s *scanner) quoted(w *Word, quote byte) string {
	end := strings.IndexByte(s.rest[1:], quote)
	if end < 0 {
		s.report(s.pos, "%c is never closed; remove it", quote)
		w.Broken = true
		s.take(1)
		return ""
	}
	if !w.Quote.IsValid() {
		w.Quote = s.pos
	}
	inside := s.rest[1 : end+1]
	s.take(end + 2)
	return inside
}

// SplitResult takes apart what somebody has put behind the types of an
// operation as its result, as in "=Out", "-> Out" and "(Out)". An operation is
// none, and arrow tells whether more than a space or nothing was between.
func SplitResult(text string) (result string, arrow bool) {
	bare := strings.TrimLeft(text, "=-–—>:→ \t")
	arrow = len(bare) < len(text)
	if inside, ok := strings.CutPrefix(bare, "("); ok {
		if inside, ok = strings.CutSuffix(inside, ")"); ok {
			return strings.TrimSpace(inside), true
		}
	}
	return bare, arrow
}

// IsArrow tells a word that is nothing but what somebody may put in front of a
// result.
func IsArrow(text string) bool {
	result, arrow := SplitResult(text)
	return arrow && result == ""
}
