package annotate

import (
	"bytes"
	"go/ast"
	"go/token"
	"strings"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// mention is a line of a comment that is our directive or seems to be meant as
// one.
type mention struct {
	ast.Directive        // if it is one
	fault         string // what keeps it from being one; "" if it is
	pos           token.Pos
}

// mentionsIn finds the directives in one comment of a file. A block in front
// of the package clause is a manual, and may show what a directive looks like.
func (f *sourceFile) mentionsIn(c *ast.Comment) []mention {
	if strings.HasPrefix(c.Text, "/*") {
		if c.Slash < f.ast.Package {
			return nil
		}
		return f.mentionsInBlock(c)
	}
	if d, ok := ast.ParseDirective(c.Slash, c.Text); ok && d.Tool == grammar.Tool {
		m := mention{Directive: d, pos: c.Slash}
		if d.Name != grammar.Name {
			m.pos += token.Pos(len("//" + grammar.Tool + ":"))
			m.fault = "unknown directive //" + grammar.Tool + ":" + d.Name + "; did you mean " + grammar.Whole + "?"
		}
		return []mention{m}
	}
	if fault := grammar.Missed(c.Text[len("//"):]); fault != "" {
		return []mention{{pos: c.Slash, fault: fault}}
	}
	return nil
}

// mentionsInBlock goes through the lines of a /* */ comment. It takes them from
// the source, because the parser's text lacks the carriage returns.
func (f *sourceFile) mentionsInBlock(c *ast.Comment) (found []mention) {
	text := f.src[f.position(c.Slash).Offset:]
	if end := bytes.Index(text, []byte("*/")); end >= 0 {
		text = text[:end]
	}
	if !grammar.Mentioned(text) {
		return nil
	}
	grammar.MissedInBlock(string(text), func(offset int) {
		found = append(found, mention{
			pos:   c.Slash + token.Pos(offset),
			fault: "a directive inside /* */ is an ordinary comment; write " + grammar.Whole + " on a line of its own",
		})
	})
	return found
}
