package emit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// A generated file is guarded against edits in parts: all that there is for one
// operation, wherever in the file, is a part, and what belongs to no operation
// is one more. The checksum of a part stands in the doc comment of the method
// that it has its name from, and so whatever merges in the parts merges in
// their checksums too.
const (
	sumPrefix = "//onexevents:sum "

	// lastLine shows that the file is whole.
	lastLine = "// An edit of the lines above shows in their checksums."
)

// sealed adds to src the checksums of its parts, and the last line.
func sealed(src string) []byte {
	lines := append(strings.Split(strings.TrimRight(src, "\n"), "\n"), "")
	p := partsOf(lines)
	var out bytes.Buffer
	out.Grow(len(src) + 64*(len(p.sums)+2))
	for i, line := range lines {
		if owner, ok := p.seats[i]; ok {
			fmt.Fprintf(&out, "//\n%s%s\n", sumPrefix, p.sum(owner))
		}
		out.WriteString(line)
		out.WriteByte('\n')
	}
	fmt.Fprintf(&out, "%s\n", lastLine)
	return out.Bytes()
}

// IsEdited tells whether somebody has changed a generated file since it was
// written. Line ends do not count, nor what stands in front of the header, and
// neither does what a merge or a crash leaves behind: without its last line, or
// with conflict markers in it, a file is not edited but damaged.
func IsEdited(src []byte) bool {
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	for line := range bytes.Lines(src) {
		if isConflictMarker(string(line)) {
			return false
		}
	}
	_, own := CutHeader(src)
	whole, after, found := strings.Cut(string(own), "\n"+lastLine+"\n")
	if !found {
		return false
	}
	if strings.TrimSpace(after) != "" {
		return true
	}
	lines, written := withoutSums(strings.Split(whole, "\n"))
	p := partsOf(lines)
	for i, owner := range p.seats {
		if written[i] != p.sum(owner) {
			return true
		}
	}
	return len(written) != len(p.seats)
}

// withoutSums takes the checksums out, and returns them by the number of the
// line in front of which they stood.
func withoutSums(lines []string) (rest []string, sums map[int]string) {
	sums = map[int]string{}
	for _, line := range lines {
		if sum, ok := strings.CutPrefix(line, sumPrefix); ok && len(rest) > 0 && rest[len(rest)-1] == "//" {
			rest = rest[:len(rest)-1]
			sums[len(rest)] = sum
			continue
		}
		rest = append(rest, line)
	}
	return rest, sums
}

// parts are the parts of a file, by the method that each has its name from; ""
// is what they have in common.
type parts struct {
	owners   map[string]string          // by identifier
	sums     map[string]*sum            // by part
	imported map[string]bool            // the names of the imports
	uses     map[string]map[string]bool // the parts that use an import
	seats    map[int]string             // the parts whose checksum stands in front of a line
}

func (p *parts) sum(part string) string { return fmt.Sprintf("%016x", uint64(*p.sums[part])) }

// sum is a checksum (FNV-1a) against accidents, not against attacks.
type sum uint64

func newSum() *sum {
	s := sum(14695981039346656037)
	return &s
}

// text adds a text.
func (s *sum) text(text string) {
	sofar := *s
	for i := range len(text) {
		sofar = (sofar ^ sum(text[i])) * 1099511628211
	}
	*s = sofar
}

// line adds a line.
func (s *sum) line(text string) {
	s.text(text)
	s.text("\n")
}

// partsOf takes a file apart. A method belongs to its part with its comment; of
// what the parts share, the list of constants for one, each line by itself, and
// a type with the comment above it.
func partsOf(lines []string) *parts {
	p := &parts{owners: map[string]string{}, sums: map[string]*sum{"": newSum()}, uses: map[string]map[string]bool{}, imported: map[string]bool{}, seats: map[int]string{}}
	for _, line := range lines {
		p.learn(line)
	}
	imports := importLines(lines)
	for _, line := range imports {
		p.imported[importName(line)] = true
	}
	for start := 0; start < len(lines); {
		end := start + 1
		for end < len(lines) && !beginsDeclaration(lines, end) {
			end++
		}
		declaration := lines[start:end]
		if !strings.HasPrefix(declaration[0], "import ") {
			p.declaration(declaration, start)
		}
		start = end
	}
	for _, line := range imports {
		p.importLine(line)
	}
	return p
}

// beginsDeclaration tells whether a line is the first of a declaration, or of
// its comment: it is not indented, and an empty line is in front of it.
func beginsDeclaration(lines []string, i int) bool {
	return lines[i-1] == "" && lines[i] != "" && !strings.ContainsAny(lines[i][:1], "\t)}")
}

