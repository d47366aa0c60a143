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
	lost  bool                 // not all was understood

	faulty bool // something was reported
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
	w := words[0]
	next := func(i int) string {
		if i < len(words) && !words[i].Broken {
			return words[i].Text
		}
		return ""
	}
	name, value, isOption := cutOption(w.Text)
	colon, behind, hasColon := strings.Cut(w.Text, ":")
	switch {
	case w.Broken && isOption, w.Broken && slices.Contains(optionNames, name):
		d.see(name, w.Pos)
	case w.Broken:
		d.lists = true
	case w.Quote.IsValid():
		d.quoted(w, name, value, isOption)
	case hasColon && slices.Contains(optionNames, colon):
		return d.colon(w.Pos, colon, behind, words)
	case isOption && name == "":
		d.file.report(w.Pos, "there is nothing in front of =; write key=value without spaces")
	case isOption && name == "state" && isStarOf(value, next(1)):
		d.see(name, w.Pos)
		d.file.report(w.Pos+token.Pos(len(name)+len("=")), "the type of the states has a space in it; write state=%s%s", value, words[1].Text)
		return 2
	case isOption:
		d.comma(w)
		d.option(name, value, w.Pos)
	case strings.HasPrefix(next(1), "=") && !strings.Contains(w.Text, "("):
		d.see(w.Text, w.Pos) // an option
		taken, value := 2, strings.TrimPrefix(next(1), "=")
		if value == "" && next(2) != "" && !strings.ContainsAny(next(2), "=(") {
			taken, value = 3, next(2)
		}
		remedy := "key=value"
		if slices.Contains(optionNames, w.Text) && optionFault(w.Text, value) == "" {
			remedy = w.Text + "=" + value
		}
		d.file.report(words[1].Pos, "there is a space in front of =; write %s without spaces", remedy)
		return taken
	case strings.HasPrefix(next(1), "=") || strings.HasPrefix(next(1), "(") || grammar.IsArrow(next(1)):
		return d.apart(words, next)
	default:
		d.operation(w)
	}
	return 1
}

// apart reports an operation whose types stand apart from it, as in x (In),
// x(In) =Out, x(In) -> Out and x(In) (Out).
func (d *directives) apart(words []grammar.Word, next func(int) string) int {
	d.lists = true
	w, taken, rest := words[0], 2, next(1)
	if grammar.IsArrow(rest) {
		taken, rest = 3, rest+next(2)
	}
	taken = min(taken, len(words))
	if !strings.Contains(w.Text, "(") {
		if strings.HasPrefix(rest, "(") {
			d.file.report(words[1].Pos, "a space parts these types from their operation; %s", written(w.Text+rest))
		} else {
			d.file.report(words[1].Pos, "%q is no part of an operation; write the types of %s as in %s(Input,Result)", next(1), w.Text, name(w.Text))
		}
		return taken
	}
	d.result(words[1].Pos, w.Text, rest)
	return taken
}

// name is an operation's name that can be written: the one that is meant.
func name(text string) string {
	if operationFault(text) == "" {
		return text
	}
	return "name"
}

// written is the remedy that writes an operation, if it can be written so.
func written(operation string) string {
	name, types, _ := strings.Cut(operation, "(")
	if name == "" || operationFault(name) != "" {
		return "write name(Input,Result) without a space"
	}
	for _, part := range grammar.SplitTypes(strings.TrimSuffix(types, ")")) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if _, _, _, what := grammar.GoType(part); what != "" {
			return "write name(Input,Result) without a space"
		}
	}
	return "write " + operation
}

// result reports, at pos, what stands behind the types of an operation.
func (d *directives) result(pos token.Pos, operation, rest string) {
	name, types, _ := strings.Cut(operation, "(")
	list := types[:grammar.Closing(types)]
	result, arrow := grammar.SplitResult(rest)
	parts := grammar.SplitTypes(list)
	switch {
	case !arrow && operationFault(result) == "":
		d.file.report(pos, "%q follows the types of %s; write a space in front of it", rest, name)
	case len(parts) > 1 || result == "":
		d.file.report(pos, "%q follows the types of %s; write %s(%s)", rest, name, name, list)
	default:
		d.file.report(pos, "%q follows the types of %s; its result stands among them: %s", rest, name, written(name+"("+list+","+result+")"))
	}
}

