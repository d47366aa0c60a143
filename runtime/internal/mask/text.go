package mask

import "strings"

// Hidden stands in place of a secret, or as much of it as the secret is long.
const Hidden = "***"

// scanner goes through a text once, from its beginning to its end.
type scanner struct {
	s     string
	found []span

	word, before span     // the name or word that was read last, and the one before
	run          int      // where the last run of token characters ends
	login        int      // where "login" or "machine" was read last
	command      *command // that was read last on this line
	url          urlRun
	ahead        map[byte]reach
	lastEnd      int  // where the last line of PEM is, and 1 more; 0 if that is not known
	jaas         bool // the text has told of a login module
	jwk          int  // whether the text has a JSON web key; 0 if that is not known
}

type span struct{ from, to int }

// urlRun is what is known of the text from a URL to the next white space.
type urlRun struct{ end, lastAt int }

// add notes a secret. What was noted before is left out of it.
func (m *scanner) add(from, to int) {
	from = max(from, m.end())
	if from >= to {
		return
	}
	if n := len(m.found); n > 0 && m.found[n-1].to == from {
		m.found[n-1].to = to
		return
	}
	m.found = append(m.found, span{from, to})
}

// end is where the last secret ends.
func (m *scanner) end() int {
	if len(m.found) == 0 {
		return 0
	}
	return m.found[len(m.found)-1].to
}

// wordBefore returns the word before the one at a, in small letters; "" if
// something else is between them.
func (m *scanner) wordBefore(a int) string {
	if a == 0 || m.before.to != a-1 || m.s[a-1] != ' ' && m.s[a-1] != '-' {
		return ""
	}
	return strings.ToLower(m.s[m.before.from:m.before.to])
}

// trim returns the part of a span without the white space around it.
func (m *scanner) trim(from, to int) (int, int) {
	for from < to && blank[m.s[from]] {
		from++
	}
	for to > from && blank[m.s[to-1]] {
		to--
	}
	return from, to
}

// separator returns where the value begins of the name that ends at b, and
// whether white space is between them, if b is followed by something that says
// that a value comes.
func (m *scanner) separator(b int) (p int, spaced, ok bool) {
	s := m.s
	for p = b; p < len(s) && p < b+8 && (quoteMark[s[p]] || s[p] == '\\' || s[p] == ']'); p++ {
	}
	end := p
	for p < len(s) && p < end+16 && (s[p] == ' ' || s[p] == '\t') {
		p++
	}
	if p == len(s) {
		return p, false, false
	}
	rest := s[p:]
	switch {
	case strings.HasPrefix(rest, ":: "): // LDIF's, before base64
		p += 2
	case strings.HasPrefix(rest, "::"), strings.HasPrefix(rest, "=~"):
		return p, false, false
	case strings.HasPrefix(rest, ":="), strings.HasPrefix(rest, "=>"), strings.HasPrefix(rest, "=="), strings.HasPrefix(rest, "->"):
		p += 2
	case rest[0] == '=' || rest[0] == ':':
		p++
	default:
		return p, false, false
	}
	colon := rest[0] == ':'
	for from := p; p < len(s) && p < from+64 && (s[p] == ' ' || s[p] == '\t' || colon && (s[p] == '\n' || s[p] == '\r')); p++ {
		spaced = spaced || colon
	}
	return p, spaced, true
}

// wordAt returns the word of letters at i, after white space, and where it ends.
func (m *scanner) wordAt(i int) (word string, from, to int) {
	from = m.skip(i, " \t")
	for to = from; to < len(m.s) && inName[m.s[to]]; to++ {
	}
	return m.s[from:to], from, to
}

// skip returns the first place from i that has none of some bytes. It does not
// go far.
func (m *scanner) skip(i int, bytes string) int {
	for from := i; i < len(m.s) && i < from+64 && strings.IndexByte(bytes, m.s[i]) >= 0; i++ {
	}
	return i
}

// until returns the first place from i that has one of some bytes, at most
// limit bytes away; else the end of that.
func (m *scanner) until(i int, bytes *set, limit int) int {
	end := min(len(m.s), i+limit)
	for i < end && !bytes[m.s[i]] {
		i++
	}
	return i
}

// reach is a place, and the next one from there that has some byte.
type reach struct{ from, to int }

// next returns the first place from i that has the byte c, or the end. To ask
// again and again for what is far away costs little.
func (m *scanner) next(c byte, i int) int {
	if r, ok := m.ahead[c]; ok && r.from <= i && i <= r.to {
		return r.to
	}
	to := len(m.s)
	if n := strings.IndexByte(m.s[i:], c); n >= 0 {
		to = i + n
	}
	if m.ahead == nil {
		m.ahead = map[byte]reach{}
	}
	m.ahead[c] = reach{i, to}
	return to
}

// precededBy returns the byte before i, or 0.
func (m *scanner) precededBy(i int) byte {
	if i == 0 {
		return 0
	}
	return m.s[i-1]
}
