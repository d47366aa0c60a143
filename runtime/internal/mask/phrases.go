package mask

import "strings"

// phrase is how to read what follows a word.
type phrase int

const (
	aToken phrase = 1 + iota
	aBasic
	anIdentified
	aPort
	aLookup
	aCommand
	aSetUser
	someValues
	aLogin
	aPass
	aPair
	someCredentials
)

// phrases are the words that a secret may follow.
var phrases = map[string]phrase{
	"bearer": aToken, "ssws": aToken, "basic": aBasic, "identified": anIdentified, "port": aPort, "lookup": aLookup,
	"unseal": aCommand, "setuser": aSetUser, "values": someValues, "login": aLogin, "machine": aLogin, "auth": aLogin,
	"pass": aPass, "as": aPair, "digest": aPair, "credentials": someCredentials, "creds": someCredentials,
}

// phrase notes the secret behind the word from a to b, and returns where it ends;
// else 0. A switch, since a call through a table would put the scanner on the heap.
func (m *scanner) phrase(p phrase, a, b int) int {
	switch p {
	case aToken:
		return m.bearer(b)
	case aBasic:
		return m.basic(b)
	case anIdentified:
		return m.identified(m.s[a:b], b)
	case aPort:
		return m.port(b)
	case aLookup:
		return m.lookup(b)
	case aCommand:
		return m.commanded(b)
	case aSetUser:
		return m.setUser(b)
	case someValues:
		return m.inserted(a, b)
	case aLogin:
		return m.logsInAs(a, b)
	case aPass:
		return m.pass(a, b)
	case aPair:
		return m.spoken(b)
	case someCredentials:
		return m.credentials(b)
	}
	return 0
}

// logsInAs notes the password behind login, machine or auth.
func (m *scanner) logsInAs(a, b int) int {
	name := m.s[a:b]
	if !strings.EqualFold(name, "auth") {
		m.login = b
	}
	switch {
	case name == "LOGIN" || name == "AUTH" || mechanisms[m.nextWord(b)]:
		return m.commanded(b)
	case m.login == b && m.command != nil && m.command.name == "vault":
		return m.value(m.skip(b, " "), value{kind: likely})
	}
	return m.spoken(b)
}

// mechanisms are those of SASL that a password follows, maybe in base64.
var mechanisms = words("plain login xoauth2")

func (m *scanner) nextWord(i int) string {
	word, _, _ := m.wordAt(i)
	return strings.ToLower(word)
}

// pass notes the password behind FTP's command, which is not what a test says.
func (m *scanner) pass(a, b int) int {
	before := strings.TrimRight(m.s[max(0, a-2):a], " ")
	if m.s[a:b] == "PASS" && (before == "" && a < 2 || before != "" && strings.IndexByte("\n(:>", before[len(before)-1]) >= 0) {
		return m.commanded(b)
	}
	return 0
}

// credentials notes a user with a password behind the word, or a secret.
func (m *scanner) credentials(b int) int {
	if p := m.skip(b, " "); p < len(m.s) && m.s[p] == '(' {
		return m.arguments(p + 1)
	}
	if end := m.spoken(b); end > 0 {
		return end
	}
	return m.behind(b, likely)
}

// lookup notes what stands before the name of a host that is to be found: the
// password had an @.
func (m *scanner) lookup(b int) int {
	p := m.skip(b, " ")
	at := strings.LastIndexByte(m.s[p:m.wordEnd(p, false)], '@')
	if at <= 0 {
		return 0
	}
	m.add(p, p+at)
	return p + at
}

// setUser notes the password in Redis' ACL SETUSER joe on >password.
func (m *scanner) setUser(b int) int {
	if p := m.until(b, &endsTag, 128); p < len(m.s) && m.s[p] == '>' {
		return m.value(p+1, value{kind: sure})
	}
	return 0
}

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

