package annotate

import (
	"bytes"
	"go/ast"
	"go/token"
	"strings"
	"unicode"

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
		if d.Name != grammar.Name && d.Name != grammar.Except {
			m.pos += token.Pos(len("//" + grammar.Tool + ":"))
			meant := grammar.Whole
			if grammar.Nearest(d.Name, []string{grammar.Except}) != "" {
				meant = grammar.WholeExcept
			}
			m.fault = "unknown directive //" + grammar.Tool + ":" + d.Name + "; did you mean " + meant + "?"
		}
		return []mention{m}
	}
	if fault := grammar.MissedExcept(c.Text[len("//"):]); fault != "" {
		return []mention{{pos: c.Slash, fault: fault}}
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

// except gives the nodes their exceptions. What the rules are is not known here.
func (f *sourceFile) except(nodes map[*ast.TypeSpec]*directives, lines map[*ast.TypeSpec][]ast.Directive) {
	for spec, list := range lines {
		for _, line := range list {
			d := nodes[spec]
			rule, why := line.Args, ""
			if i := strings.IndexFunc(rule, unicode.IsSpace); i >= 0 {
				rule, why = rule[:i], strings.TrimSpace(rule[i:])
			}
			at := line.ArgsPos
			if !at.IsValid() {
				at = line.Slash
			}
			var wrong string
			switch {
			case d == nil:
				at, wrong = line.Slash, "this struct has no events to except; add "+grammar.Whole+", or remove this line"
			case rule == "":
				wrong = "an exception names a rule and says why; write " + grammar.WholeExcept + " <rule> <why>"
			case why == "":
				at += token.Pos(len(rule))
				wrong = "an exception says why; write " + grammar.WholeExcept + " " + rule + " <why>"
			default:
				d.node.Exceptions = append(d.node.Exceptions, Exception{rule, why, f.position(at)})
				continue
			}
			f.report(at, "%s", wrong)
			if d != nil {
				d.faulty = true
			}
		}
	}
}
