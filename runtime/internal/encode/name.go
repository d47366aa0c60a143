package encode

import "regexp"

var (
	namespacePat = regexp.MustCompile(`^[a-zA-Z0-9_-][a-zA-Z0-9._-]*$`)
	suffixPat    = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
)

// IsNamespace tells whether a topic can begin with s.
func IsNamespace(s string) bool { return namespacePat.MatchString(s) }

// IsSuffix tells whether a topic can end with s.
func IsSuffix(s string) bool { return suffixPat.MatchString(s) }
