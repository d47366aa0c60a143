package grammar

import (
	"bytes"
	"regexp"
	"strconv"
	"unicode"
)

// The directive.
const (
	Tool  = "onex"
	Name  = "operations"
	Whole = "//" + Tool + ":" + Name
)

// blank matches space of every kind, also such as a web page is copied with and
// nobody sees.
const blank = `[\s\pZ\p{Cf}]*`

// IsBlank tells what blank matches.
func IsBlank(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.Cf) }

// nearMiss matches what somebody may have meant as a directive, behind the
// slashes or the asterisk of a comment: the slashes, spaces and the + or @ that
// are too many, and letters of the wrong case.
var nearMiss = regexp.MustCompile(`^(/*)(` + blank + `)([+@]?)` + blank + `((?i:onex)` + blank + `:)(` + blank + `)([\pL\d_-]*)`)

// otherTool matches a whole directive under the name of another tool, which may
// be a slip.
var otherTool = regexp.MustCompile(`^` + blank + `[+@]?([\pL\d_.-]+):` + Name + `[ \t].*\b(?:type|service)=`)

// Missed returns what keeps the text behind // from being a directive, or "" if
// it does not seem to be meant as one.
func Missed(text string) string {
	m := nearMiss.FindStringSubmatch(text)
	if m == nil {
		return missedTool(text)
	}
	slashes, space, plus, toolAndColon, gap, name := m[1], m[2], m[3], m[4], m[5], m[6]
	exact := slashes == "" && space == "" && gap == "" && toolAndColon == Tool+":"
	meant := exact || plus != "" || Nearest(name, []string{Name}) != ""
	remedy := "write " + Whole
	switch {
	case !meant:
		return "" // prose that happens to begin with the word
	case plus != "" || slashes != "":
	case exact && name == "":
		return strconv.Quote("//"+m[0]) + " names no directive; " + remedy
	case space != "" && gap == "" && toolAndColon == Tool+":":
		remedy = "remove the space after //"
	case space == "" && gap != "" && toolAndColon == Tool+":":
		remedy = "remove the space after the colon"
	}
	return strconv.Quote("//"+m[0]) + " is an ordinary comment; " + remedy
}

// missedTool is [Missed] for a text that does not name the tool.
func missedTool(text string) string {
	m := otherTool.FindStringSubmatch(text)
	if m == nil || Nearest(m[1], []string{Tool, "onexevents"}) == "" {
		return ""
	}
	return `"` + m[1] + ":" + Name + `" is no directive of onexevents; did you mean ` + Whole + "?"
}

// Mentioned tells whether src has "onex:" in it, in whatever case and with
// or without a space, or the directive of another tool that may be a slip: the
// files without need not be parsed.
func Mentioned(src []byte) bool {
	if bytes.Contains(src, []byte(":"+Name)) {
		return true
	}
	const before = "one"
	for _, x := range []byte("xX") {
		for i := 0; ; i++ {
			next := bytes.IndexByte(src[i:], x)
			if next < 0 {
				break
			}
			i += next
			if i >= len(before) && bytes.EqualFold(src[i-len(before):i], []byte(before)) &&
				bytes.HasPrefix(bytes.TrimLeftFunc(src[i+1:], IsBlank), []byte(":")) {
				return true
			}
		}
	}
	return false
}
