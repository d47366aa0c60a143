package mask

import "strings"

// assigned notes the value that begins at p of the name from a to b, if it is a
// secret, and returns where that ends; else 0.
func (m *scanner) assigned(a, b, p int, spaced bool) int {
	name := m.s[a:b]
	v := value{spaced: spaced}
	if digit.only(name) && m.before.to == a-1 && strings.EqualFold(m.s[m.before.from:m.before.to], "key") {
		return m.value(p, value{kind: guess, spaced: spaced}) // one of several
	}
	v.kind, v.bare = nameKind(name)
	before := m.precededBy(a)
	v.query = before == '?' || before == '&' || before == '#' && !spaced
	if before == '<' || before == '.' {
		v.bare = false
	}
	if end := m.other(name, a, p); end > 0 {
		return end
	}
	m.jaas = m.jaas || v.kind == nothing && strings.HasSuffix(name, "jaas.config")
	if m.jaas && strings.HasPrefix(name, "user_") {
		return m.value(p, value{kind: sure})
	}
	switch {
	case v.kind == header:
		return m.authorization(a, p)
	case v.kind == cookie:
		return m.cookies(a, p)
	case v.kind == nothing:
		return 0
	case commands[name] != nil:
		return 0 // that cannot be run
	case v.kind == likely && before == ':' && m.s[b] == ':':
		return 0 // it is a part of an ARN
	}
	if signatures[name] && !spaced {
		v.bare = false // it may be of hexadecimal digits
	}
	if v.bare {
		m.qualify(&v, a)
		v.timid = spaced && (strings.EqualFold(name, "pass") || articles[m.wordBefore(a)])
	}
	if p < len(m.s) && m.s[p] == '/' && strings.HasSuffix(strings.ToLower(name), "pwd") || name == "PASS" && spaced {
		return 0 // a folder, and what a test says
	}
	end := m.value(p, v)
	if next := m.skip(end, "\"'"); end > 0 && v.kind != guess && strings.HasPrefix(m.s[next:], " -> ") {
		end = max(end, m.value(next+len(" -> "), v)) // a plan changes it
	}
	return end
}

// qualify looks at the word before a name of one word: an API key, but not an
// unexpected token.
func (m *scanner) qualify(v *value, a int) {
	word := m.wordBefore(a)
	if word == "" {
		return
	}
	if at := strings.LastIndexAny(word, "-_."); at >= 0 {
		word = word[at+1:]
	}
	isKey := strings.EqualFold(m.s[m.word.from:m.word.to], "key")
	switch {
	case grammar[word] && v.kind != sure:
		v.kind = guess
	case strings.EqualFold(m.s[m.word.from:m.word.to], "code") && codes[word]:
		v.kind, v.bare = sure, false
	case isKey && openKeys[word]:
		v.kind = nothing
	case isKey && openingKeys[word], v.kind == likely && (openingKeys[word] || word == "bearer"):
		v.kind, v.bare = likely, false
	}
}

// articles are words between which and a secret there is a sentence.
var articles = words("the a an no your their this that")

// signatures are names that are followed by what signs a request.
var signatures = words("sig Sig signature Signature hmac")

// codes are words before a "code" that lets somebody in.
var codes = words("pin verification 2fa mfa otp security one-time onetime time authentication login confirmation backup recovery pairing access activation")

// grammar are words before "token" and the like in what parsers say.
var grammar = words("unexpected expected illegal unrecognized unknown stray next previous reserved syntax input end invalid bad missing current offending keyword identifier lookahead first last the a")

// other notes what stands behind a name that says nothing: the value in a pair
// that tells the name of a secret and then the secret.
func (m *scanner) other(name string, a, p int) int {
	if lower[name[len(name)-1]] && (beginsWith(strings.ToLower(name), "mnemonic", "seed") || strings.HasSuffix(strings.ToLower(name), "phrase") || name == "words") {
		if end := m.seed(p); end > 0 {
			return end
		}
	}
	switch name {
	case "name", "Name", "ParameterKey", "OptionName", "key", "Key", "header", "Header", "field", "env", "id":
		return m.namedElsewhere(p)
	case "d", "p", "q", "dp", "dq", "qi", "k":
		if quoteMark[m.precededBy(a)] && m.isJWK() {
			return m.value(p, value{kind: likely})
		}
	case "v1", "v0": // as webhooks are signed
		return m.value(p, value{kind: guess})
	case "Private-Lines":
		return m.lines(p)
	case "user", "proxy-user":
		if from := p; m.precededBy(a) == '-' {
			return m.userAndPassword(from)
		}
	}
	for _, end := range []string{"user.info", "user_info", "userinfo", "basic_auth", "basic-auth", "basicauth", "userpass", "_auth", "-auth"} {
		if at := len(name) - len(end); at >= 0 && strings.EqualFold(name[at:], end) {
			return m.userAndPassword(m.skip(p, "\"'"))
		}
	}
	return 0
}

// isJWK tells whether the text has a JSON web key.
func (m *scanner) isJWK() bool {
	if m.jwk == 0 {
		m.jwk = -1
		if strings.Contains(m.s, `"kty"`) || strings.Contains(m.s, `\"kty\"`) {
			m.jwk = 1
		}
	}
	return m.jwk > 0
}

// namedElsewhere notes the value that follows the name at p.
func (m *scanner) namedElsewhere(p int) int {
	from := m.skip(p, `\"'`)
	to := from
	for to < len(m.s) && to < from+80 && (inName[m.s[to]] || m.s[to] == '-' || m.s[to] == '.') {
		to++
	}
	k, _ := nameKind(m.s[from:to])
	if k == nothing || from == to {
		return 0
	}
	next := m.skip(to, "\\\"', \t\r\n")
	if end := m.until(to, &endsTag, 128); end < len(m.s) && m.s[end] == '>' && !strings.Contains(m.s[to:end], "alue=") {
		return m.elementText(end+1, k)
	}
	if between := m.s[to:next]; strings.Contains(between, "\n\n") || strings.Contains(between, "\n\r\n") { // a part of a form
		return m.judge(next, m.until(next, &endsLine, 1<<10), value{kind: k, quoted: true})
	}
	if strings.HasPrefix(m.s[next:], `n `) && next > 0 && m.s[next-1] == '\\' {
		next = m.skip(next+1, " ")
	}
	for _, prefix := range []string{"Parameter", "Option"} {
		if strings.HasPrefix(m.s[next:], prefix) {
			next += len(prefix)
		}
	}
	if next == to || !beginsWith(m.s[next:], "value", "Value") {
		return 0
	}
	p, _, ok := m.separator(next + len("value"))
	if !ok {
		return 0
	}
	if k == header || k == cookie || k == guess {
		k = likely
	}
	m.word = span{next, next + len("value")}
	return m.value(p, value{kind: k})
}
