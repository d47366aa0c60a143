package mask

import "strings"

// unquoted notes the word at p.
func (m *scanner) unquoted(p int, v value) int {
	end := m.wordEnd(p, v.query)
	if v.kind == sure && !v.spaced && end < len(m.s) && m.s[end] == ' ' && m.inConnection() {
		if semicolon := strings.IndexByte(m.s[p:min(len(m.s), p+128)], ';'); semicolon > 0 && strings.IndexByte(m.s[p:p+semicolon], '\n') < 0 {
			end = p + semicolon
		}
	}
	return m.judge(p, end, v)
}

// inConnection tells whether the last name is in a connection string as ADO and
// ODBC have them, in which a value ends at a semicolon.
func (m *scanner) inConnection() bool {
	at := m.word.from
	return at == 0 || at > 0 && (m.s[at-1] == ';' || m.s[at-1] == '"' || at > 1 && m.s[at-1] == ' ' && m.s[at-2] == ';')
}

// wordEnd returns where the value ends that has no quotes and begins at p. A mark
// ends it if what stands behind the mark does not look like more of it.
func (m *scanner) wordEnd(p int, query bool) int {
	s := m.s
	var open [4]int // brackets in it
	i := p
scan:
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r':
			break scan
		case '\\':
			if i+1 == len(s) {
				break scan
			}
			switch next := s[i+1]; {
			case quoteMark[next] && m.outer(i+2), next == '\\' && m.outer(i+2):
				break scan
			case next == 'n' || next == 'r' || next == 't':
				if m.outer(i+2) || m.pairAt(i+2) {
					break scan
				}
			}
			if s[i+1] == ' ' || s[i+1] == '\'' {
				i++ // an escaped space belongs to it
			}
		case '"', '\'', '`':
			if m.outer(i + 1) {
				break scan
			}
		case ',', ';':
			if m.outer(i+1) || m.pairAt(i+1) {
				break scan
			}
		case '&':
			if query || m.pairAt(i+1) {
				break scan
			}
		case '#':
			if query {
				break scan
			}
		case '(', '[', '{', '<', ')', ']', '}', '>':
			const brackets = "([{<)]}>"
			kind := strings.IndexByte(brackets, c)
			switch {
			case c == '<' && i+1 < len(s) && s[i+1] == '/':
				break scan
			case kind < 4:
				open[kind]++
			case open[kind-4] > 0:
				open[kind-4]--
			case m.outer(i + 1):
				break scan
			}
		}
	}
	for i > p && strings.IndexByte(".,:;!?", s[i-1]) >= 0 {
		i--
	}
	return i
}

// outer tells whether what is at i is outside of a value.
func (m *scanner) outer(i int) bool {
	return i >= len(m.s) || strings.IndexByte(" \t\r\n,;:.)]}>\"'`\\/&|<!?", m.s[i]) >= 0
}

// pairAt tells whether the next name with a value is at i.
func (m *scanner) pairAt(i int) bool {
	i = m.skip(i, " \"'")
	from := i
	for i < len(m.s) && i < from+40 && (inName[m.s[i]] || m.s[i] == '-' || m.s[i] == '.') {
		i++
	}
	i = m.skip(i, "\"' ")
	return i > from && i < len(m.s) && (m.s[i] == '=' || m.s[i] == ':')
}
