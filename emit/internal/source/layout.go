package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/omninode-ai/onexevents/emit/internal/naming"
)

// jennifer puts a space between the items of a statement, and leaves the rest
// to gofmt, which takes longer than everything before it. What is built in the
// layouts below looks as gofmt would have it, as long as the types in it do.
var (
	tight  = jen.Options{}                     // *T
	dotted = jen.Options{Separator: "."}       // a.b
	apart  = jen.Options{Separator: "\n\n"}    // declarations
	lines  = jen.Options{Separator: "\n"}      // a comment, and what it is about
	rows   = jen.Options{Separator: "\n\t"}    // lines in a declaration
	values = jen.Options{Separator: ",\n\t\t"} // lines in an inner literal

	inList      = jen.Options{Separator: ", "}
	inParens    = jen.Options{Open: "(", Close: ")", Separator: ", "}
	inBrackets  = jen.Options{Open: "[", Close: "]", Separator: ", "}
	inInterface = jen.Options{Open: "interface{ ", Close: " }"}
	onOneLine   = jen.Options{Open: "{ ", Close: " }"}

	// Between the items of these is an empty line, so that changes in neighbours
	// merge.
	definitions  = jen.Options{Open: "(\n\t", Close: "\n)", Separator: "\n\n\t"}
	structure    = jen.Options{Open: "struct {\n\t", Close: "\n}", Separator: "\n\n\t"}
	body         = jen.Options{Open: "{\n\t", Close: "\n}", Separator: "\n\n\t"}
	literal      = jen.Options{Open: "{\n\t", Close: ",\n}", Separator: ",\n\n\t"}
	innerLiteral = jen.Options{Open: "{\n\t\t", Close: ",\n\t}", Separator: ",\n\n\t\t"}
)

// pointer is *t.
func pointer(t jen.Code) *jen.Statement { return jen.Custom(tight, asterisk, t) }

// call is fn(args…), and the head of a function with parameters too.
func call(fn jen.Code, args ...jen.Code) *jen.Statement {
	return jen.Custom(tight, fn, jen.Custom(inParens, args...))
}

// dots is code.name.
func dots(code, name jen.Code) *jen.Statement { return jen.Custom(dotted, code, name) }

// What is the same in all files. It is [jen.Code], to which nothing can be
// added, since all files share it.
var (
	shared = map[string]jen.Code{}

	function jen.Code = jen.Func()
	failure  jen.Code = jen.Error()
	asterisk jen.Code = jen.Op("*")
	ellipsis jen.Code = jen.Op("...")
	noValues jen.Code = jen.Values()
	textList jen.Code = jen.Custom(tight, jen.Index(), jen.String())
	orNone   jen.Code = jen.Custom(dotted, jen.Id("e"), call(jen.Id("orNone")))
	options  jen.Code = jen.Custom(tight, jen.Id("opts"), ellipsis)
)

func init() {
	for _, word := range slices.Concat(naming.Reserved, []string{"Started", "Completed", "Failed"}) {
		shared[word] = jen.Id(word)
	}
}

// id is an identifier.
func id(name string) jen.Code {
	if word, ok := shared[name]; ok {
		return word
	}
	return jen.Id(name)
}

// ids are identifiers for a list.
func ids(names ...string) []jen.Code {
	list := make([]jen.Code, len(names))
	for i, name := range names {
		list[i] = id(name)
	}
	return list
}

// doc is a text as a comment, broken into lines. A line break in the text stays
// one, and a line that begins with a tab stays whole.
func doc(format string, args ...any) jen.Code { return jen.Comment(comment("//", format, args...)) }

// comment breaks a text into lines that begin with slashes, the first one
// without the margin that these may have.
func comment(slashes, format string, args ...any) string {
	const width = 77 // of a line with its slashes
	text := fmt.Sprintf(format, args...)
	var b strings.Builder
	b.Grow(len(text) + len(text)/8 + 8) // with the slashes
	for paragraph := range strings.SplitSeq(text, "\n") {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(slashes)
		if paragraph == "" || strings.HasPrefix(paragraph, "\t") {
			b.WriteString(paragraph)
			continue
		}
		used := len("//")
		for word := range strings.FieldsSeq(paragraph) {
			if used+1+len(word) > width && used > len("//") {
				b.WriteByte('\n')
				b.WriteString(slashes)
				used = len("//")
			}
			b.WriteByte(' ')
			b.WriteString(word)
			used += 1 + len(word)
		}
	}
	return strings.TrimLeft(b.String(), "\t")
}
