package mask

import "strings"

func (m *scanner) scan() {
	m.login = -1 << 30
	for i := 0; i < len(m.s); {
		switch c := m.s[i]; {
		case inName[c]:
			i = m.name(i)
		case c == ' ':
			i++
		case c == '-':
			i = m.dash(i)
		case c == '@':
			i = m.at(i)
		case c == '$' || c == '{':
			i = max(m.token(i), i+1)
		case c == '*' && strings.HasPrefix(m.s[i:], "*:*:"):
			i = max(m.pgpass(i, i+1), i+1)
		case c == '\n':
			m.command = nil
			i++
		default:
			i++
		}
	}
}

// name reads the word at i, and notes what is secret in it or because of it. It
// returns where to go on.
func (m *scanner) name(i int) int {
	s := m.s
	if end := m.token(i); end > i {
		return end
	}
	b := i + 1
	for b < len(s) {
		switch c := s[b]; {
		case inName[c]:
			if b++; c == '_' && b < len(s) && inName[s[b]] {
				if end := m.token(b); end > b {
					return end
				}
			}
			continue
		case (c == '-' || c == '.') && b+1 < len(s) && inName[s[b+1]]:
			if end := m.token(b + 1); end > b+1 {
				return end
			}
			b++
			continue
		}
		break
	}
	if b-i >= 12 || b < len(s) && s[b] == '~' {
		if end := m.long(i); end > i {
			return end
		}
	}
	m.before, m.word = m.word, span{i, b}
	if b == len(s) {
		return b
	}
	if s[b] == ':' {
		if strings.HasPrefix(s[b:], "://") {
			return m.location(i, b+3)
		}
		if end := max(m.pgpass(i, b), m.botToken(i, b)); end > b {
			return end
		}
	}
	if p, spaced, ok := m.separator(b); ok {
		return max(m.assigned(i, b, p, spaced), b)
	}
	return max(m.said(i, b), b)
}

// dash reads what begins with a dash at i: a flag, or a line of PEM. It returns
// where to go on.
func (m *scanner) dash(i int) int {
	s := m.s
	a := i
	for a < len(s) && s[a] == '-' {
		a++
	}
	if a-i >= 4 {
		return m.pem(i, a)
	}
	if before := m.precededBy(i); a == len(s) || !inName[s[a]] || a-i > 2 || before != 0 && !blank[before] && !quoteMark[before] && strings.IndexByte("[(,", before) < 0 {
		return a
	}
	if c := m.command; a-i == 1 && c != nil {
		if end := m.letterFlag(c, a); end > 0 {
			return end
		}
	}
	if a-i == 1 && (s[a] == 'u' || s[a] == 'U') && a+1 < len(s) && s[a+1] == ' ' {
		if end := m.userAndPassword(m.skip(a+1, " ")); end > 0 {
			return end
		}
	}
	b := a
	for b < len(s) && (inName[s[b]] || s[b] == '-' || s[b] == '.') {
		b++
	}
	p := m.argument(b)
	if p == b || p >= len(s) {
		return a // there is none, or it comes behind a sign that name knows
	}
	name := s[a:b]
	end := 0
	switch k, _ := nameKind(name); {
	case k == sure, k == likely:
		if text := s[p:m.wordEnd(p, false)]; text == "" || text[0] == '-' || prose[strings.ToLower(text)] || isSecretName(text) {
			return b
		}
		end = m.value(p, value{kind: k})
	case a-i == 2 && (name == "user" || name == "proxy-user" || name == "auth" || name == "creds"):
		end = m.userAndPassword(p)
	case name == "oauth2-bearer":
		end = m.value(p, value{kind: likely})
	}
	return max(end, a)
}
