package mask

import (
	"strings"
	"testing"
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
