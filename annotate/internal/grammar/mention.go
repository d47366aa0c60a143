package grammar

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
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

var (
	// nearMiss matches what somebody may have meant as a directive, behind the
	// slashes or the asterisk of a comment: the slashes, spaces and the + or @
	// that are too many, letters of the wrong case, and whatever stands in the
	// place of the colon.
	nearMiss = regexp.MustCompile(`^(/*)(` + blank + `)([+@]?)` + blank + `((?i:onex))(` + blank + `[:._-]?` + blank + `)([\pL\d_-]*)`)

	// otherTool matches a whole directive under the name of another tool,
	// which may be a slip.
	otherTool = regexp.MustCompile(`^` + blank + `[+@]?([\pL\d_.-]+):` + Name + `[ \t].*\b(?:type|service)=`)

	// option tells running text from a directive, which has one.
	option = regexp.MustCompile(`[\pL_]=\S`)
)

// Missed returns what keeps the text behind // from being a directive, or "" if
// it does not seem to be meant as one. Running text is not, unless an option
// stands in it.
func Missed(text string) string {
	m := nearMiss.FindStringSubmatch(text)
	if m == nil {
		return missedTool(text)
	}
	slashes, space, plus, word, between, name := m[1], m[2], m[3], m[4], m[5], m[6]
	hasColon := strings.TrimFunc(between, IsBlank) == ":"
	exact := slashes == "" && space == "" && plus == "" && word == Tool && between == ":"
	if !exact || name != "" {
		hasOption := option.MatchString(text[len(m[0])-len(name):])
		meant := Nearest(name, []string{Name}) != "" || plus != "" || hasColon && hasOption && option.MatchString(name+text[len(m[0]):])
		if isText := space != "" || between != ":"; !meant || isText && !hasOption {
			return missedTool(text)
		}
	}
	remedy := "write " + Whole
	if hasColon && plus == "" && Nearest(name, []string{Name}) == "" {
		m[0] = strings.TrimRightFunc(strings.TrimSuffix(m[0], name), IsBlank) // what follows is no part of it
	}
	switch {
	case exact && name == "":
		return strconv.Quote("//"+m[0]) + " names no directive; " + remedy
	case plus != "" || slashes != "" || word != Tool || !hasColon || Nearest(name, []string{Name}) == "":
	case space != "" && between == ":":
		remedy = "remove the space after //"
	case space == "" && between != ":" && between[0] == ':':
		remedy = "remove the space after the colon"
	}
	return strconv.Quote("//"+m[0]) + " is an ordinary comment; " + remedy
}

// missedTool is [Missed] for a text that does not begin with the tool's name.
func missedTool(text string) string {
	if m := otherTool.FindStringSubmatch(text); m != nil && Nearest(m[1], []string{Tool, "onexevents"}) != "" {
		return `"` + m[1] + ":" + Name + `" is no directive of onexevents; did you mean ` + Whole + "?"
	}
	before, behind, found := strings.Cut(text, Whole)
	before = strings.TrimFunc(before, IsBlank)
	if !found || before == "" || strings.ContainsAny(before[len(before)-1:], "`\"'(:") || strings.HasSuffix(before, "“") || !option.MatchString(behind) {
		return ""
	}
	return Whole + " stands behind other text, and so is an ordinary comment; write it on a line of its own"
}

// Mentioned tells whether src has the directive in it, or what [Missed] may
// take for it: the files without need not be parsed.
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
			if i < len(before) || !bytes.EqualFold(src[i-len(before):i], []byte(before)) {
				continue
			}
			rest := bytes.TrimLeftFunc(src[i+1:min(len(src), i+100)], IsBlank)
			rest = bytes.TrimLeft(rest, "._-")
			rest = bytes.TrimLeftFunc(rest, IsBlank)
			if bytes.HasPrefix(rest, []byte(":")) || len(rest) >= 3 && bytes.EqualFold(rest[:3], []byte(Name[:3])) {
				return true
			}
		}
	}
	return false
}

// code matches what is commented out together with its directive.
var code = regexp.MustCompile(`(?m)^[ \t]*type[ \t]`)

// MissedInBlock calls report with the offsets of the lines of a block comment
// that seem to be meant as directives. Code that is commented out is not.
func MissedInBlock(comment string, report func(offset int)) {
	isCode := -1
	offset := 0
	for line := range strings.Lines(comment) {
		bare := strings.TrimLeftFunc(strings.TrimPrefix(line, "/*"), func(r rune) bool { return r == '*' || IsBlank(r) })
		text, slashes := strings.CutPrefix(bare, "//")
		if len(text) >= len(Tool) && strings.ContainsAny(text, "xX") && Missed(" "+text) != "" {
			if isCode < 0 {
				isCode = len(code.FindStringIndex(comment))
			}
			if !slashes || isCode == 0 {
				report(offset + len(line) - len(bare))
			}
		}
		offset += len(line)
	}
}
