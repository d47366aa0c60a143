//go:build unix

package mask

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// Texts that make a masking slow whose time does not grow with their length.
var slow = map[string]string{
	"words":            "no secret here ",
	"secrets":          "password=hunter2 ",
	"names":            "password",
	"assignments":      "a=",
	"token=":           "token=",
	"quotes":           `token="a `,
	"other quotes":     `d="a d='b d=` + "`c ",
	"escaped quotes":   `key=\"\\\"`,
	"backslashes":      `\`,
	"key of quotes":    `"key":"`,
	"urls":             "a://",
	"urls with users":  "a://b:c",
	"at":               "a:b@",
	"ats":              "@",
	"lists":            "token: [",
	"objects":          "password: {",
	"PEM":              "-----BEGIN PRIVATE KEY----- x ",
	"ends of PEM":      "-----END PRIVATE KEY-----AAAAAAAAAAAAAAAAAAAAAAA1 ",
	"dashes":           "-",
	"runs":             "aaaa1A/",
	"dots":             "a.",
	"underscores":      "a_",
	"escapes":          "%3D%22",
	"entities":         "&quot;&amp;",
	"blocks":           "password: |\n  x\n",
	"nested blocks":    "key: |\n",
	"headers":          "Authorization: ",
	"more headers":     "Authorization: a b\\n",
	"cookies":          "Cookie: a=b; ",
	"pgpass":           "a:5432:b:c:",
	"numbers":          "1:2",
	"flags":            "--password ",
	"commands":         "curl -u ",
	"identified":       "identified by ",
	"tokens":           "ghp_",
	"jwts":             "eyJhbGciO.",
	"XML":              "<password>",
	"values elsewhere": `"name":"password",`,
	"brackets":         "password=((((",
	"white space":      "password:          ",
	"no width":         "pass\u200bword=\u200b",
	"Private-Lines":    "Private-Lines: 1\nAAAA\n",
	"jwk":              `"d":"`,
	"SQL":              "password for '",
	"SQL's values":     "(a, password) VALUES ('",
	"columns":          "(a,",
	"YAML's lists":     "passwords:\n- ",
	"dashes of lists":  "- ",
	"elements":         "<name>password</name><value>",
	"arguments":        "auth(a, ",
	"lookups":          "lookup a@",
	"list of users":    "setuser ",
	"forms":            "name=\"password\"\n\n",
	"words of a seed":  "mnemonic: abandon ",
	"ODBC":             ";pwd={",
}

// A text of 64 times the length takes about 64 times as long, and not 4096 times.
// What counts is the time that the processor has spent, since others use it too.
func TestTimeGrowsWithLength(t *testing.T) {
	const size, times = 1 << 12, 64
	for name, part := range slow {
		short, long := strings.Repeat(part, size/len(part)), strings.Repeat(part, times*size/len(part))
		spent := func(n int, s string) time.Duration {
			begin := processorTime(t)
			for range n {
				Secrets(s)
			}
			return processorTime(t) - begin
		}
		if a, b := spent(times, short), spent(1, long); b > 8*a+20*time.Millisecond {
			t.Errorf("%s: %v for %d texts of %d bytes, %v for one of %d", name, a, times, len(short), b, len(long))
		}
	}
}

func processorTime(t *testing.T) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano())
}
