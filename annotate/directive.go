package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate/internal/golist"
	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

var optionNames = []string{"type", "service", "state", "metric"}

// directives reads the directives of one struct, in order, into its node.
type directives struct {
	file  *sourceFile
	node  *Node
	at    token.Pos            // of the first of them
	first map[string]token.Pos // where an option or an operation came first
	seen  map[string]bool      // the options that are there, but cannot be read
	bare  map[string]slip      // what may have been meant as an option
	lists bool                 // any operation, be it a wrong one
	lost  bool                 // not all was understood

	faulty bool // something was reported
}

// slip is a word that may have been meant as another.
type slip struct {
	pos    token.Pos
	remedy string
}

// read adds what one directive says.
func (d *directives) read(dir ast.Directive) {
	words, lost := grammar.SplitWords(dir.Args, dir.ArgsPos, d.file.report)
	d.lost = d.lost || lost
	for len(words) > 0 {
		words = words[d.word(words):]
	}
}

// word reads the first of words, and returns how many belong to it.
func (d *directives) word(words []grammar.Word) int {
	w, next := words[0], wordAt(words, 1)
	name, value, isOption := cutOption(w.Text)
	colon, behind, hasColon := strings.Cut(w.Text, ":")
	switch {
	case w.Broken:
		d.hint(w.Text)
		d.lists = d.lists || !isOption && !slices.Contains(optionNames, name)
	case w.Quote.IsValid():
		d.quoted(w, name, value, isOption)
	case hasColon && slices.Contains(optionNames, colon):
		return d.colon(w.Pos, colon, behind, words)
	case isOption && name == "":
		d.lists = true // it may have been one
		d.hint(value)
		head, _, _ := strings.Cut(value, "(")
		remedy := "write <option>=<value> without spaces"
		if name, _, isOption := cutOption(value); slices.Contains(optionNames, name) || !isOption && headFault(head) == "" {
			remedy = "remove it"
		}
		d.file.report(w.Pos, "there is nothing in front of =; %s", remedy)
	case isOption:
		return d.key(words, name, value)
	case strings.HasPrefix(next, "=") && !strings.HasPrefix(next, "=>") && !strings.Contains(w.Text, "("):
		return d.keyApart(words)
	default:
		return d.operationOf(words)
	}
	return 1
}

// wordAt returns the text of a word, "" if there is none that can be read.
func wordAt(words []grammar.Word, i int) string {
	if i < len(words) && !words[i].Broken {
		return words[i].Text
	}
	return ""
}

// see notes an option that cannot be read, so that it is not missing too.
func (d *directives) see(option string) { d.seen[option] = true }

// hint notes the options in a text that cannot be read, and that behind one of
// them may be operations.
func (d *directives) hint(text string) {
	for _, m := range optionIn.FindAllStringSubmatchIndex(text, -1) {
		d.see(text[m[2]:m[3]])
		d.lists = d.lists || strings.ContainsAny(text[m[1]:], " ;&|,")
	}
}

var optionIn = regexp.MustCompile(`\b(type|service|state|metric)\s*[=:]`)

// finish reports what the directives of the struct have not said, unless what
// they say was not understood.
func (d *directives) finish() {
	if d.lost {
		return
	}
	for _, missing := range []struct{ option, remedy string }{
		{"type", "add type=" + strings.Join(NodeTypes, "|")},
		{"service", "add service=<the service that the node belongs to>"},
	} {
		meant, ok := d.bare[missing.option]
		switch {
		case d.has(missing.option):
		case ok:
			d.file.report(meant.pos, "%s", meant.remedy)
		default:
			d.file.report(d.at, "%s is missing; %s", missing.option, missing.remedy)
		}
	}
	if !d.lists {
		d.file.report(d.at, "no operation is listed; add at least one, such as process or stamp(Request,Result)")
	}
}

func (d *directives) has(key string) bool {
	_, ok := d.first[key]
	return ok || d.seen[key]
}

// fault reports what is wrong at pos, if anything is.
func (d *directives) fault(pos token.Pos, what string) bool {
	if what != "" {
		d.file.report(pos, "%s", what)
	}
	return what != ""
}

// repeated notes where key comes first, and reports it if it has come before.
func (d *directives) repeated(key string, pos token.Pos, what string) bool {
	if first, ok := d.first[key]; ok {
		d.file.report(pos, "%s (first at %s); remove one", what, d.file.shortPos(first))
		return true
	}
	d.first[key] = pos
	return false
}

// comma reports the commas around an option: they stand between operations.
func (d *directives) comma(w grammar.Word) {
	for _, pos := range []token.Pos{w.Before, w.After} {
		if pos.IsValid() {
			d.file.report(pos, "a comma stands between operations only; write a space")
		}
	}
}

// ParseDirective returns a node of what may stand behind //onex:operations, as
// in a file with these imports that declares nothing else: a struct called Node
// in a package of that name. Places in it, and in what is wrong, are columns of
// args, in line 1 of no file.
func ParseDirective(args string, imports ...Import) (*Node, error) {
	args = strings.NewReplacer("\n", " ", "\r", " ").Replace(args) // each has its place
	var src strings.Builder
	src.WriteString("package node\n\n")
	for _, i := range imports {
		fmt.Fprintf(&src, "import %s %q\n", i.Name, i.Path)
	}
	start := grammar.Whole + " "
	fmt.Fprintf(&src, "\n%s%s\ntype Node struct{}\n", start, args)
	none := func() declared { return declared{names: map[string][]Declaration{}, indexes: map[string]*index{}} }
	nodes, diags := readNodes("", []byte(src.String()), &scope{names: &golist.Names{}, declared: none})
	inArgs := func(pos *token.Position) {
		*pos = token.Position{Line: 1, Column: max(1, pos.Column-len(start))}
	}
	for i := range diags {
		inArgs(&diags[i].Pos)
		diags[i].Message = elsewhere.ReplaceAllString(diags[i].Message, "")
	}
	if len(nodes) == 0 {
		return nil, diags.Err()
	}
	n := nodes[0]
	for _, pos := range []*token.Position{&n.Pos, &n.DirectivePos, &n.ServicePos} {
		inArgs(pos)
	}
	for i := range n.Operations {
		inArgs(&n.Operations[i].Pos)
	}
	return n, diags.Err()
}

// elsewhere matches where a message points at another place in a file without a
// name.
var elsewhere = regexp.MustCompile(` \(first at \.:\d+:\d+\)`)
