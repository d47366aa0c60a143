package mask

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

const (
	lowers = "abcdefghijklmnopqrstuvwxyz"
	uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

// set is some of the bytes.
type set [256]bool

func setOf(bytes string) (s set) {
	for i := range len(bytes) {
		s[bytes[i]] = true
	}
	return s
}

var (
	alphanumeric = setOf(lowers + uppers + digits)
	digit        = setOf(digits)
	lower        = setOf(lowers)
	capital      = setOf(uppers)
	quoteMark    = setOf("\"'`")
	blank        = setOf(" \t\r\n")
	inName       = nameSet()
)

func nameSet() set {
	s := setOf(lowers + uppers + digits + "_")
	for c := utf8.RuneSelf; c < len(s); c++ {
		s[c] = true
	}
	return s
}

// only tells whether s has nothing else than bytes of the set, and has some.
func (s *set) only(text string) bool {
	for i := range len(text) {
		if !s[text[i]] {
			return false
		}
	}
	return text != ""
}

// trim returns text without the bytes of the set around it.
func (s *set) trim(text string) string {
	for text != "" && s[text[0]] {
		text = text[1:]
	}
	for text != "" && s[text[len(text)-1]] {
		text = text[:len(text)-1]
	}
	return text
}

// in counts the bytes of text that are in the set.
func (s *set) in(text string) int {
	n := 0
	for i := range len(text) {
		if s[text[i]] {
			n++
		}
	}
	return n
}

// varied tells whether s is no plain word in small letters.
func varied(s string) bool { return digit.in(s)+capital.in(s) > 0 }

// mixed tells whether s has letters and digits, and changes between small
// letters, capitals and digits as words do not.
func mixed(s string) bool {
	n := digit.in(s)
	return n > 0 && n < len(s) && transitions(s) > min(len(s)/6, 40)
}

// random tells whether s looks as if a machine had thrown dice for it.
func random(s string, least int) bool {
	return len(s) >= least && mixed(s) && !isUUID(s) && !strings.Contains(s, "://")
}

// transitions counts where s changes from one kind of character to another.
func transitions(s string) int {
	n, last := 0, byte(0)
	for i := range len(s) {
		kind := byte(0)
		switch c := s[i]; {
		case digit[c]:
			kind = 1
		case lower[c]:
			kind = 2
		case capital[c]:
			kind = 3
		default:
			continue
		}
		if last != 0 && kind != last {
			n++
		}
		last = kind
	}
	return n
}

func upper(s string) bool { return lower.in(s) == 0 && (digit.in(s) > 0 || len(s) == 16) }

func hexadecimal(s string) bool {
	for i := range len(s) {
		if c := s[i]; !digit[c] && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return digit.in(s) > 0
}

func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' && hexadecimal(strings.ReplaceAll(s, "-", ""))
}

func digitFirst(s string) bool { return digit[s[0]] && mixed(s) }

func uuidFirst(s string) bool { return len(s) >= 36 && isUUID(s[:36]) }

// oktaShape tells whether rest has the length of what is behind 00 in an API token.
func oktaShape(rest string) bool { return len(rest) == 40 && rest[0] != '-' && mixed(rest) }

// jwt tells whether what follows eyJ is a JSON web token, maybe cut off. Other
// JSON in base64 also begins with eyJ.
func jwt(rest string) bool {
	head, tail, dot := strings.Cut(rest, ".")
	if dot {
		return len(head) >= 6 && len(tail) > 0
	}
	for _, header := range []string{"hbGciO", "0eXAiO", "raWQiO", "jdHkiO", "lbmMiO", "6aXAiO", "qa3UiO", "1dCI6"} {
		if strings.HasPrefix(rest, header) {
			return true
		}
	}
	return false
}

// isUserAndPassword tells whether s is user:password in base64.
func isUserAndPassword(s string) bool {
	s = strings.TrimRight(s, "=")
	text, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		text, err = base64.RawURLEncoding.DecodeString(s)
	}
	return err == nil && strings.IndexByte(string(text), ':') >= 0 && utf8.Valid(text)
}

