package envelope

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// scanner goes through JSON text once: it finds the members of an object, and
// what is not valid JSON. It does not look for invalid UTF-8, but knows whether
// there may be any.
//
// Its methods return where something ends that begins at i, or invalid. What
// may be wrong with it is for jsontext to say, which knows more and takes longer.
type scanner struct {
	text    string
	members []member
	inner   []member // of the objects that are members, if deep
	deep    bool
	python  bool // it takes what Python's json takes beyond JSON
	depth   int
	spaces  int    // how much white space it has come across
	escapes int    // and how many escapes
	odd     int    // and how many numbers that JSON does not have
	bits    uint64 // that are set in any byte of its strings, and of what is around them
}

const (
	invalid  = -1
	maxDepth = 10_000 // jsontext's
)

// member is one member of an object.
type member struct {
	name       string
	start, end int  // of its value
	from, to   int  // where the scanner's inner members are that are in it
	spaced     bool // there is white space in the value
	escaped    bool // there are escapes in it
	odd        bool // there are numbers in it that JSON does not have
}

func (s *scanner) object(i int) int {
	if s.depth++; !s.is(i, '{') || s.depth > maxDepth {
		return invalid
	}
	var members *[]member // if they are wanted
	switch {
	case s.depth == 1:
		members = &s.members
	case s.depth == 2 && s.deep:
		members = &s.inner
	}
	text := s.text // in registers
	if i = s.space(i + 1); at(text, i) == '}' {
		s.depth--
		return i + 1
	}
	for {
		name, escapes := i+1, s.escapes
		if i = s.string(i); i == invalid {
			return invalid
		}
		nameEnd, nameEscaped := i-1, s.escapes > escapes
		if i = s.space(i); at(text, i) != ':' {
			return invalid
		}
		i = s.space(i + 1)
		start, inner, spaces, escapes, odd := i, len(s.inner), s.spaces, s.escapes, s.odd
		if at(text, i) == '"' {
			i = s.string(i)
		} else {
			i = s.value(i)
		}
		if i == invalid {
			return invalid
		}
		if members != nil {
			*members = append(*members, member{})
			m := &(*members)[len(*members)-1] // in its place at once
			m.name, m.start, m.end, m.from, m.to = text[name:nameEnd], start, i, inner, len(s.inner)
			m.spaced, m.escaped, m.odd = s.spaces > spaces, s.escapes > escapes, s.odd > odd
			if nameEscaped {
				m.name = unescaped(text[name-1 : nameEnd+1])
			}
		}
		i = s.space(i)
		switch at(text, i) {
		case '}':
			s.depth--
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return invalid
		}
	}
}

