package mask

import "strings"

// authorization notes the credentials in an Authorization header whose name
// begins at a and whose value begins at p. It returns where they end; else 0.
func (m *scanner) authorization(a, p int) int {
	from, to := m.headerValue(a, p)
	if from >= to {
		return 0
	}
	s := m.s
	scheme := from
	for scheme < to && (inName[s[scheme]] || s[scheme] == '-') {
		scheme++
	}
	word := strings.ToLower(s[from:scheme])
	rest := m.skip(scheme, " ")
	if scheme == from || scheme >= to || s[scheme] != ' ' || rest >= to {
		if end := min(m.wordEnd(from, false), to); !prose[word] && !isPlaceholder(s[from:end]) && (varied(s[from:end]) || end == to && to-from >= 8) {
			m.add(from, end)
			return end
		}
		return 0
	}
	end := min(m.wordEnd(rest, false), to)
	next := strings.ToLower(s[rest:end])
	if next == "" || repeated(next) {
		return rest
	}
	switch {
	case oneWord[word]:
		if prose[next] || states[next] || isPlaceholder(s[rest:end]) {
			return 0
		}
		if end < to && s[end] == '=' || strings.IndexByte(next, '"') >= 0 {
			end = to
		}
		from, end = rest, max(end, rest)
	case prose[word] && word != "digest" || prose[next] && !varied(next) || proseWords(s[rest:to], 6) >= 2 && strings.IndexByte(s[rest:to], '=') < 0:
		return 0
	default:
		from, end = rest, to
	}
	m.add(from, end)
	return end
}

// oneWord are the schemes whose credentials are one word.
var oneWord = words("bearer basic token negotiate ntlm apikey api-key key sswss ssws jwt kerberos dpop splunk bot genie")

// headerValue returns where the value of a header is: in quotes or brackets of
// its own or its name's, or on the rest of the line.
func (m *scanner) headerValue(a, p int) (from, to int) {
	s := m.s
	mark := byte('\n')
	switch before := m.precededBy(a); {
	case p < len(s) && s[p] == '[':
		p, mark = p+1, ']'
		if p < len(s) && quoteMark[s[p]] {
			p, mark = p+1, s[p]
		}
	case p < len(s) && s[p] == '\\' && p+1 < len(s) && quoteMark[s[p+1]]:
		p, mark = p+2, '\\'
	case p < len(s) && quoteMark[s[p]]:
		p, mark = p+1, s[p]
	case quoteMark[before] && m.word.to < p && !quoteMark[s[m.word.to]] && s[m.word.to] != '\\':
		mark = before
	}
	to = min(m.next(mark, p), m.next('\n', p), m.next('\r', p))
	for slash := m.next('\\', p); slash < to; slash = m.next('\\', slash+1) {
		if slash+1 < len(s) && (s[slash+1] == 'n' || s[slash+1] == 'r') {
			to = slash
		}
	}
	if mark == '\n' {
		for to > p && blank[s[to-1]] {
			to--
		}
	}
	return p, to
}

// cookies notes what a Cookie or Set-Cookie header has, as authorization does.
func (m *scanner) cookies(a, p int) int {
	from, to := m.headerValue(a, p)
	if from >= to {
		return 0
	}
	end := from
	for {
		pair := end
		for end < to && m.s[end] != ';' && m.s[end] != ' ' {
			end++
		}
		if eq := strings.IndexByte(m.s[pair:end], '='); eq <= 0 || attributes[strings.ToLower(m.s[pair:pair+eq])] {
			end = pair
			break
		}
		if next := m.skip(end, "; "); end < to && m.s[end] == ';' && next < to {
			end = next
			continue
		}
		break
	}
	for end > from && strings.IndexByte("; .,:", m.s[end-1]) >= 0 {
		end--
	}
	if end <= from || repeated(m.s[from:end]) {
		return 0
	}
	m.add(from, end)
	return end
}

var attributes = words("path expires max-age domain samesite priority version")