// isPlaceholder tells whether s stands for a value that is elsewhere, or hidden,
// or missing.
func isPlaceholder(s string) bool {
	switch {
	case s == "" || repeated(s):
		return true
	case strings.HasPrefix(s, "${") || strings.HasPrefix(s, "{{") || strings.HasPrefix(s, "$(") || strings.HasPrefix(s, "%("):
		return true
	case s[0] == '$' && len(s) > 2 && lower.in(s) == 0 && inName.only(s[1:]):
		return true
	case s[0] == '$' && digit.only(s[1:]):
		return true
	case s[0] == '%' && len(s) <= 3:
		return true
	case s[0] == '<' && s[len(s)-1] == '>', s[0] == '[' && s[len(s)-1] == ']' && digit.in(s) == 0 && strings.IndexByte(s, '"') < 0:
		return true
	case strings.HasPrefix(s, "0x") && len(s) <= 14 && hexadecimal(s[2:]):
		return true
	}
	word := strings.ToLower(around.trim(s))
	return word == "" && len(s) < 4 || placeholders[word] || strings.HasPrefix(word, "your_") || strings.HasPrefix(word, "your-") || isPath(s)
}

// repeated tells whether s is one character over and over, which hides
// something.
func repeated(s string) bool {
	if s == "" {
		return false
	}
	if c := s[0]; c == '*' || c == 'x' || c == 'X' || c == '.' || c == '-' || c == '#' || c == '_' {
		return strings.Count(s, s[:1]) == len(s) && (c == '*' || len(s) > 2)
	}
	return s[0] >= utf8.RuneSelf && strings.Trim(s, "•●") == ""
}

var around = setOf("[](){}<>.,;:!?*_-")

var placeholders = words("null nil none true false yes no undefined empty redacted masked hidden filtered secret_hidden removed unset n/a na omitted nan void default any")

// isPath tells whether s is where a file is.
func isPath(s string) bool {
	if strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || strings.HasPrefix(s, "~/") || strings.HasPrefix(s, "file:") {
		return true
	}
	if len(s) > 3 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') && strings.IndexByte(s[3:], ':') < 0 {
		return true
	}
	if s == "" || s[0] != '/' {
		return false
	}
	root, rest, ok := strings.Cut(s[1:], "/")
	return ok && (roots[root] || rest != "" && pathLike.only(s))
}

var pathLike = setOf(lowers + "/-_.")

var roots = words("etc run var home usr opt tmp mnt secrets root dev proc srv app data config certs keys vault private Users")

func words(s string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(s) {
		set[word] = true
	}
	return set
}

// isAddress tells whether s is host:port.
func isAddress(s string) bool {
	at := strings.LastIndexByte(s, ':')
	return at > 0 && digit.only(s[at+1:]) && len(s)-at <= 6 && strings.Count(s[:at], ".") > 0
}

// isAlgorithm tells whether a word is the name of a way to hash or to encrypt,
// or to log in.
func isAlgorithm(word string) bool {
	for _, name := range []string{"sha", "md5", "md4", "aes", "scram", "rsa", "hs256", "rs256", "es256", "ed25519", "utf8", "utf-8", "base64", "x509", "pkcs", "bcrypt", "argon2", "hmac-sha", "tls1", "oauth2", "pbkdf2", "ecdsa", "v1", "v2", "p256"} {
		if strings.HasPrefix(word, name) && len(word) <= len(name)+8 {
			return true
		}
	}
	return false
}

func beginsWith(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// looksChosen tells whether a word looks like a password that somebody has
// thought of: no word of a sentence has letters and digits.
func looksChosen(s string) bool {
	n := digit.in(s)
	return len(s) >= 6 && n > 0 && n < alphanumeric.in(s) && !isAlgorithm(strings.ToLower(s)) && !isAddress(s) && !isUUID(s) && !strings.ContainsAny(s, "/@") && !digit[s[0]]
}

// What credentials have beside letters and digits.
const (
	none   = ""
	urlish = "-_"
	dotted = "-_."
	padded = "+/="
	all    = "-_.+/=~"
)

// runOf returns how many letters, digits and characters of extra s begins with.
func runOf(s, extra string) int {
	i := 0
	for i < len(s) && (alphanumeric[s[i]] || strings.IndexByte(extra, s[i]) >= 0) {
		i++
	}
	return i
}

// compound tells whether a name is made of several words.
func compound(name string) bool {
	if lower.only(name[1:]) {
		return false // as most are
	}
	return strings.ContainsAny(name, "_-") || capital.in(name[1:]) > 0 && lower.in(name) > 0
}
