package mask

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/base64"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	//go:embed testdata/secrets.txt
	secretTexts []byte
	//go:embed testdata/innocent.txt
	innocentTexts []byte
)

// lines returns the texts of a file, with what their signs stand for.
func lines(t testing.TB, file []byte) (texts []string) {
	scan := bufio.NewScanner(bytes.NewReader(file))
	for scan.Scan() {
		if line := scan.Text(); line != "" && !strings.HasPrefix(line, "# ") {
			texts = append(texts, expand(t, line))
		}
	}
	if err := scan.Err(); err != nil || len(texts) == 0 {
		t.Fatal("no texts: ", err)
	}
	return texts
}

var made = regexp.MustCompile(`\{(?:([AaUhdBwR])(\d+)|zw|b:([^}]*))\}`)

var alphabets = map[string]string{
	"A": lowers + uppers + digits, "a": lowers + digits, "U": uppers + digits, "R": lowers + "234567", "h": "0123456789abcdef", "d": digits,
	"B": lowers + uppers + digits + "+/", "w": lowers + uppers + digits + "-_",
}

func expand(t testing.TB, line string) string {
	h := fnv.New64a()
	h.Write([]byte(line))
	dice := rand.New(rand.NewPCG(h.Sum64(), 1))
	line = strings.NewReplacer("⏎", "\n", "⇥", "\t").Replace(line)
	return made.ReplaceAllStringFunc(line, func(s string) string {
		m := made.FindStringSubmatch(s)
		switch {
		case s == "{zw}":
			return "\u200b"
		case m[1] == "":
			return base64.StdEncoding.EncodeToString([]byte(m[3]))
		}
		n, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		alphabet := alphabets[m[1]]
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[dice.IntN(len(alphabet))]
		}
		return string(b)
	})
}

// left returns what masked shows of the secrets between « and » in text: four
// characters of one in a row, or all of a shorter one.
func left(text, masked string) string {
	open := text
	var secrets []string
	for {
		before, rest, ok := strings.Cut(open, "«")
		if !ok {
			break
		}
		secret, after, _ := strings.Cut(rest, "»")
		secrets = append(secrets, secret)
		open = before + "\x00" + after
	}
	for _, secret := range secrets {
		const enough = 4
		for i := 0; i+min(enough, len(secret)) <= len(secret); i++ {
			part := secret[i : i+min(enough, len(secret))]
			if strings.Contains(masked, part) && !strings.Contains(open, part) {
				return part
			}
		}
	}
	return ""
}

func plainText(text string) string { return strings.NewReplacer("«", "", "»", "").Replace(text) }

// The secrets in these texts leave nothing behind.
func TestSecretsAreMasked(t *testing.T) {
	for _, text := range lines(t, secretTexts) {
		masked := Secrets(plainText(text))
		if part := left(text, masked); part != "" {
			t.Errorf("%q\n is masked as %q,\n which shows %q", text, masked, part)
		}
	}
}

// These texts say nothing secret, and stay as they are.
func TestInnocentTextsStay(t *testing.T) {
	for _, text := range lines(t, innocentTexts) {
		if masked := Secrets(text); masked != text {
			t.Errorf("%q\n is masked as %q", text, masked)
		}
	}
}
