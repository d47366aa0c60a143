package mask

import "strings"

// command is a program, and its flags of one letter that a secret follows.
type command struct {
	name   string
	joined string // of those, that it follows at once
	apart  string // that it follows as the next argument
	pair   string // that user:password follows, or user%password
	needs  string // a word that has to follow the name, as "login"
}

// commands are such programs. A line each.
var commands = commandsBy(
	command{name: "mysql", joined: "p"}, command{name: "mysqldump", joined: "p"}, command{name: "mysqladmin", joined: "p"}, command{name: "mariadb", joined: "p"}, command{name: "mysqlimport", joined: "p"}, command{name: "mysqlsh", joined: "p"},
	command{name: "curl", pair: "uU"}, command{name: "http", pair: "a"}, command{name: "https", pair: "a"}, command{name: "httpie", pair: "a"}, command{name: "ab", pair: "AP"},
	command{name: "docker", apart: "p", needs: "login"}, command{name: "podman", apart: "p", needs: "login"}, command{name: "helm", apart: "p", needs: "login"}, command{name: "oras", apart: "p", needs: "login"},
	command{name: "crane", apart: "p", needs: "login"}, command{name: "nerdctl", apart: "p", needs: "login"}, command{name: "buildah", apart: "p", needs: "login"}, command{name: "skopeo", apart: "p", needs: "login"},
	command{name: "az", apart: "p", needs: "login"}, command{name: "oc", apart: "p", needs: "login"}, command{name: "cf", apart: "p", needs: "login"},
	command{name: "sshpass", joined: "p", apart: "p"}, command{name: "redis-cli", joined: "a", apart: "a"}, command{name: "valkey-cli", joined: "a", apart: "a"},
	command{name: "ldapsearch", joined: "w", apart: "w"}, command{name: "ldapmodify", joined: "w", apart: "w"}, command{name: "ldapadd", apart: "w"}, command{name: "ldapwhoami", apart: "w"},
	command{name: "sqlcmd", joined: "P", apart: "P"}, command{name: "bcp", joined: "P", apart: "P"}, command{name: "osql", joined: "P", apart: "P"}, command{name: "isql", joined: "P", apart: "P"},
	command{name: "smbclient", pair: "U"}, command{name: "rpcclient", pair: "U"}, command{name: "mongo", apart: "p", joined: "p"}, command{name: "mongosh", apart: "p", joined: "p"}, command{name: "mongodump", apart: "p", joined: "p"}, command{name: "mongorestore", apart: "p", joined: "p"},
	command{name: "ipmitool", apart: "P"}, command{name: "mosquitto_pub", apart: "P"}, command{name: "mosquitto_sub", apart: "P"}, command{name: "cqlsh", apart: "p"}, command{name: "zip", apart: "P"}, command{name: "unzip", apart: "P"}, command{name: "7z", joined: "p"},
	command{name: "openssl", apart: "k"}, command{name: "snmpwalk", apart: "AX"}, command{name: "snmpget", apart: "AX"}, command{name: "psexec", apart: "p"}, command{name: "influx", apart: "pt"}, command{name: "xfreerdp", apart: "p"}, command{name: "lftp", pair: "u"}, command{name: "vault", needs: "login"},
)

func commandsBy(list ...command) map[string]*command {
	by := map[string]*command{}
	for _, c := range list {
		by[c.name] = &c
	}
	return by
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
		if text := s[p:m.wordEnd(p, false)]; text == "" || text[0] == '-' || prose[strings.ToLower(text)] {
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
