package mask

import "strings"

// bearer notes a token behind the word.
func (m *scanner) bearer(b int) int {
	p := m.skip(b, " \t\"'\\")
	end := p + runOf(m.s[p:], all)
	text := strings.TrimRight(m.s[p:end], ".")
	if end < len(m.s) && m.s[end] == '=' || len(text) < 6 || prose[strings.ToLower(text)] || isAlgorithm(strings.ToLower(text)) {
		return 0
	}
	if digit.in(text) == 0 && !(len(text) >= 16 && transitions(text) > 3) {
		return 0
	}
	m.add(p, p+len(text))
	return p + len(text)
}

// basic notes a user with a password in base64 behind the word.
func (m *scanner) basic(b int) int {
	p := m.skip(b, " \t\"'\\:=")
	end := p + runOf(m.s[p:], "+/=-_")
	if text := m.s[p:end]; len(text) < 4 || !isUserAndPassword(text) {
		return 0
	}
	m.add(p, end)
	return end
}

// identified notes the password in SQL's IDENTIFIED [WITH plugin] BY 'password'.
func (m *scanner) identified(name string, b int) int {
	p := b
	for range 5 {
		word, _, to := m.wordAt(p)
		if p = to; !strings.EqualFold(word, "by") && !strings.EqualFold(word, "as") {
			continue
		}
		if next, _, end := m.wordAt(p); strings.EqualFold(next, "password") {
			p = end
		}
		p = m.skip(p, " \t")
		if shouted := lower.in(name) == 0; p < len(m.s) && (shouted || quoteMark[m.s[p]] || looksChosen(m.s[p:m.wordEnd(p, false)])) {
			return m.value(p, value{kind: sure, spaced: true})
		}
		return 0
	}
	return 0
}

// port notes the part of a password that net/url takes for a port.
func (m *scanner) port(b int) int {
	if p := m.skip(b, " "); strings.HasPrefix(m.s[p:], `":`) && strings.EqualFold(m.s[m.before.from:m.before.to], "invalid") {
		from := p + 2
		if end := strings.Index(m.s[from:], `"`); end > 0 && !digit.only(m.s[from:from+end]) {
			m.add(from, from+end)
			return from + end
		}
	}
	return 0
}

// commanded notes the password behind a command of a protocol, maybe with the
// user before it: Redis' AUTH, IMAP's LOGIN, FTP's PASS.
func (m *scanner) commanded(b int) int {
	p := b
	for range 2 {
		p = m.skip(p, " \"")
		end := m.wordEnd(p, false)
		if looksChosen(m.s[p:end]) || random(m.s[p:end], 12) {
			m.add(p, end)
			return end
		}
		p = end
	}
	return 0
}
