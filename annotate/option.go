package annotate

import (
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/omninode-ai/onexevents/annotate/internal/grammar"
)

// cutOption tells an option from an operation: its first "=" comes before any
// bracket.
func cutOption(text string) (name, value string, ok bool) {
	if i := strings.IndexAny(text, "=([{"); i >= 0 && text[i] == '=' {
		return text[:i], text[i+1:], true
	}
	return "", "", false
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

// key reads a word that is an option, or is written like one.
func (d *directives) key(words []grammar.Word, name, value string) int {
	w, next := words[0], wordAt(words, 1)
	at := w.Pos + token.Pos(len(name)+len("="))
	switch {
	case !slices.Contains(optionNames, name):
		return d.unknown(words, name, value)
	case strings.HasPrefix(value, "="):
		taken, value := 1, strings.TrimLeft(value, "=")
		if value == "" && optionFault(name, next) == "" {
			taken, value = 2, next
		}
		if optionFault(name, value) != "" {
			value = "<value>"
		}
		d.see(name)
		d.file.report(at, "there is one = too many; write %s=%s", name, value)
		return taken
	case name == "state" && d.isStarOf(value, next):
		d.see(name)
		d.file.report(at, "the type of the states has a space in it; write state=%s%s", value, next)
		return 2
	case value == "" && (name == "type" || name == "metric") && optionFault(name, next) == "":
		d.see(name)
		d.file.report(at, "there is a space behind =; write %s=%s without spaces", name, next)
		return 2
	case name == "type" && typeFault(value) == "" && w.After.IsValid() && typeFault(next) == "":
		d.see(name)
		d.file.report(w.After, "a node has one type; write type=%s, or declare two nodes", value)
		return 2
	}
	d.comma(w)
	d.option(name, value, w.Pos)
	return 1
}

func (d *directives) option(name, value string, pos token.Pos) {
	if d.repeated(name, pos, name+" is given twice") {
		return
	}
	at := pos + token.Pos(len(name)+len("="))
	if value == "" {
		d.file.report(at, "%s has no value; write %s=<value> without spaces", name, name)
		return
	}
	if first, rest, several := cutSeparator(value); several && optionFault(name, first) == "" {
		d.hint(value)
		if second, _, _ := strings.Cut(rest, " "); name == "type" && typeFault(second) == "" {
			d.file.report(at, "a node has one type; write type=%s, or declare two nodes", first)
			return
		}
		d.lists = d.lists || optionIn.FindStringIndex(rest) == nil
		d.file.report(at+token.Pos(len(first)), "words are separated by spaces; write %s=%s %s", name, first, rest)
		return
	}
	switch name {
	case "type":
		d.node.Type = value
		d.fault(at, typeFault(value))
	case "service":
		d.node.Service, d.node.ServicePos = value, d.file.position(at)
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

// cutSeparator cuts text at what other languages have between words.
func cutSeparator(text string) (first, rest string, ok bool) {
	i := strings.IndexAny(text, ";&|")
	if i < 0 {
		return text, "", false
	}
	rest = strings.Join(strings.FieldsFunc(text[i:], func(r rune) bool { return strings.ContainsRune(";&|", r) }), " ")
	return text[:i], rest, rest != ""
}

// unknown reports a word that is written like an option.
func (d *directives) unknown(words []grammar.Word, name, value string) int {
	w, taken := words[0], 1
	meant := grammar.Nearest(name, optionNames)
	if meant == "" {
		meant = meantOption(name, value)
	}
	types := strings.TrimSuffix(strings.TrimPrefix(value, "("), ")")
	if second := wordAt(words, 1); w.After.IsValid() && looksTyped(second) {
		types, taken = types+","+second, 2
	}
	switch {
	case headFault(name) == "" && looksTyped(types) && (meant == "" || strings.HasPrefix(value, "(")):
		d.lists = true
		d.file.report(w.Pos+token.Pos(len(name)), "the types of an operation stand in parentheses; %s", written(name+"("+types+")"))
		return taken
	case meant == "" && slices.Contains([]string{"op", "ops", "operation", "operations"}, name):
		d.lists = true
		d.file.report(w.Pos, "operations stand by themselves; %s", written(value))
		return 1
	}
	d.comma(w)
	remedy := "write one of " + strings.Join(optionNames, ", ")
	if meant != "" {
		d.see(meant)
		remedy = "did you mean " + meant + "?"
	}
	d.file.report(w.Pos, "unknown option %q; %s", name, remedy)
	if meant == "type" || meant == "service" {
		d.fault(w.Pos+token.Pos(len(name)+len("=")), optionFault(meant, value))
	}
	return 1
}

// meantOption guesses which option somebody gives another name: by its value, or
// because the name has the option's in it, or is short for it.
func meantOption(name, value string) string {
	lower := strings.ToLower(name)
	for _, option := range optionNames {
		short := len(lower) > 1 && lower[0] == option[0] && isSubsequence(lower, option)
		if strings.Contains(lower, option) || short || option == "type" && typeFault(value) == "" {
			return option
		}
	}
	return ""
}

// isSubsequence tells whether the letters of a are in b, in their order.
func isSubsequence(a, b string) bool {
	for _, r := range a {
		_, rest, found := strings.Cut(b, string(r))
		if !found {
			return false
		}
		b = rest
	}
	return true
}

// looksTyped tells a list of types that nobody would take for values.
func looksTyped(list string) bool {
	if _, _, _, what := grammar.GoType("func(" + list + ")"); what != "" || list == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(list)
	return unicode.IsUpper(first) || strings.ContainsAny(list, "*[.") || isGoType(list)
}

// keyApart reports a word with a space between it and "=".
func (d *directives) keyApart(words []grammar.Word) int {
	name, taken, value := words[0].Text, 2, strings.TrimPrefix(words[1].Text, "=")
	if second := wordAt(words, 2); value == "" && second != "" && !strings.ContainsAny(second, "=(") {
		taken, value = 3, second
	}
	if meant := grammar.Nearest(name, optionNames); meant == "" && operationFault(name) == "" && looksTyped(value) {
		d.lists = true
		d.file.report(words[1].Pos, "the types of an operation stand in parentheses; %s", written(name+"("+value+")"))
		return taken
	}
	if meant := grammar.Nearest(name, optionNames); meant != "" {
		name = meant
	}
	d.see(name)
	d.lists = true // it may have been one
	remedy := "<option>=<value>"
	if slices.Contains(optionNames, name) && optionFault(name, value) == "" {
		remedy = name + "=" + value
	}
	d.file.report(words[1].Pos, "there is a space in front of =; write %s without spaces", remedy)
	return taken
}

// colon reports an option that is written as key:value.
func (d *directives) colon(pos token.Pos, name, value string, words []grammar.Word) int {
	taken := 1
	value = strings.TrimPrefix(value, "=")
	if next := wordAt(words, 1); value == "" && optionFault(name, next) == "" {
		taken, value = 2, next
	}
	remedy := name + "=<value>"
	if optionFault(name, value) == "" {
		remedy = name + "=" + value
	}
	d.see(name)
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
		if op, _, _ := strings.Cut(w.Text, "("); headFault(op) == "" {
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
		d.see(name)
		if whole && remedy != "a value without quotes and spaces" {
			remedy = name + "=" + remedy
		}
	}
	d.file.report(w.Quote, "nothing is quoted in a directive; write %s", remedy)
}

func (d *directives) state(value string, at token.Pos) {
	switch value {
	case "false":
		d.node.NoState = true
	case "true":
		d.file.report(at, "a node has a state event unless state=false; remove the option, or write the type of its states")
	default:
		if slices.Contains(d.file.typeParamNames, value) {
			d.node.State, _ = d.file.parseType(value, at)
			return
		}
		if noState(value) && !d.file.declaresType(value) {
			d.file.report(at, "there is no type %s; write state=false if the node has no state event", value)
			return
		}
		if t, ok := d.file.parseType(value, at); ok {
			needsString, what := stateFault(t, d.file.declared())
			if d.fault(at, what) {
				return
			}
			d.node.State, d.node.StateNeedsString = t, needsString
		}
	}
}

// isStarOf tells a value that is a type of states only together with the next
// word.
func (d *directives) isStarOf(value, next string) bool {
	if value == "" || next == "" {
		return false
	}
	_, _, _, alone := grammar.GoType(value)
	_, _, _, together := grammar.GoType(value + next)
	_, fault := stateFault(Type{Source: value + next}, d.file.declared())
	return alone != "" && together == "" && fault == ""
}
