package mask

import "strings"

// value is what may be a secret, and how it stands there.
type value struct {
	kind   kind
	bare   bool // its name is one plain word
	spaced bool // there is white space before it, as in a sentence
	quoted bool
	query  bool // it is a parameter of a URL
	timid  bool // its name also means other things
}

// secret tells whether a text is a secret, behind which there is rest.
func (v *value) secret(text, rest string) bool {
	if isPlaceholder(text) {
		return false
	}
	if alphanumeric.in(text) == 0 && inName.in(text) == 0 && (v.kind != sure || len(text) < 4) {
		return false
	}
	word := strings.ToLower(punctuation.trim(text))
	switch {
	case v.kind == hinted && looksChosen(text) && !strings.ContainsAny(text, ":,= "):
		return true
	case v.kind == guess || v.kind == counted || v.kind == hinted:
		if v.query {
			return random(text, 12)
		}
		return random(text, 16) && !isAlgorithm(word) && (!hexadecimal(text) || !v.bare) || isUserAndPassword(text) && len(text) > 8
	case v.spaced && prose[word] || states[word]:
		return false
	case v.timid && !looksChosen(text) && !digit.only(text):
		return false
	case v.quoted:
		return !isSentence(text)
	case v.kind != sure && digit.only(strings.ReplaceAll(text, ".", "")) && strings.Contains(text, "."):
		return false // a version
	case digit.only(text):
		if v.spaced && startsWord(rest) {
			return false
		}
		return v.kind == sure && len(text) > 3 || len(text) > 5
	case isAlgorithm(word):
		return false
	case v.spaced && strings.HasPrefix(rest, ": ") && digit.in(text) == 0 && inName.only(text):
		return false // it says who speaks
	case v.spaced && digit.in(text) == 0 && (strings.HasSuffix(text, "Exception") || strings.HasSuffix(text, "Error")):
		return false
	case text[0] == '(' && lower.only(text[1:]) && startsWord(rest):
		return false
	case v.spaced && isProse(text, rest):
		return false
	case v.spaced && v.kind == likely && v.bare:
		return (digit.in(text) > 0 && digit.in(text) < alphanumeric.in(text) || capital.in(text[1:]) > 0 && lower.in(text) > 0) && !isAddress(text)
	}
	return true
}

var punctuation = setOf("[](){}<>.,;:!?\"'")

// prose are words that tell of a secret instead of being one.
var prose = words(`a an the is are was were be been being has have had do does did not no never cannot can could must should shall may might will would and or nor but if when then than that this these those
	of for from to in on at by with without as it its your my our their his her there here too very so such only also already still yet
	required requires need needs missing expired expires invalid valid incorrect wrong correct unknown unset set empty blank malformed rejected refused denied revoked disabled enabled locked needed
	mismatch mismatched match matches unexpected expected unsupported supported unauthorized forbidden failed failure fails error errors found given provided supplied specified used using use unused
	authentication authorization permission access login logon timeout eof read write dial lookup open connect connection context deadline unable failing reading writing parsing loading getting decoding
	flag option argument value values field fields parameter header name names file files path type kind length size line column position character characters bytes chars string number integer object array boolean list map
	changed reset updated created deleted removed rotated generated stored saved loaded sent received accepted ok okay yes optional mandatory allowed provide enter please check try see contact ask
	ignored skipped hidden masked redacted encrypted hashed insecure weak strong short long old new same different plain plaintext none default admin_only user users account owner policy
	identifier keyword select clause literal operator bearer basic digest negotiate kerberos scram token key credentials credential tokens passwords keys secrets
	bad broken corrupt corrupted duplicate duplicated conflicting inactive active stale fresh pending limited exceeded exhausted leaked compromised unreadable not_found unrecognized illegal undefined null-pointer
	could couldn't can't don't doesn't didn't isn't wasn't won't shouldn't aren't something nothing what which who why how where syntax internal`)

// states are those of them that also stand behind an equals sign.
var states = words(`required missing expired invalid valid incorrect wrong unknown unset set empty blank rejected refused denied revoked disabled enabled failed found present absent ok optional ignored default value`)

// isSentence tells whether a text in quotes says something to people.
func isSentence(text string) bool {
	first, _, ok := strings.Cut(text, " ")
	if !ok || len(text) > 400 {
		return false
	}
	end := text[len(text)-1]
	return (end == '.' || end == '!' || verbs[first]) && proseWords(text, 12) >= 2
}

// verbs begin what a form says of one of its fields.
var verbs = words("is must should cannot can't can may has was are does doesn't isn't needs")

// isProse tells whether a sentence begins with text, which rest goes on with.
func isProse(text, rest string) bool {
	if digit.in(text) > 0 || !startsWord(rest) {
		return false
	}
	rest = rest[:min(len(rest), 200)]
	if n := strings.IndexAny(rest, "\n,;"); n >= 0 {
		rest = rest[:n]
	}
	return inName.only(strings.Trim(text, `'"`)) && proseWords(rest, 5) >= 1
}

// startsWord tells whether rest is a space and a word.
func startsWord(rest string) bool { return len(rest) > 1 && rest[0] == ' ' && lower[rest[1]] }

// proseWords counts those of the first words of a text that sentences have.
func proseWords(text string, most int) int {
	text = text[:min(len(text), 200)]
	n := 0
	for word := range strings.FieldsSeq(text) {
		if most--; most < 0 {
			break
		}
		if prose[strings.ToLower(punctuation.trim(word))] {
			n++
		}
	}
	return n
}

// judge notes a value if it is a secret, and returns where it ends; else 0.
func (m *scanner) judge(from, to int, v value) int {
	if from >= to || !v.secret(m.s[from:to], m.s[to:]) {
		return 0
	}
	m.add(from, to)
	return to
}
