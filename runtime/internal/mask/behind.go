package mask

import "strings"

// fillers are what may stand between a name and its value.
var fillers = words("is was has got had of for to the value provided given supplied entered used set equals being user account username service admin root role db database with as specified received configured sent you they we")

// behind notes the secret behind a name that ends at b, with white space and
// maybe some words between them.
func (m *scanner) behind(b int, k kind) int {
	s := m.s
	p := m.skip(b, " \t\n\r")
	if word, _, to := m.wordAt(p); strings.EqualFold(word, "for") {
		if q := m.skip(to, " "); q < len(s) && (quoteMark[s[q]] || s[q] == '@') { // SQL's SET PASSWORD FOR 'user'@'host' = 'password'
			if eq := strings.IndexAny(s[q:min(len(s), q+100)], "=\n"); eq > 0 && s[q+eq] == '=' {
				return m.value(m.skip(q+eq+1, " "), value{kind: k, spaced: true})
			}
			return 0
		}
	}
	said, whose := 0, false
	name := s[m.word.from:m.word.to]
	for ; said < 6; said++ {
		p = m.skip(p, "(")
		word, from, to := m.wordAt(p)
		if said > 0 && to < len(s) && s[to] == '@' { // password for joe@host is
			if end := m.wordEnd(p, false); beginsWith(s[end:], " is ", " was ") {
				p = end + 1
				continue
			}
		}
		if word == "" {
			break
		}
		if to < len(s) && (s[to] == ':' || s[to] == '=') && (said > 0 || fillers[strings.ToLower(word)]) && (to+1 == len(s) || s[to+1] == ' ') {
			p = m.skip(to+1, " ")
			return m.value(m.toJudge(p), value{kind: k, spaced: true})
		}
		if to >= len(s) || s[to] != ' ' || !fillers[strings.ToLower(word)] {
			p = from
			break
		}
		whose = users[strings.ToLower(word)] || word == "username" || word == "account"
		p = m.skip(to, " ")
	}
	if p >= len(s) {
		return 0
	}
	if q := m.skip(p+1, " "); digit[s[p]] && q == p+2 { // how a router has encrypted it
		if end := m.wordEnd(q, false); end-q >= 8 && digit.in(s[q:end]) > 1 && capital.in(s[q:end])+strings.Count(s[q:end], "$") > 1 {
			m.add(q, end)
			return end
		}
	}
	quoted := m.unwrap(p)
	if q := m.skip(quoted, `\`); q < len(s) && quoteMark[s[q]] {
		inQuotes := s[q+1 : m.until(q+1, &quoteMark, 64)]
		switch {
		case whose:
			return 0
		case k != sure && said > 0 && compound(name):
		case name == "secret" && capital.in(inQuotes) > 0 && looksChosen(inQuotes): // no name of one
		case k != sure:
			k = guess
		case said > 0 || s[q] == '`':
			k = likely
		}
		return m.value(quoted, value{kind: k, spaced: true})
	}
	end := m.wordEnd(p, false)
	text := s[p:end]
	word := strings.ToLower(text)
	if m.precededBy(p) == '(' {
		text = strings.TrimRight(text, ")")
		end = p + len(text)
	}
	switch {
	case text == "" || strings.IndexByte("=:-,;|>*", text[0]) >= 0 || isPlaceholder(text) || prose[word] || states[word]:
		return 0
	case k == sure && (b-m.login < 160 && said == 0 || servers[strings.ToLower(s[m.word.from:m.word.to])]):
	case looksChosen(text) && (said > 0 && compound(name) || name == "secret" && capital.in(text) > 0 && lower.in(text) > 0):
	case isUUID(text) && compound(name):
	case said > 0 && digit.only(text) && len(text) >= 6, k == sure && looksChosen(text):
	case random(text, 12) && !hexadecimal(text) || random(text, 32):
	default:
		if next := m.skip(end, " "); k == sure && compound(name) && next > end { // what it is the password of comes first
			if to := m.wordEnd(next, false); looksChosen(s[next:to]) {
				m.add(next, to)
				return to
			}
		}
		return 0
	}
	m.add(p, end)
	return end
}

// toJudge returns the place of a value, or where there is none.
func (m *scanner) toJudge(p int) int {
	if end := m.wordEnd(p, false); p < len(m.s) && !quoteMark[m.s[p]] && !looksChosen(m.s[p:end]) && !strings.Contains(m.s[p:end], Hidden) {
		return len(m.s)
	}
	return p
}

// servers are settings that are always followed by a password.
var servers = words("requirepass masterauth bindpw rootpw rocommunity rwcommunity rocommunity6")
