package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

var optionNames = []string{"type", "service", "state", "metric"}

// directives reads the directives of one struct, in order, into its node.
type directives struct {
	file  *sourceFile
	node  *Node
	at    token.Pos            // of the first of them
	first map[string]token.Pos // where an option or an operation came first
	lists bool                 // any operation, be it a wrong one

	faulty bool // something was reported
}

// read adds what one directive says.
func (d *directives) read(dir ast.Directive) {
	words := grammar.SplitWords(dir.Args, dir.ArgsPos, d.file.report)
	for i, w := range words {
		name, value, isOption := cutOption(w.Text)
		switch {
		case w.Broken && isOption:
			d.first[name] = w.Pos
		case w.Broken:
			d.lists = true
		case isOption && name == "":
			d.file.report(w.Pos, "there is a space in front of =; write key=value without spaces")
		case isOption:
			d.comma(w)
			d.option(name, value, w.Pos)
		case i+1 < len(words) && strings.HasPrefix(words[i+1].Text, "="):
			d.first[w.Text] = w.Pos // an option, of which the next word is reported
		default:
			d.operation(w)
		}
	}
}

// finish reports what the directives of the struct have not said.
func (d *directives) finish() {
	if !d.has("type") {
		d.file.report(d.at, "type is missing; add type=%s", strings.Join(NodeTypes, "|"))
	}
	if !d.has("service") {
		d.file.report(d.at, "service is missing; add service=<the service that the node belongs to>")
	}
	if !d.lists {
		d.file.report(d.at, "no operation is listed; add at least one, such as process or stamp(Request,Result)")
	}
}

func (d *directives) has(key string) bool { _, ok := d.first[key]; return ok }

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

// cutOption tells an option from an operation: its first "=" comes before any
// bracket.
func cutOption(text string) (name, value string, ok bool) {
	if i := strings.IndexAny(text, "=([{"); i >= 0 && text[i] == '=' {
		return text[:i], text[i+1:], true
	}
	return "", "", false
}

func (d *directives) option(name, value string, pos token.Pos) {
	if !slices.Contains(optionNames, name) {
		d.file.report(pos, "unknown option %q; %s", name, grammar.DidYouMean(name, optionNames))
		return
	}
	if d.repeated(name, pos, name+" is given twice") {
		return
	}
	at := pos + token.Pos(len(name)+len("="))
	if value == "" {
		d.file.report(at, "%s has no value; write %s=<value> without spaces", name, name)
		return
	}
	switch name {
	case "type":
		d.node.Type = value
		d.fault(at, typeFault(value))
	case "service":
		d.node.Service = value
		d.fault(at, serviceFault(value))
	case "state":
		d.state(value, at)
	case "metric":
		if value != "false" {
			d.file.report(at, "metric is false or not there at all; write metric=false or remove the option")
			return
		}
		d.node.NoMetric = true
	}
}

func (d *directives) state(value string, at token.Pos) {
	switch value {
	case "false":
		d.node.NoState = true
	case "true":
		d.file.report(at, "a node has a state event unless state=false; remove the option, or write the type of its states")
	default:
		if t, ok := d.file.parseType(value, at); ok {
			d.node.State = t
		}
	}
}

func (d *directives) operation(w grammar.Word) {
	d.lists = true
	name, types, typed := strings.Cut(w.Text, "(")
	if typed && name == "" {
		d.file.report(w.Pos, "these types belong to no operation; write name(Input,Result) without a space")
		return
	}
	if d.fault(w.Pos, operationFault(name)) {
		return
	}
	if d.repeated("operation "+name, w.Pos, fmt.Sprintf("operation %q is listed twice", name)) {
		return
	}
	op := Operation{Name: name, Pos: d.file.position(w.Pos)}
	if !typed {
		if d.fault(w.Pos, d.file.nameFault("any")) {
			return
		}
		op.Input, op.Result = new(Untyped), new(Untyped)
		d.node.Operations = append(d.node.Operations, op)
		return
	}
	end := grammar.Closing(types)
	at := w.Pos + token.Pos(len(name)+len("("))
	if rest := types[end+1:]; rest != "" {
		d.file.report(at+token.Pos(end+1), "%q follows the types of %s; separate operations by spaces", rest, name)
		return
	}
	var ok bool
	if op.Input, op.Result, ok = d.types(name, types[:end], at); ok {
		d.node.Operations = append(d.node.Operations, op)
	}
}

// types reads what stands between the parentheses of an operation: nothing,
// In, In,Out or ,Out.
func (d *directives) types(name, list string, at token.Pos) (input, result *Type, ok bool) {
	parts := grammar.SplitTypes(list)
	if len(parts) > 2 {
		d.file.report(at+token.Pos(len(parts[0])+len(parts[1])+2), "%s has more than an input and a result; gather them in one type", name)
		return nil, nil, false
	}
	if len(parts) == 2 && strings.TrimSpace(parts[1]) == "" {
		d.file.report(at+token.Pos(len(parts[0])), "nothing follows this comma; remove it, or name the result")
		return nil, nil, false
	}
	ok = true
	slots := []**Type{&input, &result}
	for i, part := range parts {
		if trimmed := strings.TrimSpace(part); trimmed != "" {
			t, good := d.file.parseType(trimmed, at+token.Pos(strings.Index(part, trimmed)))
			*slots[i], ok = &t, ok && good
		}
		at += token.Pos(len(part) + len(","))
	}
	return input, result, ok
}
