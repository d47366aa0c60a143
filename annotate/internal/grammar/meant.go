package grammar

import (
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"unicode"
)

// slips are what people write where a Go type belongs, after the manner of other
// languages, of Go's values or of its signatures, and what they mean by it.
var slips = []struct {
	written *regexp.Regexp
	meant   string
}{
	{regexp.MustCompile("^[\"'`“”‘’](.+)[\"'`“”‘’]$"), "$1"},
	{regexp.MustCompile(`^[\pL_][\pL\d_]*\s*[:=]?\s+(.+)$`), "$1"}, // name Type
	{regexp.MustCompile(`^[\p{Ll}_][\pL\d_]*[:=](.+)$`), "$1"},     // name=Type
	{regexp.MustCompile(`^(?i:list|array|vector|set|slice|seq)<(.+)>$`), "[]$1"},
	{regexp.MustCompile(`^(?i:optional|option|maybe|ptr|pointer)<(.+)>$`), "*$1"},
	{regexp.MustCompile(`^([\pL_][\pL\d_.]*)<(.+)>$`), "$1[$2]"},
	{regexp.MustCompile(`^(?:new|make|ref)\((.+)\)$`), "$1"},
	{regexp.MustCompile(`^(.+)(?:\{\}|\(\))$`), "$1"},
	{regexp.MustCompile(`^(.+?)\s*\[\]$`), "[]$1"},
	{regexp.MustCompile(`^(?:\.\.\.|\[\.\.\.\])\s*(.+)$`), "[]$1"},
	{regexp.MustCompile(`^(.+?)\s*\.\.\.$`), "[]$1"},
	{regexp.MustCompile(`^&+\s*(.+)$`), "*$1"},
	{regexp.MustCompile(`^(.+?)\s*[*?]$`), "*$1"},
	{regexp.MustCompile(`^(?:.*[./])?([\p{Ll}_][\pL\d_]*)(?:/|::|->|#)(\p{Lu}[\pL\d_]*)$`), "$1.$2"}, // api::Request
	{regexp.MustCompile(`^(?:[\pL\d_.-]+/)+([\p{Ll}_][\pL\d_]*\.\p{Lu}[\pL\d_]*)$`), "$1"},           // example.com/api.Request
	{regexp.MustCompile(`^[.~!^%$@#-]+\s*(.+)$`), "$1"},
}

// MeantType returns the type that src, which is none, seems to mean, or "".
func MeantType(src string) string {
	if isType(src) {
		return ""
	}
	for _, slip := range slips {
		if m := slip.written.FindStringSubmatchIndex(src); m != nil {
			if meant := string(slip.written.ExpandString(nil, slip.meant, src, m)); isType(meant) {
				return meant
			}
		}
	}
	return ""
}

var (
	between  = regexp.MustCompile(`\s*(?:->|=>|→|;|\||/|\+|&|=|:|\s)\s*`)
	brackets = regexp.MustCompile(`^\((.*)\)$`)
)

// MeantPair returns the two types that src, which is none, seems to mean, as In
// and Out in "In -> Out", with a comma between; or "".
func MeantPair(src string) string {
	if isType(src) {
		return ""
	}
	if m := brackets.FindStringSubmatch(src); m != nil {
		if parts := SplitTypes(m[1]); len(parts) == 2 && isType(parts[0]) && isType(parts[1]) {
			return m[1]
		}
	}
	for _, m := range between.FindAllStringIndex(src, -1) {
		if m[0] == 0 {
			continue
		}
		in, out := src[:m[0]], src[m[1]:]
		isPath := src[m[0]:m[1]] == "/" && !unicode.IsUpper(rune(in[0]))
		if !isPath && isType(in) && isType(out) && !isParameter(in) {
			return in + "," + out
		}
	}
	return ""
}

// isParameter tells a name that seems to be a variable's, or a package's.
func isParameter(name string) bool {
	_, isGos := types.Universe.Lookup(name).(*types.TypeName)
	return !isGos && parameter.MatchString(name)
}

var parameter = regexp.MustCompile(`^[\p{Ll}_][\pL\d_]*$`)

func isType(src string) bool {
	fset := token.NewFileSet()
	expr, err := parser.ParseExprFrom(fset, "", src, parser.SkipObjectResolution)
	if err != nil || notType(expr) != nil || strings.TrimSpace(src) != src {
		return false
	}
	_, what := Check(src, expr, fset, func(string) bool { return false })
	return what == ""
}

// Bracketed returns what stands in brackets that are no part of a directive:
// around a word or the whole of it.
func Bracketed(text string) (inside string, ok bool) {
	m := enclosed.FindStringSubmatch(text)
	if m == nil || text[0] == '(' && !strings.Contains(text, "=") {
		return "", false
	}
	return strings.TrimSpace(m[1]), true
}

var enclosed = regexp.MustCompile(`^[[{(<](\s*[\p{Ll}\d][^][{}()<>]*)[]})>]$`)

// OtherBrackets takes an operation apart whose types stand in other brackets
// than parentheses, which begin at the given place.
func OtherBrackets(text string) (head, types string, at int, ok bool) {
	at = strings.IndexAny(text, "[{<(")
	if at <= 0 || text[at] == '(' {
		return "", "", 0, false
	}
	last := map[byte]string{'[': "]", '{': "}", '<': ">"}[text[at]]
	types, ok = strings.CutSuffix(text[at+1:], last)
	return text[:at], types, at, ok
}