// learn notes the identifiers of a part, if line is the method that gives the
// part its name.
func (p *parts) learn(line string) {
	receiver, method, ok := methodIn(line)
	if !ok {
		return
	}
	constants := strings.TrimSuffix(receiver, "Events") + "Event"
	operation, isRun := strings.CutPrefix(method, "Run")
	switch {
	case isRun:
		for _, name := range []string{method, "op" + operation} {
			p.owners[name] = method
		}
		for _, stage := range naming.Stages {
			p.event(constants, operation+stage.GoName, method)
		}
	case method == "PublishStateChanged", method == "PublishMetricRecorded":
		p.event(constants, strings.TrimPrefix(method, "Publish"), method)
	default:
		return
	}
	p.sums[method] = newSum()
}

// event notes that the identifiers of an event are of a part.
func (p *parts) event(constants, name, part string) {
	constant := constants + name
	p.owners["Publish"+name], p.owners[constant], p.owners[naming.Constant2(constant)] = part, part, part
}

// methodIn returns the names in the first line of a method.
func methodIn(line string) (receiver, method string, ok bool) {
	rest, ok := strings.CutPrefix(line, "func (e *")
	if !ok {
		return "", "", false
	}
	receiver, rest, ok = strings.Cut(rest, ") ")
	if !ok {
		return "", "", false
	}
	receiver, _, _ = strings.Cut(receiver, "[")
	method, _, ok = strings.Cut(rest, "(")
	return receiver, method, ok
}

// declaration adds the lines of a declaration, which begins at line start of
// the file, to their parts.
func (p *parts) declaration(lines []string, start int) {
	for i, line := range lines {
		_, method, ok := methodIn(line)
		owner, owned := p.owners[method]
		if !ok || !owned {
			if strings.HasPrefix(line, guardLine) {
				p.seats[start+i] = ""
			}
			continue
		}
		if method == owner {
			p.seats[start+i] = owner
		}
		for _, line := range lines {
			p.add(owner, line)
		}
		return
	}
	owner, gap := "", ""
	if start > 0 {
		gap = "\n"
	}
	for _, line := range lines {
		text := strings.TrimLeft(line, "\t")
		mentioned, found := p.mentioned(text)
		switch {
		case line == "":
			owner, gap = "", gap+"\n"
			continue
		case found:
			owner = mentioned
		case !strings.HasPrefix(text, "// ") && !strings.HasPrefix(text, "_ "): // a comment goes on
			owner = ""
		}
		p.sums[owner].text(gap)
		p.add(owner, line)
		gap = ""
	}
}

// guardLine begins the line whose comment holds the checksum of what the parts
// have in common.
const guardLine = "const _ = "

// mentioned returns the part that the first identifier of a part in text is of.
func (p *parts) mentioned(text string) (string, bool) {
	for word := range words(text) {
		if owner, ok := p.owners[word]; ok {
			return owner, true
		}
	}
	return "", false
}

// words goes through the words of a line.
func words(text string) func(yield func(string) bool) {
	return strings.FieldsFuncSeq(text, func(r rune) bool { return r < 0x80 && !isWordByte(byte(r)) })
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// add adds a line to a part, and notes what may be the packages in it.
func (p *parts) add(part, line string) {
	p.sums[part].line(line)
	for rest := line; ; {
		before, after, found := strings.Cut(rest, ".")
		if !found {
			return
		}
		rest = after
		start := len(before)
		for start > 0 && (before[start-1] >= 0x80 || isWordByte(before[start-1])) {
			start--
		}
		if name := before[start:]; name != "" && p.imported[name] {
			if p.uses[name] == nil {
				p.uses[name] = map[string]bool{}
			}
			p.uses[name][part] = true
		}
	}
}

// importLine adds an import to the parts that use it.
func (p *parts) importLine(line string) {
	users := p.uses[importName(line)]
	if len(users) == 0 {
		users = map[string]bool{"": true}
	}
	for part := range users {
		p.sums[part].line(line)
	}
}

// importLines returns the imports of a file, each without space around it.
func importLines(lines []string) (imports []string) {
	start := slices.Index(lines, "import (") + 1
	if start == 0 {
		return nil
	}
	for _, line := range lines[start:] {
		if line == ")" {
			break
		}
		if text := strings.TrimSpace(line); text != "" {
			imports = append(imports, text)
		}
	}
	return imports
}

func importName(line string) string {
	if name, _, named := strings.Cut(line, " "); named {
		return name
	}
	return strings.Trim(line[strings.LastIndexByte(line, '/')+1:], `"`)
}
