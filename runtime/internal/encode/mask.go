package encode

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Masked stands in place of a secret.
const Masked = "***"

// The quotes around names and values may themselves be quoted, as in the text
// of a response inside an error.
var (
	pemBlock  = regexp.MustCompile(`-----BEGIN ([A-Z0-9 ]+)-----(?s:.*?)(?:-----END [A-Z0-9 ]+-----|$)`)
	urlUser   = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#\s"']+@`)
	keyValue  = regexp.MustCompile(`(?i)([a-z0-9_-]*(?:password|passwd|pwd|passphrase|secret|token|(?:api|access|private)[_-]?key|credentials?)[a-z0-9_-]*\\*["']?\s*[=:]\s*)(\\*"(?:[^"\\]|\\[^"])*(?:\\*"|$)|\\*'(?:[^'\\]|\\[^'])*(?:\\*'|$)|[^\s,;&"'}\])]+)`)
	authToken = regexp.MustCompile(`(?i)\b(bearer|basic)(\s*[\s:=]\s*\\*["']?)([a-z0-9._~+/-]{6,}=*)`)
	awsKeyID  = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)
)

// maskRule masks one kind of secret. It is tried on texts that have one of its
// words, in lower case: most have none, which is much quicker to find out.
type maskRule struct {
	words []string
	mask  func(string) string
}

var maskRules = []maskRule{
	{[]string{"-----begin "}, func(s string) string { return pemBlock.ReplaceAllString(s, "-----BEGIN $1----- "+Masked) }},
	{[]string{"://"}, func(s string) string { return urlUser.ReplaceAllString(s, "${1}"+Masked+"@") }},
	{[]string{"bearer", "basic"}, func(s string) string { return authToken.ReplaceAllStringFunc(s, maskAuth) }},
	{[]string{"pass", "pwd", "secret", "token", "key", "credential"}, func(s string) string { return keyValue.ReplaceAllString(s, "${1}"+Masked) }},
	{[]string{"akia", "asia"}, func(s string) string { return awsKeyID.ReplaceAllString(s, Masked) }},
}

// Mask replaces what looks like a credential by ***: the user info in URLs,
// values called password, token, secret, key or the like, bearer and basic
// credentials, AWS access keys, and PEM blocks.
func Mask(s string) string {
	lower, plain := strings.ToLower(s), isASCII(s)
	for _, r := range maskRules {
		// To a regular expression, ſ and K are s and k.
		if !plain || containsAny(lower, r.words) {
			s = r.mask(s)
		}
	}
	return s
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(s, word) })
}

// maskAuth masks the credential behind "Bearer" or "Basic", but not the word
// behind "basic" in a sentence: a credential has a digit or a capital.
func maskAuth(s string) string {
	m := authToken.FindStringSubmatch(s)
	if !strings.ContainsAny(m[3], "0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return s
	}
	return m[1] + m[2] + Masked
}
