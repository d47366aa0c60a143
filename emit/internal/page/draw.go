package page

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// stages are what there is to see of each kind of event, beside its colour.
var stages = []struct{ name, shape string }{
	{"started", "M5 0A5 5 0 1 1 5-.01M1 0A1 1 0 1 1 1-.01"},
	{"completed", "M-5 0-1 4 5-5"},
	{"failed", "M-4-4 4 4M4-4-4 4"},
	{"changed", "M-5-2H4L1-5M5 2H-4L-1 5"},
	{"recorded", "M-4 5V1M0 5V-2M4 5V-5"},
}

func glyph(stage string) markup {
	return tag("svg", class("glyph "+stage)+` viewBox="-7 -7 14 14" aria-hidden="true"`, use(stage))
}

func use(stage string) markup { return tag("use", attr("href", "#glyph-"+stage)) }

// glyphs are the shapes that the whole page uses.
func glyphs() markup {
	return line("svg", ` class="glyphs" width="0" height="0" aria-hidden="true"`, tag("defs", "",
		each(stages, func(s struct{ name, shape string }) markup {
			return tag("path", attr("id", "glyph-"+s.name)+attr("d", s.shape))
		}),
		`<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8Z"/></marker>`))
}

// most is how many nodes a picture may have to be seen at once.
const most = 24

// overview is the picture, and in words what its arrows say.
func (p Page) overview() markup {
	if len(p.Services) == 0 {
		return ""
	}
	says := "Each box is a node, and each sign in it leads to an event."
	var causes []Cause
	if p.Run != nil {
		causes = p.Run.Causes
		says += " An arrow leads from what has caused events to these."
	}
	open := attr("open", "")
	if len(p.nodes()) > most {
		open = ""
	}
	return glyphs() + line("section", class("whole")+attr("id", "picture"), "\n",
		line("h2", "", "The nodes and their events"),
		p.about(),
		line("details", open, "\n",
			line("summary", "", "Picture"),
			line("p", class("quiet"), text(says)),
			line("ul", class("legend"), each(stages, func(s struct{ name, shape string }) markup {
				return tag("li", "", glyph(s.name), text(s.name))
			})),
			line("div", ` class="wide" role="region" tabindex="0" aria-label="Picture of the nodes"`, newPicture(p.nodes(), causes).draw())),
		p.causes())
}

// about says what the run was.
func (p Page) about() markup {
	if p.Run == nil {
		return ""
	}
	says := "A run has shown " + count(p.Run.Events, "event")
	if p.Run.Foreign > 0 {
		says += fmt.Sprintf(", of which %d belong to no node here", p.Run.Foreign)
	}
	return line("p", "", text(says+"."))
}

// causes lists what has caused what, apart from the ends of operations.
func (p Page) causes() markup {
	if p.Run == nil {
		return ""
	}
	var rows markup
	for _, c := range p.Run.Causes {
		if c.From.Node != c.To.Node || c.From.Of != c.To.Of {
			rows += row(full(c.From), full(c.To), text(fmt.Sprint(c.Times)))
		}
	}
	if rows == "" {
		return ""
	}
	return columns("causes", "What has caused what in the run, apart from the ends of operations", []markup{"cause", "event", "times"}, rows)
}

func (p *picture) draw() markup {
	size := attr("viewBox", fmt.Sprintf("0 0 %d %d", p.width, p.height)) +
		attr("width", fmt.Sprint(p.width)) + attr("height", fmt.Sprint(p.height))
	return line("svg", class("picture")+size+` role="group" aria-label="The nodes and their events"`, "\n",
		each(p.arrows, p.arrow), each(p.boxes, p.box)) // boxes cover arrows, so that they can be read
}

func (p *picture) box(b *box) markup {
	at := attr("transform", fmt.Sprintf("translate(%d %d)", b.x, b.y))
	rows := markup("")
	for i, r := range b.rows {
		middle := headHeight + rowHeight*i + rowHeight/2
		rows += label(margin, middle+5, "", clipped(r.name, p.boxWidth-3*margin-len(r.events)*glyphWidth, letter))
		for j, e := range r.events {
			x := p.boxWidth - margin - glyphWidth*(len(r.events)-j) + glyphWidth/2
			rows += tag("a", attr("href", "#"+e.ID)+class(e.Stage)+attr("transform", fmt.Sprintf("translate(%d %d)", x, middle)),
				tag("title", "", text(e.Type)), `<rect x="-12" y="-12" width="24" height="24"/>`, use(e.Stage))
		}
	}
	return line("g", class("box")+attr("data-box", b.node.ID)+at,
		tag("rect", class("frame")+attr("width", fmt.Sprint(p.boxWidth))+attr("height", fmt.Sprint(b.height()))+attr("rx", "6")),
		tag("a", attr("href", "#"+b.node.ID), label(margin, 20, "name", clipped(b.node.Name, p.boxWidth-2*margin, letter*1.1))),
		label(margin, 37, "quiet", clipped(b.node.Type+" · "+b.node.Service, p.boxWidth-2*margin, letter)),
		rows)
}

func label(x, y int, kind, says string) markup {
	return tag("text", attr("x", fmt.Sprint(x))+attr("y", fmt.Sprint(y))+class(kind), text(says))
}

// clipped is as much of a text as there is room for.
func clipped(s string, room int, letter float64) string {
	n := int(float64(room) / letter)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:max(1, n-1)])) + "…"
}

// arrow is drawn to the left side of what stands in a later layer, and else round
// to the right side.
func (p *picture) arrow(a arrow) markup {
	x1, y1 := a.from.x+p.boxWidth, a.from.middle(a.fromRow)
	x2, y2 := a.to.x, a.to.middle(a.toRow)
	bend1, bend2 := x1+forArrows/2, x2-forArrows/2
	if a.to.layer <= a.from.layer {
		x2 += p.boxWidth
		bend1 = max(x1, x2) + forArrows/2
		bend2 = bend1
	}
	says := fmt.Sprintf("%s of %s has caused %s of %s %s", a.from.rows[a.fromRow].name, a.from.node.Name, a.to.rows[a.toRow].name, a.to.node.Name, times(a.times))
	return line("path", class("arrow")+attr("data-ends", a.from.node.ID+" "+a.to.node.ID)+attr("d", fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, bend1, y1, bend2, y2, x2, y2))+
		` marker-end="url(#head)"`, tag("title", "", text(says)))
}
