package annotate

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Name of the directive.
const (
	tool      = "onex"
	directive = "operations"
	whole     = "//" + tool + ":" + directive
)

// mention is a line of a comment that is our directive or seems to be meant as
// one.
type mention struct {
	ast.Directive        // if it is one
	fault         string // what keeps it from being one; "" if it is
	pos           token.Pos
}

// blank matches space of every kind, also such as a web page is copied with and
// nobody sees.
const blank = `[\s\pZ\p{Cf}]*`

// isBlank tells what blank matches.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.Cf) }

// nearMiss matches what somebody may have meant as a directive, behind the
// slashes or the asterisk of a comment: the slashes, spaces and the + or @ that
// are too many, and letters of the wrong case.
var nearMiss = regexp.MustCompile(`^(/*)(` + blank + `)([+@]?)` + blank + `((?i:onex)` + blank + `:)(` + blank + `)([\pL\d_-]*)`)

// otherTool matches a whole directive under the name of another tool, which may
// be a slip.
var otherTool = regexp.MustCompile(`^` + blank + `[+@]?([\pL\d_.-]+):` + directive + `[ \t].*\b(?:type|service)=`)

// mentionsIn finds the directives in one comment of a file. A block in front
// of the package clause is a manual, and may show what a directive looks like.
func (f *sourceFile) mentionsIn(c *ast.Comment) []mention {
	if strings.HasPrefix(c.Text, "/*") {
		if c.Slash < f.ast.Package {
			return nil
		}
		return f.mentionsInBlock(c)
	}
	if d, ok := ast.ParseDirective(c.Slash, c.Text); ok && d.Tool == tool {
		m := mention{Directive: d, pos: c.Slash}
		if d.Name != directive {
			m.pos += token.Pos(len("//" + tool + ":"))
			m.fault = "unknown directive //" + tool + ":" + d.Name + "; did you mean " + whole + "?"
		}
		return []mention{m}
	}
	if fault := missed(c.Text[len("//"):]); fault != "" {
		return []mention{{pos: c.Slash, fault: fault}}
	}
	return nil
}

// missed returns what keeps the text behind // from being a directive, or "" if
// it does not seem to be meant as one.
func missed(text string) string {
	m := nearMiss.FindStringSubmatch(text)
	if m == nil {
		return missedTool(text)
	}
	slashes, space, plus, toolAndColon, gap, name := m[1], m[2], m[3], m[4], m[5], m[6]
	exact := slashes == "" && space == "" && gap == "" && toolAndColon == tool+":"
	meant := exact || plus != "" || nearest(name, []string{directive}) != ""
	remedy := "write " + whole
	switch {
	case !meant:
		return "" // prose that happens to begin with the word
	case plus != "" || slashes != "":
	case exact && name == "":
		return strconv.Quote("//"+m[0]) + " names no directive; " + remedy
	case space != "" && gap == "" && toolAndColon == tool+":":
		remedy = "remove the space after //"
	case space == "" && gap != "" && toolAndColon == tool+":":
		remedy = "remove the space after the colon"
	}
	return strconv.Quote("//"+m[0]) + " is an ordinary comment; " + remedy
}

// missedTool is [missed] for a text that does not name the tool.
func missedTool(text string) string {
	m := otherTool.FindStringSubmatch(text)
	if m == nil || nearest(m[1], []string{tool, "onexevents"}) == "" {
		return ""
	}
	return `"` + m[1] + ":" + directive + `" is no directive of onexevents; did you mean ` + whole + "?"
}

// mentionsInBlock goes through the lines of a /* */ comment. It takes them from
// the source, because the parser's text lacks the carriage returns.
func (f *sourceFile) mentionsInBlock(c *ast.Comment) []mention {
	text := string(f.src[f.position(c.Slash).Offset:])
	if end := strings.Index(text, "*/"); end >= 0 {
		text = text[:end]
	}
	var found []mention
	pos := c.Slash
	for line := range strings.Lines(text) {
		bare := strings.TrimLeftFunc(strings.TrimPrefix(line, "/*"), func(r rune) bool { return r == '*' || isBlank(r) })
		if missed(strings.TrimPrefix(bare, "//")) != "" {
			found = append(found, mention{
				pos:   pos + token.Pos(len(line)-len(bare)),
				fault: "a directive inside /* */ is an ordinary comment; write " + whole + " on a line of its own",
			})
		}
		pos += token.Pos(len(line))
	}
	return found
}
