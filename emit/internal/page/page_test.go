package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pageWith returns a page with all parts, in which every text is what of makes of it.
func pageWith(of func(string) string) Page {
	n := &Node{
		ID: "node-a", Name: of("Stamper"), Type: of("effect"), An: of("An effect"), Service: of("stamping"), Package: of("example.com/a"),
		Doc: of("Stamper stamps."), Refused: of("it is late"), Operations: []Operation{{of("stamp"), of("In"), of("Out")}, {Name: of("x")}},
	}
	for _, stage := range []string{"started", "completed", "failed", "changed", "recorded"} {
		n.Events = append(n.Events, &Event{
			ID: "event-" + stage, Node: n, Type: of("effect.stamp." + stage), Stage: stage, Of: of("stamp"), Says: of("The node says so."),
			Topics: []Named{{of("topic"), of("a.b.c")}}, Types: []Named{{of("input"), of("In")}}, Keys: []Named{{of("record key"), of("The partition key")}}, Method: of("PublishStampStarted"),
			Payload: Table{of("Payload"), []Field{{of("operation"), of("text"), of("The operation.")}}}, Examples: []Named{{of("V1"), of(`{"a": 1}`)}},
		})
	}
	other := &Node{ID: "node-b", Name: of("Other"), Type: of("compute"), Service: of("stamping")}
	other.Events = []*Event{{ID: "event-b", Node: other, Type: of("compute.x.started"), Stage: "started", Of: of("x")}}
	return Page{
		Title: of("Events"), About: of("One node."), Services: []Service{{of("stamping"), []*Node{n, other}}},
		Envelope: []Table{{of("Envelope"), []Field{{of("event_id"), of("UUID"), of("Its id.")}}}},
		Run: &Run{Events: 4, Foreign: 1, Seen: map[*Event]int{n.Events[0]: 2}, Causes: []Cause{
			{n.Events[0], n.Events[1], 1}, {n.Events[0], other.Events[0], 2}, {other.Events[0], n.Events[3], 3},
		}},
	}
}

// What stands in a text changes no element and no attribute of the page, and is
// there to be read.
func TestTextIsNoMarkup(t *testing.T) {
	plain := structure(t, pageWith(func(s string) string { return s }).Render())
	for _, hostile := range []string{
		"<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", `"><b onclick="alert(1)"`, "' onload='x", "&lt;b&gt;", "<!--", "]]>", "</title></style>", "\x00<b>",
	} {
		page := pageWith(func(s string) string { return s + " " + hostile })
		got := structure(t, page.Render())
		if !slices.Equal(got.elements, plain.elements) {
			t.Errorf("%q changes the elements of the page", hostile)
		}
		if want := strings.ReplaceAll(hostile, "\x00", "\uFFFD"); strings.Count(got.text, want) < strings.Count(plain.text, "Stamper") {
			t.Errorf("%q cannot be read on the page", hostile)
		}
	}
}

type seen struct {
	elements []string // with the names of their attributes
	text     string
}

func structure(t *testing.T, src []byte) (s seen) {
	t.Helper()
	src = bytes.Replace(src, []byte(script), nil, 1) // which is no XML
	dec := xml.NewDecoder(bytes.NewReader(src))
	dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return s
		case err != nil:
			t.Fatalf("%v in\n%s", err, src)
		}
		switch token := token.(type) {
		case xml.StartElement:
			about := token.Name.Local
			for _, a := range token.Attr {
				about += " " + a.Name.Local
			}
			s.elements = append(s.elements, about)
		case xml.CharData:
			s.text += string(token)
		case xml.Comment:
			s.elements = append(s.elements, "comment")
		}
	}
}

// Every id is there once, and every link of the page leads to one.
func TestLinksLeadSomewhere(t *testing.T) {
	src := string(pageWith(func(s string) string { return s }).Render())
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(src, -1) {
		if ids[m[1]] {
			t.Errorf("two are called %s", m[1])
		}
		ids[m[1]] = true
	}
	links := regexp.MustCompile(` href="#([^"]*)"`).FindAllStringSubmatch(src, -1)
	for _, m := range links {
		if !ids[m[1]] {
			t.Errorf("%s leads nowhere", m[0])
		}
	}
	if len(links) < 20 {
		t.Errorf("%d links", len(links))
	}
}

// A page names nothing outside of it, and lets only its own style and script in.
func TestPageNeedsNoOther(t *testing.T) {
	src := string(pageWith(func(s string) string { return s }).Render())
	if found := regexp.MustCompile(`(?i)(src|href|url)\s*[=(]\s*["']?(https?:|//)|@import`).FindString(src); found != "" {
		t.Errorf("the page names %s", found)
	}
	policy := fmt.Sprintf("default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src %s; script-src %s", hash(style), hash(script))
	if !strings.Contains(src, policy) {
		t.Errorf("the page has no policy %s", policy)
	}
	if size := len(style) + len(script); size > 20_000 {
		t.Errorf("style and script have %d bytes", size)
	}
}

// A doc comment keeps its paragraphs, lists and code; its words in brackets stay.
func TestDocumentation(t *testing.T) {
	got := string(documentation("It stamps [Document].\n\nAnd:\n  - one\n  - two <b>\n\nSee https://example.com/a?b=1&c=2:\n\n\tx < y\n"))
	for _, want := range []string{
		"<p>It stamps [Document].", "<li>one", "two &lt;b&gt;", `<a href="https://example.com/a?b=1&amp;c=2">`, "<pre>x &lt; y\n</pre>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got := documentation("[javascript:alert(1)]\n\n[a]: javascript:alert(1)\n"); strings.Contains(string(got), "<a") {
		t.Errorf("a link in %s", got)
	}
}
