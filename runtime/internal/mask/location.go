package mask

import "strings"

// webhooks are URLs whose path is the secret: where the host ends with host, all
// of the path behind its beginning. A line each.
var webhooks = []webhook{
	{"hooks.slack.com", "/services/"},
	{"hooks.slack.com", "/workflows/"},
	{"hooks.slack.com", "/triggers/"},
	{"hooks.slack-gov.com", "/services/"},
	{"discord.com", "/api/webhooks/"},
	{"discordapp.com", "/api/webhooks/"},
	{"webhook.office.com", "/webhookb2/"},
	{"webhook.office.com", "/webhook/"},
	{"outlook.office.com", "/webhook/"},
	{"outlook.office365.com", "/webhook/"},
	{"hooks.zapier.com", "/hooks/"},
	{"hook.integromat.com", "/"},
	{"hook.make.com", "/"},
	{"hook.eu1.make.com", "/"},
	{"hook.us1.make.com", "/"},
	{"api.telegram.org", "/bot"},
	{"open.feishu.cn", "/open-apis/bot/v2/hook/"},
	{"open.larksuite.com", "/open-apis/bot/v2/hook/"},
	{"maker.ifttt.com", "/trigger/"},
	{"events.pagerduty.com", "/integration/"},
	{"alert.victorops.com", "/integrations/"},
	{"webhook.site", "/"},
	{"hc-ping.com", "/"},
	{"ntfy.sh", "/tk_"},
	{"hooks.microsoft.com", "/"},
	{"api.day.app", "/"},
	{"chat.zoho.com", "/api/"},
	{"hooks.airtable.com", "/workflows/"},
	{"mailgun.net", "/webhooks/"},
	{"notify-api.line.me", "/"},
	{"sctapi.ftqq.com", "/"},
	{"uptime.betterstack.com", "/api/v1/heartbeat/"},
	{"sentry.io", "/api/hooks/"},
	{"qyapi.weixin.qq.com", "/cgi-bin/webhook/send?key="},
	{"", "/hooks/catch/"},
	{"", "/webhook/"},
	{"", "/webhooks/incoming/"},
	{"", "/hooks/"},
}

type webhook struct{ host, path string }

// hooksBy has the webhooks by what is behind the first slash of their paths, if
// anything has to be there.
var hooksBy = func() (by [256][]webhook) {
	for _, w := range webhooks {
		c := byte('/')
		if len(w.path) > 1 {
			c = w.path[1]
		}
		by[c] = append(by[c], w)
	}
	return by
}()

// location reads a URL whose scheme begins at a and whose "//" ends at p. It notes
// who logs in there, and a webhook's path, and returns where to go on.
func (m *scanner) location(a, p int) int {
	s := m.s
	if m.url.end < p {
		m.url.end = m.until(p, &blank, len(s))
		m.url.lastAt = p + strings.LastIndexByte(s[p:m.url.end], '@')
	}
	end := p // of the host, or of what looks like it
	for end < len(s) && end < p+512 && !endsHost[s[end]] {
		end++
	}
	if at := m.loginEnd(a, p, end); at > p {
		if !isPlaceholder(s[p:at]) {
			m.add(p, at)
		}
		p = at + 1
		for end = p; end < len(s) && end < p+512 && !endsHost[s[end]]; end++ {
		}
	}
	host, _, _ := strings.Cut(s[p:end], ":")
	if hook := m.hook(host, end); hook > end {
		return hook
	}
	return p
}

var endsHost = setOf("/?#\"'` \t\r\n<>)")

