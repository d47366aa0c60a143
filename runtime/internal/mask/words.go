package mask

import "strings"

// said notes the secret behind the word from a to b, if that is one of the words
// that come before a secret without a sign between them. It returns where the
// secret ends; else 0.
func (m *scanner) said(a, b int) int {
	s := m.s
	name := s[a:b]
	if s[b] == '/' {
		if end := m.hook(name, b); end > b {
			return end
		}
		return 0
	}
	if end := m.inMarks(a, b); end > 0 || len(name) > 40 || !sayings.has(name) && !compound(name) {
		return end
	}
	m.jaas = m.jaas || strings.HasSuffix(name, "LoginModule")
	word := strings.ToLower(name)
	if c, ok := commands[word]; ok {
		m.command = c
	}
	if !blank[s[b]] {
		return 0
	}
	if p, ok := phrases[word]; ok {
		return m.phrase(p, a, b)
	}
	return m.named(a, b)
}

// inMarks notes what stands in brackets, tags or quotes behind the name from a
// to b.
func (m *scanner) inMarks(a, b int) int {
	s := m.s
	before := m.precededBy(a)
	c := s[b]
	if c != '(' && c != '>' && before != '<' && before != ':' && !quoteMark[c] {
		return 0
	}
	name := s[a:b]
	if c == '(' && m.word.to == b && logsIn(name) {
		if end := m.arguments(b + 1); end > 0 {
			return end
		}
	}
	switch k, _ := nameKind(name); {
	case (k == sure || k == likely) && !quoteMark[c]:
		return m.enclosed(a, b, k)
	case c == '>' && before == '<' && (name == "key" || name == "name" || name == "string"):
		to := m.until(b+1, &endsTag, 80)
		if k, _ := nameKind(s[b+1 : to]); k == sure || k == likely || k == hinted {
			return m.elementText(to, k)
		}
	case (k == sure || k == likely || k == hinted) && a > 1 && s[a-2] == '(' && strings.HasPrefix(s[b+1:], ","): // setenv("DB_PASSWORD", "x")
		return m.value(m.skip(b+2, " "), value{kind: k, spaced: true})
	}
	return 0
}

// named notes what follows the name of a secret from a to b, with no sign between
// them.
func (m *scanner) named(a, b int) int {
	s := m.s
	name := s[a:b]
	word := strings.ToLower(name)
	k, bare := nameKind(name)
	before := m.wordBefore(a)
	if strings.HasSuffix(before, "-server") && (word == "community" || word == "key") { // of a router
		return m.value(m.skip(b, " "), value{kind: sure})
	}
	if next, _, to := m.wordAt(b); word == "community" && next == "string" {
		return m.behind(to, sure)
	}
	if before != "" && (word == "key" && openingKeys[before] || word == "code" && codes[before]) {
		k = likely
	}
	if p := m.skip(b, " "); word == "key" && k == guess {
		if end := p + runOf(s[p:], "+/-_="); end-p >= 24 && s[end-1] == '=' && random(s[p:end], 24) { // of bytes in base64
			m.add(p, end)
			return end
		}
	} else if k == sure && bare && (name == "PIN" || word == "otp" || word == "passcode") || word == "code" && codes[before] {
		if end := m.wordEnd(p, false); end-p >= 4 && (word != "code" || end-p >= 6) && digit.only(s[p:end]) {
			m.add(p, end)
			return end
		}
	}
	if (k == sure || k == likely) && word != "pat" && !(bare && word == "pin") {
		return m.behind(b, k)
	}
	return 0
}

// sieve knows words by their lengths and by their first and last letters, in small
// ones or capitals, to pass quickly over all others.
type sieve [32][32]uint64

func (l *sieve) at(word string) *uint64 { return &l[word[0]&31][word[len(word)-1]&31] }

func (l *sieve) has(word string) bool { return *l.at(word)&(1<<min(len(word), 63)) != 0 }

// sayings are the words that said knows.
var sayings = func() (l sieve) {
	add := func(word string) { *l.at(word) |= 1 << min(len(word), 63) }
	for word := range strings.FieldsSeq(kindWords[sure] + " " + kindWords[likely] + " key code") {
		add(word)
	}
	for word := range phrases {
		add(word)
	}
	for word := range commands {
		add(word)
	}
	return l
}()

// enclosed notes what is in brackets or in an XML element behind a name.
func (m *scanner) enclosed(a, b int, k kind) int {
	s := m.s
	if s[b] == '(' {
		p := m.skip(b+1, " ")
		if p = m.unwrap(min(p, len(s)-1)); p < len(s) && (quoteMark[s[p]] || s[p] == '\\') {
			return m.value(p, value{kind: k})
		}
		return 0
	}
	open := a
	for open > 0 && open > a-24 && (inName[s[open-1]] || s[open-1] == ':') {
		open--
	}
	if m.precededBy(open) != '<' {
		return 0
	}
	from := b
	if s[b] != '>' {
		from += strings.IndexByte(s[b:min(len(s), b+200)], '>')
		if from < b {
			return 0
		}
		if attribute := strings.Index(s[b:from], "value="); attribute >= 0 {
			return 0 // the name of which comes yet
		}
	}
	from++
	if data, ok := strings.CutPrefix(s[from:min(len(s), from+1<<10)], "<![CDATA["); ok {
		from += len("<![CDATA[")
		if end := strings.Index(data, "]]>"); end >= 0 {
			return m.judge(from, from+end, value{kind: k, quoted: true})
		}
	}
	to := from
	for to < len(s) && s[to] != '<' && s[to] != '\n' {
		to++
	}
	if to < len(s) && !strings.HasPrefix(s[to:], "</") && !strings.HasPrefix(s[from-1:], "[") || to == len(s) && strings.IndexByte(s[from:to], ' ') >= 0 {
		return 0
	}
	return m.judge(from, to, value{kind: k})
}
