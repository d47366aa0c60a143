package grammar

import (
	"go/token"
	"regexp"
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
		case s.skipRemark(), s.skipForeign():
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

// skipForeign reports what begins a remark in other languages, or continues a
// line, and skips the line.
func (s *scanner) skipForeign() bool {
	switch {
	case s.rest == "\\":
		s.report(s.pos, "a directive ends with its line; remove this, and begin the next line with %s", Whole)
	case s.rest[0] == '#', strings.HasPrefix(s.rest, "-- "):
		s.report(s.pos, "a remark cannot stand in a directive; move it to a line of its own")
	default:
		return false
	}
	s.lost = true
	s.take(len(s.rest))
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
			closes, missing := closing(open, byte(r))
			switch {
			case len(open) == 0, !closes && s.nextBracket() == open[len(open)-1].close:
				s.report(s.pos, "%q closes nothing; remove it", r)
				w.Broken = true
			case missing != "":
				s.report(s.pos, "%q where %q belongs; write %s", r, missing[0], quotedBy(missing))
				s.lose(w) // whatever follows cannot be told apart
				return
			default:
				open = open[:len(open)-1]
			}
		case '<':
			if end := strings.IndexByte(s.rest, '>'); len(open) == 0 && text.Len() > 0 && end > 0 && s.rest[1] != '-' {
				taken = s.rest[:end+1] // types after the manner of other languages
			}
		case '"', '`', '\'', '“', '”', '‘', '’', '«':
			if len(open) == 0 {
				text.WriteString(s.quoted(w, r, size))
				continue
			}
			quoted := quotedPrefix(s.rest)
			if quoted == "" {
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

// closing tells whether r closes one of the open brackets, and what has to be
// written in its place if that is not the last of them.
func closing(open []bracket, r byte) (closes bool, missing string) {
	for i := len(open) - 1; i >= 0; i-- {
		missing += string(open[i].close)
		if open[i].close == r {
			if len(missing) == 1 {
				missing = ""
			}
			return true, missing
		}
	}
	return false, missing[:min(1, len(missing))]
}

// nextBracket returns the bracket behind the one that begins the rest, 0 if
// there is none.
func (s *scanner) nextBracket() byte {
	if i := strings.IndexAny(s.rest[1:], "()[]{}"); i >= 0 {
		return s.rest[1+i]
	}
	return 0
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
func (s *scanner) quoted(w *Word, quote rune, size int) string {
	end := strings.Index(s.rest[size:], closesQuote(quote))
	if end < 0 {
		s.report(s.pos, "%c is never closed; remove it", quote)
		w.Broken = true
		s.take(size)
		return ""
	}
	if !w.Quote.IsValid() {
		w.Quote = s.pos
	}
	inside := s.rest[size : size+end]
	s.take(size + end + len(closesQuote(quote)))
	return inside
}

// closesQuote returns the quote that ends what another one begins: people paste
// from where there are two.
func closesQuote(quote rune) string {
	switch quote {
	case '“':
		return "”"
	case '‘':
		return "’"
	case '«':
		return "»"
	default:
		return string(quote)
	}
}

// SplitResult takes apart what somebody has put behind the types of an
// operation as its result, as in "=Out", "-> Out" and "(Out)". An operation is
// none, and arrow tells whether more than a space or nothing was between.
func SplitResult(text string) (result string, arrow bool) {
	bare := strings.TrimLeft(text, "=-–—>:→ \t")
	arrow = len(bare) < len(text)
	if m := inBrackets.FindStringSubmatch(bare); m != nil {
		return strings.TrimSpace(strings.Join(m[1:], "")), true
	}
	return bare, arrow
}

// inBrackets matches a result in brackets, though no slice.
var inBrackets = regexp.MustCompile(`^(?:\((.*)\)|\[([^\]].*)\]|\{(.*)\}|<(.*)>)$`)

// IsArrow tells a word that is nothing but what somebody may put in front of a
// result.
func IsArrow(text string) bool {
	result, arrow := SplitResult(text)
	return arrow && result == ""
}
