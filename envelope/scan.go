package envelope

import "strings"

// scanner goes through JSON text once: it finds the members of an object, and
// what is not valid JSON. It does not look for invalid UTF-8.
//
// Its methods return where something ends that begins at i, or invalid. What
// may be wrong with it is for jsontext to say, which knows more and takes longer.
type scanner struct {
	text    string
	depth   int
	spaces  int // how much white space it has come across
	escapes int // and how many escapes
}

const (
	invalid  = -1
	maxDepth = 10_000 // jsontext's
)

// member is one member of an object.
type member struct {
	name       string
	start, end int  // of its value
	spaced     bool // there is white space in the value
	escaped    bool // there are escapes in it
}

// object returns also the members, behind those that are given, unless members
// is nil.
func (s *scanner) object(i int, members *[]member) int {
	if s.depth++; !s.is(i, '{') || s.depth > maxDepth {
		return invalid
	}
	if i = s.space(i + 1); s.is(i, '}') {
		s.depth--
		return i + 1
	}
	for {
		var m member
		start, escapes := i, s.escapes
		if i = s.string(i); i == invalid {
			return invalid
		}
		m.name = s.text[start+1 : i-1]
		if s.escapes > escapes {
			m.name = unescaped(s.text[start:i])
		}
		if i = s.space(i); !s.is(i, ':') {
			return invalid
		}
		m.start = s.space(i + 1)
		spaces, escapes := s.spaces, s.escapes
		if i = s.value(m.start); i == invalid {
			return invalid
		}
		m.end, m.spaced, m.escaped = i, s.spaces > spaces, s.escapes > escapes
		if members != nil {
			*members = append(*members, m)
		}
		i = s.space(i)
		switch {
		case s.is(i, '}'):
			s.depth--
			return i + 1
		case !s.is(i, ','):
			return invalid
		}
		i = s.space(i + 1)
	}
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
	if i >= len(s.text) {
		return invalid
	}
	switch s.text[i] {
	case '"':
		return s.string(i)
	case '{':
		return s.object(i, nil)
	case '[':
		return s.list(i)
	case 'n':
		return s.literal(i, "null")
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	default:
		return s.number(i)
	}
}

// is tells whether c is at i.
func (s *scanner) is(i int, c byte) bool { return i < len(s.text) && s.text[i] == c }

func (s *scanner) space(i int) int {
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
	text := s.text // in registers, which makes decoding 7 % quicker
	for i++; ; {
		for i < len(text) && stands[text[i]] {
			i++
		}
		switch {
		case s.is(i, '"'):
			return i + 1
		case !s.is(i, '\\'):
			return invalid
		}
		if i = s.escape(i + 1); i == invalid {
			return invalid
		}
	}
}

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
	case !ok, r >= 0xdc00 && r < 0xe000: // the second half of a pair
		return invalid
	case r < 0xd800 || r >= 0xe000:
		return i + 5
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
