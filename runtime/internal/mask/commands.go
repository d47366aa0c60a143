package mask

// command is a program, and its flags of one letter that a secret follows.
type command struct {
	name   string
	joined string // of those, that it follows at once
	apart  string // that it follows as the next argument
	pair   string // that user:password follows, or user%password
	oracle bool   // user/password@service follows
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
	command{name: "openssl", apart: "k"}, command{name: "snmpwalk", apart: "AXc"}, command{name: "snmpget", apart: "AXc"}, command{name: "snmpset", apart: "AXc"}, command{name: "snmptrap", apart: "AXc"}, command{name: "snmpbulkwalk", apart: "AXc"}, command{name: "snmpgetnext", apart: "AXc"}, command{name: "psexec", apart: "p"}, command{name: "influx", apart: "pt"}, command{name: "xfreerdp", apart: "p"}, command{name: "lftp", pair: "u"}, command{name: "vault", needs: "login"},
	command{name: "sqlplus", oracle: true}, command{name: "sqlldr", oracle: true}, command{name: "expdp", oracle: true}, command{name: "impdp", oracle: true}, command{name: "rman", oracle: true},
)

func commandsBy(list ...command) map[string]*command {
	by := map[string]*command{}
	for _, c := range list {
		by[c.name] = &c
	}
	return by
}
