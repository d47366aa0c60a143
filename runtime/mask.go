package onex

import (
	"regexp"
	"strings"
)

const masked = "***"

// The quotes around names and values may themselves be quoted, as in the text
// of a response inside an error.
var (
	pemBlock  = regexp.MustCompile(`-----BEGIN ([A-Z0-9 ]+)-----(?s:.*?)(?:-----END [A-Z0-9 ]+-----|$)`)
	urlUser   = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#\s"']+@`)
	keyValue  = regexp.MustCompile(`(?i)([a-z0-9_-]*(?:password|passwd|pwd|passphrase|secret|token|(?:api|access|private)[_-]?key|credentials?)[a-z0-9_-]*\\*["']?\s*[=:]\s*)(\\*"(?:[^"\\]|\\[^"])*(?:\\*"|$)|\\*'(?:[^'\\]|\\[^'])*(?:\\*'|$)|[^\s,;&"'}\])]+)`)
	authToken = regexp.MustCompile(`(?i)\b(bearer|basic)(\s*[\s:=]\s*\\*["']?)([a-z0-9._~+/-]{6,}=*)`)
	awsKeyID  = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)
)

// MaskSecrets replaces what looks like a credential by ***: the user info in
// URLs, values called password, token, secret, key or the like, bearer and
// basic credentials, AWS access keys, and PEM blocks.
func MaskSecrets(s string) string {
	s = pemBlock.ReplaceAllString(s, "-----BEGIN $1----- "+masked)
	s = urlUser.ReplaceAllString(s, "${1}"+masked+"@")
	s = authToken.ReplaceAllStringFunc(s, maskAuth)
	s = keyValue.ReplaceAllString(s, "${1}"+masked)
	return awsKeyID.ReplaceAllString(s, masked)
}

// maskAuth masks the credential behind "Bearer" or "Basic", but not the word
// behind "basic" in a sentence: a credential has a digit or a capital.
func maskAuth(s string) string {
	m := authToken.FindStringSubmatch(s)
	if !strings.ContainsAny(m[3], "0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return s
	}
	return m[1] + m[2] + masked
}
