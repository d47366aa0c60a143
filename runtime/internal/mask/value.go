package mask

import "strings"

// value notes the value at p if it is a secret, and returns where it ends; else
// 0.
func (m *scanner) value(p int, v value) int {
	s := m.s
	if v.kind == nothing || p >= len(s) {
		return 0
	}
	p = m.unwrap(p)
	if p >= len(s) {
		return 0
	}
	slashes := 0
	for p+slashes < len(s) && s[p+slashes] == '\\' {
		slashes++
	}
	if q := p + slashes; q < len(s) && quoteMark[s[q]] {
		return m.quoted(q, slashes, v)
	}
	switch c := s[p]; {
	case c == '{' && m.inBraces(p) > p:
		return m.judge(p+1, m.inBraces(p), value{kind: v.kind, quoted: true})
	case (c == '[' || c == '{') && !m.tagged(p):
		return m.collection(p, v)
	case (c == '|' || c == '>') && v.spaced:
		if end := m.block(p, v); end > 0 {
			return end
		}
	case c == '&' && v.query:
		return 0
	case v.spaced && strings.HasPrefix(s[p:], "- ") && m.precededBy(p) != ':':
		return m.items(p, v)
	}
	return m.unquoted(p, v)
}

// items notes the lines of a YAML list that begins at p.
func (m *scanner) items(p int, v value) (end int) {
	for strings.HasPrefix(m.s[p:], "- ") {
		from := m.skip(p+len("- "), " ")
		if strings.HasPrefix(m.s[from:], "- ") {
			break
		}
		to := m.value(from, v)
		if to == 0 {
			break
		}
		end = to
		p = m.skip(to, " \n\"'")
	}
	return end
}

// inBraces returns where the value ends that is in braces at p as ODBC has it,
// with a brace in it written twice; else p.
func (m *scanner) inBraces(p int) int {
	if m.precededBy(p) != '=' || !m.inConnection() {
		return p
	}
	end := p + 1
	for ; end < len(m.s) && end < p+256 && m.s[end] != '\n'; end++ {
		if m.s[end] != '}' {
			continue
		}
		if end+1 == len(m.s) || m.s[end+1] != '}' {
			return end
		}
		end++
	}
	return p
}

// tagged tells whether the value at p begins with its kind in braces, as in
// {SSHA} or {noop}.
func (m *scanner) tagged(p int) bool {
	end := p + 1
	for end < len(m.s) && end < p+24 && (inName[m.s[end]] || m.s[end] == '-') {
		end++
	}
	return m.s[p] == '{' && end > p+1 && end+1 < len(m.s) && m.s[end] == '}' && !m.outer(end+1)
}

// unwrap returns where the value at p really begins: behind a YAML tag, a
// conversion, a letter before a quote, or the type of a declaration.
func (m *scanner) unwrap(p int) int {
	s := m.s
	if strings.HasPrefix(s[p:], "!") {
		if q := m.until(p, &blank, 32); q < len(s) && s[q] == ' ' {
			return m.skip(q, " ")
		}
	}
	if rest, ok := strings.CutPrefix(s[p:], "(string) "); ok { // as spew has it
		p += len("(string) ")
		if strings.HasPrefix(rest, "(len=") {
			p = m.skip(m.until(p, &blank, 32), " ")
		}
		return p
	}
	if strings.HasPrefix(s[p:], "[]string{") {
		return p + len("[]string")
	}
	if s[p] == '&' && p+1 < len(s) && quoteMark[s[p+1]] {
		return p + 1
	}
	q := p
	for q < len(s) && q < p+40 && (inName[s[q]] || s[q] == '.') {
		q++
	}
	switch {
	case q == p || q >= len(s):
	case quoteMark[s[q]] && q-p <= 2 && lettersBefore[strings.ToLower(s[p:q])]:
		return q
	case s[q] == '(' && q+1 < len(s) && (quoteMark[s[q+1]] || s[q+1] == '\\'):
		return q + 1
	case s[q] == ' ' && types[s[p:q]]:
		if r := m.skip(q, " "); r < len(s) && s[r] == '=' {
			return m.skip(r+1, " ")
		}
	}
	return p
}