// see notes an option that cannot be read, so that it is not missing too.
func (d *directives) see(option string, pos token.Pos) {
	if _, ok := d.first[option]; !ok {
		d.first[option] = pos
	}
}

// isStarOf tells a value that is a type only together with the next word.
func isStarOf(value, next string) bool {
	if value == "" || next == "" {
		return false
	}
	_, _, _, alone := grammar.GoType(value)
	_, _, _, together := grammar.GoType(value + next)
	return alone != "" && together == ""
}

// colon reports an option that is written as key:value.
func (d *directives) colon(pos token.Pos, name, value string, words []grammar.Word) int {
	taken := 1
	value = strings.TrimPrefix(value, "=")
	if value == "" && len(words) > 1 && optionFault(name, words[1].Text) == "" {
		taken, value = 2, words[1].Text
	}
	remedy := name + "=<value>"
	if optionFault(name, value) == "" {
		remedy = name + "=" + value
	}
	d.see(name, pos)
	d.file.report(pos+token.Pos(len(name)), "an option has = behind its name; write %s", remedy)
	return taken
}

// quoted reports a word with quotes.
func (d *directives) quoted(w grammar.Word, name, value string, isOption bool) {
	remedy := "a value without quotes and spaces"
	whole := w.Quote == w.Pos
	switch {
	case !isOption:
		d.lists = true
		remedy = "lower-case words joined by _, without quotes and spaces"
		if op, _, _ := strings.Cut(w.Text, "("); operationFault(op) == "" {
			remedy = w.Text
		}
	case !slices.Contains(optionNames, name):
	case optionFault(name, value) == "":
		remedy = value
	case name == "service" && serviceFault(strings.ToLower(value)) == "":
		remedy = strings.ToLower(value)
	case name == "type" && typeFault(strings.ToLower(value)) == "":
		remedy = strings.ToLower(value)
	}
	if isOption {
		d.see(name, w.Pos)
		if whole && remedy != "a value without quotes and spaces" {
			remedy = name + "=" + remedy
		}
	}
	d.file.report(w.Quote, "nothing is quoted in a directive; write %s", remedy)
}

// optionFault is about an option whose value stands somewhere else than it
// should.
func optionFault(name, value string) string {
	switch name {
	case "type":
		return typeFault(value)
	case "service":
		return serviceFault(value)
	case "metric":
		if value != "false" {
			return "metric is false"
		}
		return ""
	default:
		_, _, _, what := grammar.GoType(value)
		return what
	}
}

// finish reports what the directives of the struct have not said, unless what
// they say was not understood.
func (d *directives) finish() {
	if d.lost {
		return
	}
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
		if meant := grammar.Nearest(name, optionNames); meant != "" {
			d.see(meant, pos)
		}
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
			needsString, what := stateFault(t, d.file.declared())
			if slices.Contains(d.file.typeParamNames, value) {
				needsString, what = false, ""
			}
			if d.fault(at, what) {
				return
			}
			d.node.State, d.node.StateNeedsString = t, needsString
		}
	}
}

func (d *directives) operation(w grammar.Word) {
	d.lists = true
	name, types, typed := strings.Cut(w.Text, "(")
	if typed && name == "" {
		d.file.report(w.Pos, "these types belong to no operation; write name(Input,Result)")
		return
	}
	if what := operationFault(name); what != "" {
		if snake := grammar.SnakeCase(name); operationFault(snake) == "" && d.has("operation "+snake) {
			what = fmt.Sprintf("%q is operation %s, which is listed already; remove it", name, snake)
		}
		d.fault(w.Pos, what)
		return
	}
	if d.repeated("operation "+name, w.Pos, fmt.Sprintf("operation %q is listed twice", name)) {
		return
	}
	op := Operation{Name: name, Pos: d.file.position(w.Pos)}
	if !typed {
		if d.fault(w.Pos, d.file.nameFault("any", 0)) {
			return
		}
		op.Input, op.Result = new(Untyped), new(Untyped)
		d.node.Operations = append(d.node.Operations, op)
		return
	}
	end := grammar.Closing(types)
	at := w.Pos + token.Pos(len(name)+len("("))
	if rest := types[end+1:]; rest != "" {
		d.result(at+token.Pos(end+1), w.Text, rest)
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
