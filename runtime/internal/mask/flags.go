package mask

import "strings"

// argument returns where the argument behind a flag begins that ends at b, as a
// command line has it or a list in JSON; b if there is none.
func (m *scanner) argument(b int) int {
	s := m.s
	p := b
	for p < len(s) && p < b+2 && (s[p] == '\\' || quoteMark[s[p]]) {
		p++
	}
	if p > b && p < len(s) && s[p] == ',' {
		return m.skip(p+1, " \n\t")
	}
	if p == b || quoteMark[s[p-1]] {
		if q := m.skip(p, " \t"); q > p {
			return q
		}
	}
	return b
}

// letterFlag notes what follows a flag of one letter at a that the command c
// has; 0 if that is nothing.
func (m *scanner) letterFlag(c *command, a int) int {
	s := m.s
	if c.needs != "" && !strings.Contains(s[max(0, a-200):a], c.needs) {
		return 0
	}
	for c.pair != "" && a+1 < len(s) && lower[s[a]] && (lower[s[a+1]] || capital[s[a+1]]) && strings.IndexByte(c.pair, s[a]) < 0 {
		a++ // of several letters the last one has an argument
	}
	letter, p := s[a], m.argument(a+1)
	has := func(letters string) bool { return strings.IndexByte(letters, letter) >= 0 }
	switch {
	case has(c.pair):
		if p == a+1 && p < len(s) && s[p] != '=' && !inName[s[p]] && !quoteMark[s[p]] {
			return 0
		}
		return m.userAndPassword(p)
	case p > a+1 && has(c.apart), p == a+1 && has(c.joined):
		if p >= len(s) || s[p] == '-' {
			return 0
		}
		return m.value(p, value{kind: sure})
	}
	return 0
}

// userAndPassword notes user:password or user%password at p.
func (m *scanner) userAndPassword(p int) int {
	s := m.s
	from, end := p, 0
	if q := m.skip(p, `\`); q < len(s) && quoteMark[s[q]] {
		from = q + 1
		if end = strings.IndexAny(s[from:], s[q:q+1]+"\n"); end < 0 {
			end = len(s) - from
		}
		end += from
	} else {
		end = m.wordEnd(p, false)
	}
	text := s[from:end]
	user, password, ok := strings.Cut(text, ":")
	if !ok {
		user, password, ok = strings.Cut(text, "%")
	}
	if !ok || user == "" && password == "" || password == "" || digit.only(password) && digit.only(user) || strings.HasPrefix(password, "//") || isPlaceholder(password) {
		return 0
	}
	m.add(from, end)
	return end
}
