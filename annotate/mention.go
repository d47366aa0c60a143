package annotate

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
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

// nearMiss matches what somebody may have meant as a directive, without its
// slashes: the space, the + and the letters that are too many or too big.
var nearMiss = regexp.MustCompile(`^([ \t]*)(\+?)[ \t]*((?i:onex)[ \t]*:)([ \t]*)([\pL\d_-]*)`)

// mentionsIn finds the directives in one comment of a file. A block in front
// of the package clause is a manual, and may show what a directive looks like.
func mentionsIn(file *ast.File, c *ast.Comment) []mention {
	if strings.HasPrefix(c.Text, "/*") {
		if c.Slash < file.Package {
			return nil
		}
		return mentionsInBlock(c)
	}
	if d, ok := ast.ParseDirective(c.Slash, c.Text); ok && d.Tool == tool {
		m := mention{Directive: d, pos: c.Slash}
		if d.Name != directive {
			m.pos += token.Pos(len("//" + tool + ":"))
			m.fault = "unknown directive //" + tool + ":" + d.Name + "; did you mean " + whole + "?"
		}
		return []mention{m}
	}
	m := nearMiss.FindStringSubmatch(c.Text[len("//"):])
	if m == nil {
		return nil
	}
	text, space, plus, toolAndColon, gap, name := "//"+m[0], m[1], m[2], m[3], m[4], m[5]
	exact := space == "" && gap == "" && toolAndColon == tool+":"
	if !exact && plus == "" && nearest(name, []string{directive}) == "" {
		return nil // prose that happens to begin with the word
	}
	remedy := "write " + whole
	switch {
	case plus != "":
	case exact && name == "":
		return []mention{{pos: c.Slash, fault: `"` + text + `" names no directive; ` + remedy}}
	case space != "":
		remedy = "remove the space after //"
	case gap != "" && toolAndColon == tool+":":
		remedy = "remove the space after the colon"
	}
	return []mention{{pos: c.Slash, fault: `"` + text + `" is an ordinary comment; ` + remedy}}
}

// blockMention matches a directive on a line of a /* */ comment.
var blockMention = regexp.MustCompile(`(?m)^(?:/\*)?[ \t*]*((?://)?` + tool + `:` + directive + `)\b`)

func mentionsInBlock(c *ast.Comment) []mention {
	var found []mention
	for _, at := range blockMention.FindAllStringSubmatchIndex(c.Text, -1) {
		found = append(found, mention{
			pos:   c.Slash + token.Pos(at[2]),
			fault: "a directive inside /* */ is an ordinary comment; write " + whole + " on a line of its own",
		})
	}
	return found
}
