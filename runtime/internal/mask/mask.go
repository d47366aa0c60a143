package mask

import "strings"

// Secrets returns s with Hidden in place of what looks like a secret. The result
// is never longer than s, is valid UTF-8 if s is, and is what Secrets makes of
// itself. The time grows with the length of s and no faster.
func Secrets(s string) string {
	const enough = 4 // one pass masks, and the next finds nothing
	for range enough {
		masked := pass(s)
		if masked == s {
			return s
		}
		s = masked
	}
	return Hidden
}

// pass masks what can be seen in s as it is, and then what is escaped in it.
// In this order, because what is escaped within a secret belongs to it.
func pass(s string) string {
	s = hide(s, plainView(s))
	if v, ok := decodedView(s); ok {
		s = hide(s, v)
	}
	return s
}

// hide covers the secrets that can be seen in a view of s.
func hide(s string, v view) string {
	m := scanner{s: v.text}
	m.scan()
	if len(m.found) == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	done := 0
	for _, f := range m.found {
		from, to := v.original(f.from), v.original(f.to)
		b.WriteString(s[done:from])
		b.WriteString(Hidden[:min(len(Hidden), to-from)])
		done = to
	}
	b.WriteString(s[done:])
	return b.String()
}