// at returns what is at i, which may be behind the end.
func at(text string, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

func (s *scanner) list(i int) int {
	if s.depth++; s.depth > maxDepth {
		return invalid
	}
	if i = s.space(i + 1); s.is(i, ']') {
		s.depth--
		return i + 1
	}
	for {
		if i = s.value(i); i == invalid {
			return invalid
		}
		i = s.space(i)
		switch {
		case s.is(i, ']'):
			s.depth--
			return i + 1
		case !s.is(i, ','):
			return invalid
		}
		i = s.space(i + 1)
	}
}

func (s *scanner) value(i int) int {
	switch at(s.text, i) {
	case '"':
		return s.string(i)
	case '{':
		return s.object(i)
	case '[':
		return s.list(i)
	case 'n':
		return s.literal(i, "null")
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	default:
		if s.python {
			return s.pythonNumber(i)
		}
		return s.number(i)
	}
}

// is tells whether c is at i.
func (s *scanner) is(i int, c byte) bool { return at(s.text, i) == c }

func (s *scanner) space(i int) int {
	if i < len(s.text) && s.text[i] > ' ' {
		return i // as nearly always
	}
	return s.skip(i)
}

func (s *scanner) skip(i int) int {
	start := i
	for i < len(s.text) && isSpace(s.text[i]) {
		i++
	}
	s.spaces += i - start
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func (s *scanner) literal(i int, want string) int {
	if !strings.HasPrefix(s.text[i:], want) {
		return invalid
	}
	return i + len(want)
}

func (s *scanner) number(i int) int {
	if s.is(i, '-') {
		i++
	}
	if s.is(i, '0') {
		i++
	} else if i = s.digits(i); i == invalid {
		return invalid
	}
	if s.is(i, '.') {
		if i = s.digits(i + 1); i == invalid {
			return invalid
		}
	}
	if s.is(i, 'e') || s.is(i, 'E') {
		if i++; s.is(i, '+') || s.is(i, '-') {
			i++
		}
		return s.digits(i)
	}
	return i
}

// pythonNumber takes NaN and the infinities too, and counts the numbers that are
// none in JSON or too large for a float.
func (s *scanner) pythonNumber(i int) int {
	for _, name := range notNumbers {
		if strings.HasPrefix(s.text[min(i, len(s.text)):], name) {
			s.odd++
			return i + len(name)
		}
	}
	end := s.number(i)
	if end == invalid || end-i < 4 { // 9e9
		return end
	}
	text := s.text[i:end]
	if !strings.ContainsAny(text, ".eE") {
		if len(strings.TrimPrefix(text, "-")) > maxDigits {
			return invalid
		}
	} else if isInfinite(text) {
		s.odd++
	}
	return end
}

var notNumbers = []string{"NaN", "Infinity", "-Infinity"}

// maxDigits is how many digits Python reads of an integer.
const maxDigits = 4300

// isInfinite tells what Python reads as an infinity, of numbers with a fraction or
// an exponent.
func isInfinite(text string) bool {
	f, _ := strconv.ParseFloat(text, 64)
	return math.IsInf(f, 0)
}

// digits wants one digit at least.
func (s *scanner) digits(i int) int {
	start := i
	for i < len(s.text) && s.text[i] >= '0' && s.text[i] <= '9' {
		i++
	}
	if i == start {
		return invalid
	}
	return i
}

// stands tells of each byte whether it stands for itself in a string.
var stands = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return table
}()

func (s *scanner) string(i int) int {
	if !s.is(i, '"') {
		return invalid
	}
	text, set := s.text, s.bits // in registers
	for i++; ; {
		for ; i+8 <= len(text); i += 8 {
			eight := binary.LittleEndian.Uint64([]byte(text[i : i+8]))
			set |= eight
			if found := special(eight); found != 0 {
				i += bits.TrailingZeros64(found) / 8
				break
			}
		}
		for len(text)-8 < i && i < len(text) && stands[text[i]] { // among the last of the text
			set |= uint64(text[i])
			i++
		}
		switch {
		case i == len(text):
			return invalid
		case text[i] == '"':
			s.bits = set
			return i + 1
		case text[i] != '\\':
			return invalid
		}
		if i = s.escape(i + 1); i == invalid {
			return invalid
		}
	}
}

// special returns eight bytes of which the lowest that is not 0 is where the
// lowest of eight bytes is that does not stand for itself in a string.
func special(eight uint64) uint64 {
	const (
		each = 0x0101010101010101
		high = 0x80 * each
	)
	// The difference of a byte and n has its high bit set if the byte was below n,
	// or was 0x80 and more, or had to lend to one below that was; so the lowest is
	// right. With this bit turned, the quote comes next to the control characters.
	low, backslash := eight^2*each, eight^'\\'*each
	return ((low-('"'^2+1)*each)&^low | (backslash-each)&^backslash) & high
}

// isASCII tells that there is nothing beyond ASCII in a text that is valid otherwise.
func (s *scanner) isASCII() bool { return s.bits&(0x80*0x0101010101010101) == 0 }

// escape begins behind the backslash.
func (s *scanner) escape(i int) int {
	s.escapes++
	if !s.is(i, 'u') {
		if i >= len(s.text) || strings.IndexByte(`"\/bfnrt`, s.text[i]) < 0 {
			return invalid
		}
		return i + 1
	}
	r, ok := s.hex(i + 1)
	switch {
	case !ok:
		return invalid
	case r < 0xd800 || r >= 0xe000 || s.python: // which takes half a pair
		return i + 5
	case r >= 0xdc00: // the second half of a pair
		return invalid
	}
	if !s.is(i+5, '\\') || !s.is(i+6, 'u') {
		return invalid
	}
	if r, ok = s.hex(i + 7); !ok || r < 0xdc00 || r >= 0xe000 {
		return invalid
	}
	return i + 11
}

// hex returns the number that four digits spell.
func (s *scanner) hex(i int) (n int, ok bool) {
	if i+4 > len(s.text) {
		return 0, false
	}
	for _, c := range []byte(s.text[i : i+4]) {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if digit < 0 || c < '0' {
			return 0, false
		}
		n = n<<4 | digit
	}
	return n, true
}
