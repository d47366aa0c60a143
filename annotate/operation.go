package annotate

import (
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// cutHead takes the name and the version of an operation apart; a first version
// is 0. fault says what is wrong with them.
func cutHead(head string) (name string, version int, fault string) {
	name, number, later := strings.Cut(head, "@")
	if name == "" && operationFault(number) == "" {
		return "", 0, fmt.Sprintf("%q is not an operation name; write %s", head, number)
	}
	if fault = operationFault(name); fault != "" || !later {
		return name, 0, fault
	}
	version, err := strconv.Atoi(number)
	digits := versionPat.FindStringSubmatch(number)
	switch {
	case err == nil && version > 1 && strconv.Itoa(version) == number && digits != nil:
		return name, version, ""
	case digits != nil && digits[1] != "1":
		fault = "write " + name + "@" + digits[1]
	case digits != nil || err == nil && version == 0:
		fault = "the first has none: write " + name
	default:
		fault = fmt.Sprintf("write %s@2, or %s for the first", name, name)
	}
	return name, 0, fmt.Sprintf("%q is no version of an operation's events; %s", "@"+number, fault)
}

// versionPat matches a version however it may be written.
var versionPat = regexp.MustCompile(`^[vV.]*0*([1-9][0-9]{0,5})(?:\.0+)*$`)

func headFault(head string) string {
	_, _, fault := cutHead(head)
	return fault
}

// operationOf reads an operation, and what stands apart from it but belongs to
// it; it returns the number of these words.
func (d *directives) operationOf(words []grammar.Word) int {
	w, next := words[0], wordAt(words, 1)
	name, isColon := strings.CutSuffix(w.Text, ":")
	d.lists = true
	switch {
	case strings.HasPrefix(next, "@") && strings.Contains(w.Text, "("):
		d.result(words[1].Pos, w.Text, next)
		return 2
	case strings.HasPrefix(next, "@"):
		remedy := "write name@2 without a space"
		if head, _, _ := strings.Cut(w.Text+next, "("); headFault(head) == "" {
			remedy = "write " + w.Text + next
		}
		d.file.report(words[1].Pos, "a space parts this version from its operation; %s", remedy)
		return 2
	case strings.HasPrefix(next, "=") || strings.HasPrefix(next, "(") || grammar.IsArrow(next):
		return d.apart(words)
	case isColon && headFault(name) == "" && looksTyped(next):
		taken, types := 2, next
		if second := wordAt(words, 3); grammar.IsArrow(wordAt(words, 2)) && looksTyped(second) {
			taken, types = 4, types+","+second
		}
		d.file.report(w.Pos+token.Pos(len(name)), "the types of an operation stand in parentheses; %s", written(name+"("+types+")"))
		return taken
	case (w.Text == "state" || w.Text == "metric") && next == "false":
		d.file.report(w.Pos+token.Pos(len(w.Text)), "an option has = behind its name; write %s=false", w.Text)
		return 2
	}
	d.meant(w, next)
	d.operation(w)
	return 1
}

// meant notes an operation that may have been meant as an option, should that be
// missing.
func (d *directives) meant(w grammar.Word, next string) {
	note := func(option string, pos token.Pos, remedy string) {
		if _, ok := d.bare[option]; !ok {
			d.bare[option] = slip{pos, remedy}
		}
	}
	switch end := w.Pos + token.Pos(len(w.Text)); {
	case w.Text == "type" && typeFault(next) == "", w.Text == "service" && next != "" && serviceFault(next) == "":
		note(w.Text, end, "an option has = behind its name; write "+w.Text+"="+next)
	case typeFault(w.Text) == "":
		note("type", w.Pos, "the type of a node is an option; write type="+w.Text)
	}
}

// apart reports an operation whose types stand apart from it, as in x (In),
// x(In) =Out, x(In) -> Out and x(In) (Out).
func (d *directives) apart(words []grammar.Word) int {
	w, taken, rest := words[0], 2, wordAt(words, 1)
	if grammar.IsArrow(rest) {
		taken, rest = 3, rest+wordAt(words, 2)
	}
	taken = min(taken, len(words))
	if strings.Contains(w.Text, "(") {
		d.result(words[1].Pos, w.Text, rest)
		return taken
	}
	if !strings.HasPrefix(rest, "(") {
		name := w.Text
		if headFault(name) != "" {
			name = "name"
		}
		d.file.report(words[1].Pos, "%q is no part of an operation; write the types of %s as in %s(Input,Result)", words[1].Text, w.Text, name)
		return taken
	}
	types, second := w.Text+rest, wordAt(words, taken)
	if result, _ := grammar.SplitResult(second); strings.HasPrefix(second, "(") {
		types, taken = strings.TrimSuffix(types, ")")+","+result+")", taken+1 // x (In) (Out)
	}
	d.file.report(words[1].Pos, "a space parts these types from their operation; %s", written(types))
	return taken
}

// written is the remedy that writes an operation, if it can be written so.
func written(operation string) string {
	head, types, _ := strings.Cut(operation, "(")
	if headFault(head) != "" {
		return "write name(Input,Result) without a space"
	}
	parts := grammar.SplitTypes(strings.TrimSuffix(types, ")"))
	for _, part := range parts {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if _, _, _, what := grammar.GoType(part); what != "" || len(parts) > 2 {
			return "write name(Input,Result) without a space"
		}
	}
	return "write " + operation
}

// result reports, at pos, what stands behind the types of an operation.
func (d *directives) result(pos token.Pos, operation, rest string) {
	head, types, _ := strings.Cut(operation, "(")
	list := types[:grammar.Closing(types)]
	if strings.HasPrefix(rest, "@") && headFault(head+rest) == "" {
		d.file.report(pos, "%q follows the types of %s; %s", rest, head, written(head+rest+"("+list+")"))
		return
	}
	result, arrow := grammar.SplitResult(rest)
	results := grammar.SplitTypes(result)
	if last := len(results) - 1; strings.TrimSpace(results[last]) == "error" {
		results, arrow = results[:last], true // every operation may fail
	}
	result = strings.Join(results, ",")
	another := strings.TrimLeft(rest, ";/|&.+")
	name, _, _ := strings.Cut(another, "(")
	switch {
	case !arrow && headFault(name) == "" && name == rest:
		d.file.report(pos, "%q follows the types of %s; write a space in front of it", rest, head)
	case !arrow && headFault(name) == "":
		whole := written(head + "(" + list + ")")
		if !strings.HasSuffix(whole, ")") {
			whole = "write a space and"
		}
		d.file.report(pos, "%q follows the types of %s; %s %s", rest, head, whole, another)
	case len(grammar.SplitTypes(list)) > 1 || result == "":
		d.file.report(pos, "%q follows the types of %s; %s", rest, head, written(head+"("+list+")"))
	default:
		d.file.report(pos, "%q follows the types of %s; its result stands among them: %s", rest, head, written(head+"("+list+","+result+")"))
	}
}

func (d *directives) operation(w grammar.Word) {
	head, types, typed := strings.Cut(w.Text, "(")
	if inside, ok := grammar.Bracketed(w.Text); ok {
		d.hint(inside)
		d.file.report(w.Pos, "these brackets are no part of a directive; write %s", inside)
		return
	}
	if typed && head == "" {
		d.file.report(w.Pos, "these types belong to no operation; write name(Input,Result)")
		return
	}
	if meant, inside, at, ok := grammar.OtherBrackets(w.Text); ok && headFault(meant) == "" {
		d.file.report(w.Pos+token.Pos(at), "the types of an operation stand in parentheses; %s", written(meant+"("+inside+")"))
		return
	}
	if what := mistakenFor(head); what != "" {
		d.hint(what)
		d.file.report(w.Pos, "%q is not an operation name; write %s", head, what)
		return
	}
	if before, behind, isColon := strings.Cut(w.Text, ":"); isColon && headFault(before) == "" && looksTyped(behind) {
		d.file.report(w.Pos+token.Pos(len(before)), "the types of an operation stand in parentheses; %s", written(before+"("+behind+")"))
		return
	}
	name, version, what := cutHead(head)
	key := "operation " + head
	if what != "" {
		d.hint(w.Text)
		if snake := grammar.SnakeCase(name); operationFault(snake) == "" && snake != name && d.has("operation "+snake) {
			what = fmt.Sprintf("%q is operation %s, which is listed already; remove it", name, snake)
		}
		d.fault(w.Pos, what)
		return
	}
	if d.repeated(key, w.Pos, fmt.Sprintf("operation %q is listed twice", head)) {
		return
	}
	op := Operation{Name: name, Version: version, Pos: d.file.position(w.Pos)}
	if !typed {
		if d.fault(w.Pos, d.file.nameFault("any", 0)) {
			return
		}
		op.Input, op.Result = new(Untyped), new(Untyped)
		d.node.Operations = append(d.node.Operations, op)
		return
	}
	end := grammar.Closing(types)
	at := w.Pos + token.Pos(len(head)+len("("))
	if rest := types[end+1:]; rest != "" {
		d.result(at+token.Pos(end+1), w.Text, rest)
		return
	}
	var ok bool
	if op.Input, op.Result, ok = d.types(head, types[:end], at); ok {
		d.node.Operations = append(d.node.Operations, op)
	}
}

// mistakenFor returns the option that seems to be meant by a word that can be no
// operation, as type=effect by type-effect and state=false by -state, or the
// version, as x@2 by x#2.
func mistakenFor(word string) string {
	if operationFault(word) == "" {
		return ""
	}
	if m := optionLike.FindStringSubmatch(word); m != nil && optionFault(m[1], m[2]) == "" {
		return m[1] + "=" + m[2]
	}
	if m := versionLike.FindStringSubmatch(word); m != nil && headFault(m[1]+"@"+m[2]) == "" {
		return m[1] + "@" + m[2]
	}
	if m := optionOff.FindStringSubmatch(word); m != nil {
		return m[1] + "=false"
	}
	return ""
}

var (
	optionLike  = regexp.MustCompile(`^(type|metric)[^\pL\d=]+(\pL+)$`)
	versionLike = regexp.MustCompile(`^([a-z0-9_]+)[#:/][vV]?([1-9][0-9]*)$`)
	optionOff   = regexp.MustCompile(`^(?:-+|!|no-|without-)(?:no-)?(state|metric)s?(?:-events?)?$`)
)

// types reads what stands between the parentheses of an operation: nothing,
// In, In,Out or ,Out.
func (d *directives) types(head, list string, at token.Pos) (input, result *Type, ok bool) {
	parts := grammar.SplitTypes(list)
	if len(parts) > 2 {
		remedy := "gather them in one type"
		if fewer := signature(parts); fewer != nil {
			remedy = "write " + head + "(" + strings.Join(fewer, ",") + ")"
		}
		d.file.report(at+token.Pos(len(parts[0])+len(parts[1])+2), "%s has more than an input and a result; %s", head, remedy)
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
			t, good := d.part(head, parts, trimmed, at+token.Pos(strings.Index(part, trimmed)))
			*slots[i], ok = &t, ok && good
		}
		at += token.Pos(len(part) + len(","))
	}
	return input, result, ok
}

