package page

import (
	"go/doc/comment"
	"strings"
)

// markup is HTML. A constant is markup as it stands; any other string becomes
// markup by text or attr, so that nothing from source ever means anything.
type markup string

var (
	inText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\x00", "\uFFFD")
	inAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\x00", "\uFFFD", `"`, "&quot;")
)

func text(s string) markup { return markup(inText.Replace(s)) }

// attr is an attribute, for the second argument of tag.
func attr(name markup, value string) markup {
	return " " + name + `="` + markup(inAttr.Replace(value)) + `"`
}

func class(name string) markup { return attr("class", name) }

// tag is an element.
func tag(name, attributes markup, inner ...markup) markup {
	return "<" + name + attributes + ">" + join(inner...) + "</" + name + ">"
}

// line is an element that ends its line, so that two pages can be compared.
func line(name, attributes markup, inner ...markup) markup {
	return tag(name, attributes, inner...) + "\n"
}

func join(parts ...markup) markup {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	var b strings.Builder
	b.Grow(size)
	for _, part := range parts {
		b.WriteString(string(part))
	}
	return markup(b.String())
}

// each is the markup of all items.
func each[T any](items []T, of func(T) markup) markup {
	parts := make([]markup, len(items))
	for i, item := range items {
		parts[i] = of(item)
	}
	return join(parts...)
}

func code(s string) markup { return tag("code", "", dotted(s)) }

// found is code that the search looks at.
func found(s string) markup { return tag("code", class("find"), dotted(s)) }

// dotted is a name that a narrow screen may break behind its dots.
func dotted(s string) markup { return markup(strings.ReplaceAll(string(text(s)), ".", ".<wbr>")) }

func link(id, says string) markup { return tag("a", attr("href", "#"+id), dotted(says)) }

// prose has what is between backticks as code.
func prose(s string) markup {
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			b.WriteString(string(code(part)))
		} else {
			b.WriteString(string(text(part)))
		}
	}
	return markup(b.String())
}

// documentation shows a Go doc comment, with its lists, code and URLs. A word in
// brackets leads nowhere, as only the page's own places are known.
func documentation(doc string) markup {
	none := func(string) (string, bool) { return "", false }
	parser := comment.Parser{LookupPackage: none}
	printer := comment.Printer{HeadingLevel: 4, HeadingID: func(*comment.Heading) string { return "" }}
	return markup(printer.HTML(parser.Parse(strings.ReplaceAll(doc, "\x00", "\uFFFD"))))
}