// commanded notes what looks like a secret behind a command of a protocol, which
// may have a user or a mechanism before it: Redis' AUTH, IMAP's LOGIN, FTP's PASS.
func (m *scanner) commanded(b int) (end int) {
	p := b
	for range 4 {
		p = m.skip(p, " \"")
		to := m.wordEnd(p, false)
		if text := m.s[p:to]; looksChosen(text) || random(text, 12) || end > 0 && transitions(text) > 3 {
			m.add(p, to)
			end = to
		} else if end > 0 {
			break
		}
		p = to
	}
	return end
}

// seed notes the words at p from which a wallet's key is made, which are 12 at
// least.
func (m *scanner) seed(p int) int {
	const least = 12
	from := m.skip(p, "\"'[ ")
	to, n := from, 0
	for ; n < 2*least; n++ {
		word, _, end := m.wordAt(m.skip(to, "\"',"))
		if len(word) < 3 || len(word) > 8 || !lower.only(word) {
			break
		}
		to = end
	}
	if n < least {
		return 0
	}
	m.add(from, to)
	return to
}

// inserted notes the texts in SQL's (a, b) VALUES ('x', 'y') that go to columns
// with the name of a secret. The word VALUES is from a to b.
func (m *scanner) inserted(a, b int) (end int) {
	const most = 512
	s := m.s
	list := strings.TrimRight(s[max(0, a-most):a], " \n")
	open := strings.LastIndexByte(list, '(')
	if open < 0 || list[len(list)-1] != ')' {
		return 0
	}
	columns := strings.Split(list[open+1:len(list)-1], ",")
	for p := m.skip(b, " \n"); p < len(s) && s[p] == '('; p = m.skip(p, "), \n") {
		for _, column := range columns {
			p = m.skip(p, "(, \nN")
			to := m.until(p, &endsColumn, most)
			if p < len(s) && s[p] == '\'' {
				to = p + 1
				for to < len(s) && to < p+most && (s[to] != '\'' || strings.HasPrefix(s[to:], "''")) {
					to++
					if strings.HasPrefix(s[to-1:], "''") {
						to++
					}
				}
				if k, _ := nameKind(strings.Trim(column, " \n\"`[]")); k == sure || k == likely {
					end = max(end, m.judge(p+1, min(to, len(s)), value{kind: k, quoted: true}))
				}
				to = min(to+1, len(s))
			}
			p = to
		}
	}
	return end
}

var endsColumn = setOf(",)\n")

// spoken notes user:password or user/password behind a word like login.
func (m *scanner) spoken(b int) int {
	p := m.skip(b, " ")
	end := m.wordEnd(p, false)
	at := strings.IndexAny(m.s[p:end], ":/")
	if at <= 0 || !inName.only(m.s[p:p+at]) || !looksChosen(m.s[p+at+1:end]) || isAlgorithm(m.s[p:p+at]) {
		return 0
	}
	m.add(p, end)
	return end
}

// logsIn tells whether a function of this name takes a user and a password.
func logsIn(name string) bool {
	name = strings.ToLower(name)
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		name = name[at+1:]
	}
	return name == "auth" || name == "login" || beginsWith(name, "authenticat") || strings.HasSuffix(name, "auth") || strings.HasSuffix(name, "credentials") || strings.HasSuffix(name, "authenticator")
}

// arguments notes what looks like a password behind the first argument at p.
func (m *scanner) arguments(p int) (end int) {
	p = m.until(p, &endsColumn, 80)
	for range 3 {
		if p >= len(m.s) || m.s[p] != ',' {
			break
		}
		p = m.skip(p+1, " \"'`")
		to := m.until(p, &endsArgument, 256)
		if looksChosen(m.s[p:to]) || random(m.s[p:to], 12) {
			m.add(p, to)
			end = to
		}
		p = m.skip(to, "\"'`")
	}
	return end
}

var endsArgument = setOf(",)\n\"'`")