// loginEnd returns where the @ is behind who logs in at a URL, in whose name and
// password there may be any character; 0 if there is none. The first part of it,
// up to a slash or the like, ends at end.
func (m *scanner) loginEnd(a, p, end int) int {
	s := m.s
	first := s[p:end]
	scheme := strings.ToLower(s[m.schemeAt(a, p):p])
	web := strings.HasPrefix(scheme, "http") || strings.HasPrefix(scheme, "ws")
	info := first
	hasAt := strings.IndexByte(first, '@') >= 0
	if hasAt {
		info = first[:strings.LastIndexByte(first, '@')]
	}
	user, rest, colon := strings.Cut(info, ":")
	port, _, _ := strings.Cut(rest, ",") // of the first of several hosts
	isPort := colon && (port == "" || digit.only(port))
	switch {
	case hasAt && !colon && (userOnly[strings.TrimSuffix(scheme, "://")] || users[user] || len(user) < 12 && lower.only(user)):
		return 0
	case !hasAt && (!colon || isPort && (web || strings.Contains(user, "."))):
		return 0
	case m.url.lastAt >= p:
		// The last @ before a quote, if there is one.
		at := m.url.lastAt
		if quote := m.until(p, &quoteMark, m.url.end-p); hasAt && quote < at {
			at = p + strings.LastIndexByte(s[p:quote], '@')
		}
		for at > p && !m.hostAt(at+1) {
			at = p + strings.LastIndexByte(s[p:at], '@')
		}
		return max(at, 0)
	case isPort:
		return 0
	}
	// White space is in the password.
	limit := m.url.end + 128
	if mark := m.precededBy(m.schemeAt(a, p)); quoteMark[mark] {
		limit = min(limit, m.next(mark, p))
	} else if web {
		limit = min(limit, m.url.end+64)
	}
	rest = s[min(m.url.end, limit):min(len(s), limit)]
	if n := strings.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	if n := strings.LastIndexByte(rest, '@'); n > 0 && m.hostAt(m.url.end+n+1) && (!web || portAt(rest[n+1:])) {
		return m.url.end + n
	}
	return 0
}

// schemeAt returns where the scheme of a URL begins, which ends at p and is in a
// word that begins at a.
func (m *scanner) schemeAt(a, p int) int { return max(a, p-24) }

// hostAt tells whether the name of a host may begin at i.
func (m *scanner) hostAt(i int) bool {
	return i < len(m.s) && (inName[m.s[i]] || m.s[i] == '[' || m.s[i] == '/' || m.s[i] == '*' || m.s[i] == '%' || m.s[i] == '$' || m.s[i] == '{')
}

// userOnly are schemes where a name without a password is no secret, and users
// are such names.
var (
	userOnly = words("ssh git+ssh ssh+git sftp git svn+ssh rsync postgres postgresql mysql mariadb sqlserver jdbc:postgresql oracle mongodb mongodb+srv ldap ldaps smb afp vnc rdp docker cockroachdb snowflake file")
	users    = words("git hg svn root admin user postgres guest anonymous me nobody app service ec2-user ubuntu")
)

// hook notes the path that begins at i if it is a webhook's of host, and returns
// where it ends; else i.
func (m *scanner) hook(host string, i int) int {
	s := m.s
	if i >= len(s) || s[i] != '/' {
		return i
	}
	if i+1 == len(s) {
		return i
	}
	if end := m.hookOf(hooksBy[s[i+1]], host, i); end > i {
		return end
	}
	return m.hookOf(hooksBy['/'], host, i)
}

// hookOf is hook for some of the webhooks.
func (m *scanner) hookOf(list []webhook, host string, i int) int {
	s := m.s
	if strings.IndexByte(host, '.') < 0 {
		host = "" // none of them is there
	}
	for _, w := range list {
		if len(host) < len(w.host) || !strings.HasPrefix(s[i:], w.path) || !strings.HasSuffix(host, w.host) {
			continue
		}
		from := i + len(w.path)
		to := from
		for to < len(s) && strings.IndexByte("?#\"'`<> \t\r\n", s[to]) < 0 {
			to++
		}
		for to > from && strings.IndexByte(".,:;)!", s[to-1]) >= 0 {
			to--
		}
		if w.host == "" && !mixed(s[from:to]) || to-from < 6 || strings.HasPrefix(s[from:], Hidden) {
			continue
		}
		m.add(from, to)
		return to
	}
	return i
}

// at notes who logs in where no scheme says so: before the @ at i.
func (m *scanner) at(i int) int {
	const most = 256
	s, rest := m.s, m.s[i+1:]
	address := beginsWith(rest, "(", "tcp(", "tcp4(", "tcp6(", "udp(", "unix(", "cloudsql(") // as Go's MySQL driver has it
	oracle := m.command != nil && m.command.oracle && rest != "" && inName[rest[0]]
	if !address && !oracle && !beginsWith(rest, "/") && !portAt(rest) && !isHost(rest) {
		return i + 1 // as nearly all are
	}
	from := i
	for from > m.end() && from > i-most && strings.IndexByte(" \t\r\n\"'`<>", s[from-1]) < 0 {
		from--
	}
	if name := strings.IndexByte(s[from:i], '='); name > 0 && name < strings.IndexAny(s[from:i]+":", ":/") {
		from += name + 1
	}
	before := s[from:i]
	switch {
	case before == "" || strings.Contains(before, "://") || isPlaceholder(before):
	case address && (from == m.end() || strings.Contains(before, ":")), isLogin(before, rest), oracle && strings.IndexByte(before, '/') > 0:
		for from < i && strings.IndexByte("([{,;", s[from]) >= 0 {
			from++
		}
		m.add(from, i)
	}
	return i + 1
}

