package grammar

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// SnakeCase turns a Go name into lower-case words joined by _: "QueryIndex"
// into "query_index", "HTTPGateway" into "http_gateway".
func SnakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case r == '-' || r == '_' || unicode.IsSpace(r):
			r = '_'
		case i > 0 && unicode.IsUpper(r):
			// A word begins after a lower-case letter or digit, and with the
			// last capital of several.
			prev, last := runes[i-1], i+1 == len(runes)
			if unicode.IsLower(prev) || unicode.IsDigit(prev) ||
				unicode.IsUpper(prev) && !last && unicode.IsLower(runes[i+1]) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// DidYouMean is the remedy for a word that is none of those allowed.
func DidYouMean(word string, allowed []string) string {
	if best := Nearest(word, allowed); best != "" {
		return "did you mean " + best + "?"
	}
	return "write one of " + strings.Join(allowed, ", ")
}

// Nearest returns the one of allowed that word seems to mean, or "".
func Nearest(word string, allowed []string) string {
	best, bestDistance := "", 3 // so many slips and no more
	for _, a := range allowed {
		if d := distance(strings.ToLower(word), a); d < bestDistance && d < len(a)-1 && haveInCommon(strings.ToLower(word), a) {
			best, bestDistance = a, d
		}
	}
	return best
}

// haveInCommon tells whether a word has most of a's letters, in whatever order: a
// yaml is no html.
func haveInCommon(word, a string) bool {
	count := 0
	for _, letter := range a {
		if strings.ContainsRune(word, letter) {
			count++
		}
	}
	return 2*count > len(a)
}

// distance is the Levenshtein distance of a and b: how many bytes have to be
// put in, left out or changed to make one of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// MajorVersion matches the last element of a path that is no package name.
var MajorVersion = regexp.MustCompile(`^v[0-9]+$`)

// AssumedName returns the name that the package at an import path has by
// convention: the last element without a major version, a "go-" in front and
// whatever follows its identifier. The standard library keeps to it.
func AssumedName(importPath string) string {
	base := path.Base(importPath)
	if dir := path.Dir(importPath); MajorVersion.MatchString(base) && dir != "." {
		base = path.Base(dir)
	}
	base = strings.TrimPrefix(base, "go-")
	if i := strings.IndexFunc(base, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}); i >= 0 {
		base = base[:i]
	}
	return base
}

// Suggests tells whether the package at an import path may be called name, or
// by a longer name, as far as the path shows it: letters and digits count, and
// the last two elements.
func Suggests(importPath, name string) bool {
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	return strings.Contains(letters(path.Base(path.Dir(importPath))+"/"+path.Base(importPath)), letters(name))
}

// HasWord tells whether name is a word of the last element of an import path, or
// of the one before if the last is a major version: "go.uuid" and "uuid-tools"
// have the word uuid, and "httptest" has not the word http.
func HasWord(importPath, name string) bool {
	base := path.Base(importPath)
	if MajorVersion.MatchString(base) {
		base = path.Base(path.Dir(importPath)) + "." + base
	}
	words := strings.FieldsFunc(base, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.Contains(words, name)
}
