package encode

import "regexp"

var (
	namespacePat = regexp.MustCompile(`^[a-zA-Z0-9_-][a-zA-Z0-9._-]*$`)
	busPat       = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	suffixPat    = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
)

// IsNamespace tells whether a topic can begin with s.
func IsNamespace(s string) bool { return namespacePat.MatchString(s) }

// IsTopicNamespace tells whether s can stand in front of a topic of the bus of
// ModelEventEnvelope, with a dot between them.
func IsTopicNamespace(s string) bool { return busPat.MatchString(s) }

// IsSuffix tells whether a topic can end with s.
func IsSuffix(s string) bool { return suffixPat.MatchString(s) }
