package grammar

import "regexp"

// The line that says what a struct's events may lose, and why.
const (
	Except      = "except"
	WholeExcept = "//" + Tool + ":" + Except
)

// exceptLike matches what may have been meant as that line.
var exceptLike = regexp.MustCompile(`^` + blank + `[+@]?` + blank + `(?i:` + Tool + blank + `:` + blank + Except + `)` + blank + `[a-z]+(-[a-z]+)+(\s|$)`)

// MissedExcept is [Missed] for an exception: its rule, which has a hyphen, tells
// it from running text.
func MissedExcept(text string) string {
	if !exceptLike.MatchString(text) {
		return ""
	}
	return "this is an ordinary comment, and excepts nothing; write " + WholeExcept + ", without a space and in lower case"
}