// isLogin tells whether before is a user with a password, and not the address of
// a person or the name of a package, if host is what follows the @.
func isLogin(before, host string) bool {
	user, password, colon := strings.Cut(before, ":")
	if !colon { // user/password, as Oracle has it
		user, password, colon = strings.Cut(before, "/")
		return colon && user != "" && !strings.ContainsAny(before, ".") && (beginsWith(host, "//") || !strings.Contains(password, "/") && portAt(host))
	}
	switch {
	case user == "" || password == "" || digit.only(user) || isAddress(before) || strings.HasPrefix(password, "//") || notUsers[strings.ToLower(strings.TrimLeft(user, "([{,;"))] && !(looksChosen(password) && inPath(host)):
		return false
	case beginsWith(host, "sha256:", "sha512:"), host[0] == 'v' && len(host) > 1 && digit[host[1]]:
		return false
	}
	return host[0] == '/' || portAt(host) || !digit[host[0]] && isHost(host) && (varied(password) || strings.ContainsAny(password, "!#$%^&*+~@"))
}

// notUsers are what is before a colon in an address of a person, or in the name
// of a package.
var notUsers = words("mailto to from cc bcc email e-mail mail user username login acct account sip sips xmpp npm pip gem principal contact author reply-to by owner github gitlab http https docker image jsr workspace file link go mod ns urn name id msg error")

// inPath tells whether a path follows the host that s begins with.
func inPath(s string) bool {
	end := strings.IndexAny(s, "/ \t\n\"'")
	return end > 0 && s[end] == '/'
}

// portAt tells whether s begins with host:port.
func portAt(s string) bool {
	n := 0
	for n < len(s) && n < 255 && (inName[s[n]] || s[n] == '.' || s[n] == '-') {
		n++
	}
	return n > 0 && n+1 < len(s) && s[n] == ':' && digit[s[n+1]]
}

// isHost tells whether s begins with the name of a host that has a dot, or is
// localhost.
func isHost(s string) bool {
	n := 0
	for n < len(s) && n < 255 && (inName[s[n]] || s[n] == '.' || s[n] == '-') {
		n++
	}
	host := strings.Trim(s[:n], ".")
	return host == "localhost" || strings.IndexByte(host, '.') > 0 || n < len(s) && s[n] == '/'
}

// pgpass notes the password in a line host:port:database:user:password, whose
// host is from a to b, and returns where it ends; else 0.
func (m *scanner) pgpass(a, b int) int {
	const most = 64
	field := func(i int) (from, to int) {
		from = i + 1
		for to = from; to < len(m.s) && to < from+most && m.s[to] != ':' && m.s[to] > ' ' && !quoteMark[m.s[to]]; to++ {
		}
		if to >= len(m.s) || m.s[to] != ':' {
			return from, from
		}
		return from, to
	}
	isName := func(s string) bool {
		return s == "*" || s != "" && inName[s[0]] && !digit.only(s) && !strings.ContainsAny(s, "/=,;")
	}
	port, portEnd := field(b)
	if p := m.s[port:portEnd]; p != "*" && (!digit.only(p) || len(p) < 4 || len(p) > 5) {
		return 0
	}
	db, dbEnd := field(portEnd)
	user, userEnd := field(dbEnd)
	if !isName(m.s[db:dbEnd]) || !isName(m.s[user:userEnd]) || !alphanumeric.only(strings.NewReplacer("_", "", "-", "").Replace(m.s[user:userEnd])) && m.s[user:userEnd] != "*" {
		return 0
	}
	from := userEnd + 1
	to := m.until(from, &blank, len(m.s))
	if from == to || isPlaceholder(m.s[from:to]) {
		return 0
	}
	m.add(from, to)
	return to
}

// botToken notes the token of a Telegram bot, whose id is from a to b.
func (m *scanner) botToken(a, b int) int {
	s := m.s
	for a < b && !digit[s[a]] {
		a++ // botID
	}
	if n := b - a; n < 8 || n > 10 || !digit.only(s[a:b]) {
		return 0
	}
	if to := b + 1 + runOf(s[b+1:], urlish); strings.HasPrefix(s[b+1:], "AA") && to-b > 30 {
		m.add(a, to)
		return to
	}
	return 0
}
