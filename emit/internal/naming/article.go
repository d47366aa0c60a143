package naming

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/omninode-ai/onexevents/annotate"
)

// Article puts "a" or "an" in front of a name, as its first word is spoken:
// "an HTTPGateway", "a User".
func Article(name string) string {
	word, _, _ := strings.Cut(strings.TrimLeft(annotate.SnakeCase(name), "_"), "_")
	an := false
	switch first, _ := utf8.DecodeRuneInString(word); {
	case isSpelled(name, word):
		an = strings.ContainsRune("aefhilmnorsx", first) // "an aitch"
	case hasPrefix(word, "uni", "use", "usa", "usu", "uti", "uto", "ura", "uri", "eu", "ewe", "one", "once"):
		an = hasPrefix(word, "unim", "unin") // "an unimportant"
	case hasPrefix(word, "hour", "honest", "honor", "honour", "heir"):
		an = true
	default:
		an = strings.ContainsRune("aeiouäöüéèàêâîôáíóúæœ", first)
	}
	if an {
		return "an " + name
	}
	return "a " + name
}

// spoken are the words in capitals that nobody spells.
var spoken = []string{"ram", "sip", "rest", "soap", "laser", "nasa", "rom", "lan", "sim", "mac"}

// isSpelled tells whether the first word of a name is spoken letter by letter.
func isSpelled(name, word string) bool {
	name = strings.TrimLeft(name, "_")
	if utf8.RuneCountInString(word) == 1 {
		return true
	}
	if len(name) < len(word) || slices.Contains(spoken, word) {
		return false
	}
	return initialisms[strings.ToUpper(word)] || !strings.ContainsFunc(name[:len(word)], unicode.IsLower)
}

func hasPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