var (
	lettersBefore = words("b u r f n e rb br at l u8")
	types         = words("string str String text varchar char bytes Secret SecretStr Optional")
)

// quoted notes what is in quotes at q, with as many backslashes before the
// quote as slashes says.
func (m *scanner) quoted(q, slashes int, v value) int {
	s, mark := m.s, m.s[q]
	limit := len(s)
	if v.kind != sure && v.kind != likely {
		limit = min(limit, q+4<<10)
	}
	if slashes == 0 && q+2 < len(s) && s[q+1] == mark && s[q+2] == mark {
		from := q + 3
		to := limit
		if n := strings.Index(s[from:limit], s[q:from]); n >= 0 {
			to = from + n
		}
		from, to = m.trim(from, to)
		v.quoted = true
		return m.judge(from, to, v)
	}
	from, to := q+1, q+1
	closed := false
	for run := 0; to < limit; to++ {
		switch c := s[to]; {
		case c == '\\':
			run++
			continue
		case c == mark && run <= slashes, c == mark && (run-slashes)%(slashes+1) == 0 && (run-slashes)/(slashes+1)%2 == 0:
			if slashes == 0 && to > from && to+1 < limit && s[to+1] == mark && mark != '`' {
				to++ // SQL writes a quote as two
			} else {
				closed = true
			}
		}
		if run = 0; closed {
			break
		}
	}
	end := to
	if closed {
		for end > from && end > to-slashes && s[end-1] == '\\' {
			end--
		}
	}
	v.quoted = true
	if !closed && (v.kind == sure || v.kind == likely) {
		m.add(from, end)
		return max(end, from)
	}
	return m.judge(from, end, v)
}

// collection notes the values in a list or an object at p.
func (m *scanner) collection(p int, v value) int {
	most := 1 << 10
	if v.kind == sure {
		most = 16 << 10
	}
	s := m.s
	open, depth, end := s[p], 0, p
	for ; end < len(s) && end < p+most; end++ {
		switch c := s[end]; {
		case c == '\n' && v.spaced && open == '[' && depth == 0:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	content := s[p+1 : end]
	switch {
	case isPlaceholder(strings.TrimSpace(content)) || strings.HasPrefix(content, "{"):
		return 0
	case depth > 0 && v.kind != sure:
		return 0
	case v.kind != sure && v.kind != likely:
		if !random(strings.Trim(content, `\"' `), 12) {
			return 0
		}
	case isSentence(strings.Trim(content, `\"'`)) || open == '[' && v.kind == likely && strings.IndexByte(content, '"') < 0 && !varied(content):
		return 0
	case open == '{' && strings.Contains(content, "type"):
		return 0
	}
	from, to := m.trim(p+1, end)
	m.add(from, to)
	return end
}

// block notes the lines of a YAML block that begins at p.
func (m *scanner) block(p int, v value) int {
	s := m.s
	i := m.skip(p+1, "+-0123456789 ")
	lineEnd := "\n"
	if strings.HasPrefix(s[i:], `\n`) {
		lineEnd = `\n`
	}
	if !strings.HasPrefix(s[i:], lineEnd) || v.kind != sure && v.kind != likely {
		return 0
	}
	i += len(lineEnd)
	from := m.skip(i, " \t")
	indent := from - i
	if indent == 0 {
		return 0
	}
	to := from
	for {
		n := strings.Index(s[to:], lineEnd)
		if n < 0 {
			to = len(s)
			break
		}
		to += n
		next := to + len(lineEnd)
		if m.skip(next, " \t")-next < indent {
			break
		}
		to = next
	}
	if strings.HasPrefix(s[from:to], Hidden) {
		return to
	}
	m.add(from, to)
	return to
}

var (
	endsTag  = setOf("<>\n")
	endsLine = setOf("\r\n")
)

// elementText notes the first text behind the tags at p.
func (m *scanner) elementText(p int, k kind) int {
	for range 4 {
		if p = m.skip(p, " \r\n\t"); p >= len(m.s) || m.s[p] != '<' {
			break
		}
		p = m.until(p+1, &endsTag, 64)
		if p >= len(m.s) || m.s[p] != '>' {
			return 0
		}
		p++
	}
	return m.judge(p, m.until(p, &endsTag, 1<<10), value{kind: k, quoted: true})
}