// part reads one of the types of an operation.
func (d *directives) part(head string, parts []string, src string, at token.Pos) (Type, bool) {
	if isContext(src) && !d.file.declaresType(src) {
		d.file.report(at, "a context goes with every call, and is not listed; write %s(%s)", head, strings.Join(signature(parts), ","))
		return Type{}, false
	}
	if two := grammar.MeantPair(src); len(parts) == 1 && two != "" {
		d.file.report(at, "%q is not a Go type; write %s(%s)", src, head, two)
		return Type{}, false
	}
	return d.file.parseType(src, at)
}

// isContext tells a context among the parameters of a function; alone,
// context.Context may be meant.
func isContext(src string) bool {
	return src == "ctx" || strings.HasSuffix(src, "context.Context") && grammar.MeantType(src) == "context.Context"
}

// signature returns the input and the result among the parameters and results of
// a function, without what every operation has; nil if they are more.
func signature(parts []string) []string {
	var list []string
	for i, part := range parts {
		part = strings.TrimSpace(part)
		if meant := grammar.MeantType(part); meant != "" {
			part = meant
		}
		if part != "ctx" && part != "context.Context" && (part != "error" || i < len(parts)-1) {
			list = append(list, part)
		}
	}
	isNoType := func(src string) bool {
		_, _, _, what := grammar.GoType(src)
		return what != "" && src != ""
	}
	if len(list) > 2 || slices.ContainsFunc(list, isNoType) {
		return nil
	}
	return list
}
