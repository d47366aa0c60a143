package mask

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzSecrets checks what holds for every text: what is masked stays as it is
// when it is masked again, nothing grows, and characters stay whole.
func FuzzSecrets(f *testing.F) {
	for _, file := range [][]byte{secretTexts, innocentTexts} {
		for _, text := range lines(f, file) {
			f.Add(plainText(text))
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Secrets(s)
		if again := Secrets(got); again != got {
			t.Errorf("%q\n is masked as %q\n and then as %q", s, got, again)
		}
		if len(got) > len(s) {
			t.Errorf("%q grows to %q", s, got)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q becomes %q, which is no valid UTF-8", s, got)
		}
	})
}

// One pass is enough for whatever is real: to mask all of a text is for texts
// that somebody has made to be masked again and again.
func TestOnePassMasks(t *testing.T) {
	for _, file := range [][]byte{secretTexts, innocentTexts} {
		for _, text := range lines(t, file) {
			once := pass(plainText(text))
			if again := pass(once); again != once {
				t.Errorf("%q\n is masked as %q\n and then as %q", text, once, again)
			}
		}
	}
}

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
}

// A text of 64 times the length takes about 64 times as long, and far from 4096
// times: others use the machine too, so there is much room between the two.
func TestTimeGrowsWithLength(t *testing.T) {
	const size, times = 1 << 12, 64
	for name, part := range slow {
		short, long := strings.Repeat(part, size/len(part)), strings.Repeat(part, times*size/len(part))
		best := func(s string) time.Duration {
			least := time.Hour
			for range 2 {
				begin := time.Now()
				Secrets(s)
				least = min(least, time.Since(begin))
			}
			return least
		}
		if a, b := best(short), best(long); b > 10*times*a {
			t.Errorf("%s: %v for %d bytes, %v for %d", name, a, len(short), b, len(long))
		}
	}
}

// BenchmarkSecrets masks an error text as they mostly are, a long one, and one
// with 500 secrets.
func BenchmarkSecrets(b *testing.B) {
	many := strings.Repeat("dial postgres://user:hunter2@db:5432/x: password=hunter2 refused; ", 250)
	for name, s := range map[string]string{
		"name":    "queue_depth",
		"short":   "dial tcp 10.0.0.1:5432: connect: connection refused",
		"long":    strings.Repeat("the broker closed the connection instead of answering; ", 40),
		"secret":  "dial postgres://user:hunter2@db:5432/x: connect: connection refused",
		"500":     many,
		"escaped": "GET https://host/path%20x?q=a%3Db: 404",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Secrets(s)
			}
		})
	}
}
